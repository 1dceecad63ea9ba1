import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** A pair in `both`, and another project on the same GitLab that the same key may write to. */
async function withTrap(pair: Pair): Promise<{ trap: string; trapUrl: string; clone: string }> {
  const trap = path.join(path.dirname(pair.gitlab), 'trap.git');
  fs.mkdirSync(trap);
  await pair.must(trap, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
  await pair.must(trap, 'config', 'receive.advertisePushOptions', 'true');
  await pair.must(pair.old, 'push', '--quiet', trap, 'main');
  await pair.move('mirror');
  await pair.move('both');
  return { trap, trapUrl: pair.config.gitlabUrl.replace('app.git', 'trap.git'), clone: await pair.clone('old', 'ada') };
}

/** Where main is in the project that is a trap. */
async function mainIn(pair: Pair, trap: string): Promise<string> {
  return pair.letters.of((await pair.must(trap, 'rev-parse', 'main')).trim());
}

type Setting = (url: string, trapUrl: string) => string;
const redirects: readonly (readonly [string, Setting])[] = [
  ['url.*.insteadOf', (url, trapUrl) => `[url "${trapUrl}"]\n\tinsteadOf = ${url}\n`],
  [
    'url.*.pushInsteadOf on one line behind another section',
    (url, trapUrl) => `[core] [URL "${trapUrl}"] pushInsteadOf = ${url}\n`,
  ],
  ['remote.<our url>.pushurl', (url, trapUrl) => `[remote "${url}"]\n\turl = ${url}\n\tpushurl = ${trapUrl}\n`],
  [
    'remote.<our url>, its name written with backslashes',
    (url, trapUrl) => `[remote "${url.replace('ssh:/', 's\\sh\\:\\/')}"]\n\turl = ${trapUrl}\n`,
  ],
  [
    'remote.<our url>.receivepack',
    (url) => `[remote "${url}"]\n\turl = ${url}\n\treceivepack = touch ran; git-receive-pack\n`,
  ],
];

for (const [name, setting] of redirects) {
  test(`a configuration that gets ${name} later sends no acknowledged push elsewhere`, async (t) => {
    const pair = await pairIn(t, 'old');
    const { trap, trapUrl, clone } = await withTrap(pair);
    const file = path.join(pair.old, 'config');
    const [content, date] = [fs.readFileSync(file, 'utf8'), new Date(Date.now() - 3_600_000)];
    fs.appendFileSync(file, setting(pair.config.gitlabUrl, trapUrl));
    fs.utimesSync(file, date, date);
    await pair.commit(clone, 'A');
    const seen = await pair.git(clone, 'push', 'origin', 'main');
    assert.match(seen.output, /remote: Cannot use .*its configuration redirects git[\s\S]*remote: Nothing was taken/);
    assert.equal(await mainIn(pair, trap), 'S1');
    await assertLevel(pair, 'main S1');
    await assert.rejects(pair.pass(), /config-redirects/);
    assert.deepEqual(
      (await pair.call('verify', { paths: [] })).faults.map(({ code }) => code),
      ['config-redirects'],
    );
    assert.deepEqual((await pair.call('status', { paths: [] })).faults.map(({ code }) => code).slice(0, 1), [
      'config-redirects',
    ]);
    const { repositories } = await pair.call('inspect', {
      repositories: [
        { config: pair.config, to: 'warn', consent: { abandon: false, unhookedWriters: false, endOlderPushes: false } },
      ],
    });
    assert.equal(repositories[0]?.refusals[0]?.code, 'config-redirects');
    fs.writeFileSync(file, content);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await assertLevel(pair, 'main A');
    assert.equal(await mainIn(pair, trap), 'S1');
  });
}

test('an include that comes later, and could take our hooks away, stops the passes until it is gone', async (t) => {
  const pair = await pairIn(t, 'old');
  await withTrap(pair);
  fs.writeFileSync(path.join(pair.folder, 'included'), '[core]\n\thooksPath = /nowhere\n');
  await pair.must(pair.old, 'config', 'include.path', path.join(pair.folder, 'included'));
  await assert.rejects(pair.pass(), /config-redirects.*include\.path/);
  assert.equal((await pair.call('status', { paths: [] })).faults[0]?.code, 'config-redirects');
  await pair.must(pair.old, 'config', '--unset', 'include.path');
  assert.deepEqual((await pair.pass()).troubles, []);
});

const commands = [
  'core.sshCommand',
  'core.fsmonitor',
  'core.alternateRefsCommand',
  'core.askPass',
  'core.pager',
  'core.editor',
  'core.gitProxy',
  'credential.helper',
  'gpg.program',
  'diff.external',
  'pager.log',
  'pager.config',
  'sequence.editor',
  'uploadpack.packObjectsHook',
  'alias.push',
  'alias.fetch',
  'trailer.x.command',
  'filter.x.smudge',
  'merge.x.driver',
] as const;
const switches = [
  ['ssh.variant', 'simple'],
  ['log.showSignature', 'true'],
  ['color.ui', 'always'],
  ['push.gpgSign', 'true'],
  ['fetch.recurseSubmodules', 'true'],
  ['maintenance.auto', 'true'],
  ['protocol.ssh.allow', 'never'],
] as const;

/** Every setting that names a command names one that leaves a trace: answers the file of traces. */
async function nameCommands(pair: Pair): Promise<string> {
  const [ran, program] = [path.join(pair.folder, 'ran'), path.join(pair.folder, 'program')];
  fs.writeFileSync(program, `#!/bin/sh\necho "$0 $*" >>${ran}\n`, { mode: 0o755 });
  for (const key of commands) await pair.must(pair.old, 'config', key, program);
  for (const [key, value] of switches) await pair.must(pair.old, 'config', key, value);
  return ran;
}

test("no command that the repository's configuration names runs in a pass, a push or a look", async (t) => {
  const pair = await pairIn(t, 'old');
  const { trap, clone } = await withTrap(pair);
  fs.writeFileSync(path.join(pair.old, 'objects/info/alternates'), `${path.join(trap, 'objects')}\n`);
  const ran = await nameCommands(pair);
  const web = await pair.clone('gitlab', 'web');
  await pair.commit(web, 'A');
  await pair.must(web, 'push', '--quiet', 'origin', 'main');
  fs.rmSync(ran, { force: true });
  await pair.pass();
  await pair.call('verify', { paths: [] });
  await pair.must(pair.old, 'update-ref', 'refs/heads/stray', 'main~1');
  await pair.pass();
  const settlement = { keep: 'gitlab', reason: '', who: 'ada', apply: false } as const;
  await pair.call('resolve', { path: pair.old, ref: 'refs/heads/stray', ...settlement });
  assert.equal(fs.existsSync(ran), false, 'a pass, verify or resolve ran it');
  await pair.must(pair.old, 'config', '--unset', 'core.alternateRefsCommand');
  await pair.must(clone, 'pull', '--quiet');
  await pair.commit(clone, 'B');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /GitLab has main at/);
  assert.equal(fs.existsSync(ran), false, fs.existsSync(ran) ? fs.readFileSync(ran, 'utf8') : '');
  await assertLevel(pair, 'main B');
});

test('hooks and settings in pushed content are content: nothing of a pushed .git, hooks folder or .gitmodules runs', async (t) => {
  const pair = await pairIn(t, 'old');
  const { clone } = await withTrap(pair);
  const ran = path.join(pair.folder, 'ran');
  for (const name of [
    'hooks/post-receive',
    'hooks/pre-receive',
    'git-handover/hooks/pre-receive',
    '.githooks/update',
  ]) {
    fs.mkdirSync(path.dirname(path.join(clone, name)), { recursive: true });
    fs.writeFileSync(path.join(clone, name), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
  }
  fs.writeFileSync(
    path.join(clone, '.gitmodules'),
    `[submodule "x"]\n\tpath = x\n\turl = ext::touch ${ran}\n\tupdate = !touch ${ran}\n`,
  );
  fs.writeFileSync(path.join(clone, '.gitattributes'), '* filter=x diff=x merge=x\n');
  fs.symlinkSync('/etc/passwd', path.join(clone, 'link'));
  await pair.commit(clone, 'A');
  await pair
    .must(clone, 'push', '--quiet', '--push-option=ci.variable=$(touch ran)', 'origin', 'main')
    .catch(async () => pair.must(clone, 'push', '--quiet', 'origin', 'main'));
  await pair.pass();
  assert.equal(fs.existsSync(ran), false);
  await assertLevel(pair, 'main A');
});
