/** A configuration that is changed after the agent looked at it, and before git reads it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Git } from '../../../agent/rules/ports';
import type { Oid, RefName, Update } from '../../../agent/rules/values';
import { gitOf } from '../kit/agentgit';
import { pairIn, type Pair } from '../kit/pair';
import { standBefore } from '../kit/swap';

const moment = standBefore();
const known = execFileSync('git', ['help', '--config'], { encoding: 'utf8' }).split('\n');

interface Trap {
  readonly pair: Pair;
  readonly git: Git;
  /** Another project that the same key may write to, with a commit of its own. */
  readonly trap: string;
  readonly trapUrl: string;
  readonly secret: Oid;
  readonly tip: Oid;
}

async function setTrap(t: TestContext, phase: 'mirror' | 'both' = 'mirror'): Promise<Trap> {
  const pair = await pairIn(t, phase, { commits: 3, limits: { fence: false } });
  const trap = path.join(path.dirname(pair.gitlab), 'trap.git');
  fs.mkdirSync(trap);
  await pair.must(trap, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
  await pair.must(trap, 'config', 'receive.advertisePushOptions', 'true');
  const mallory = await pair.clone('old', 'mallory');
  const tip = (await pair.must(mallory, 'rev-parse', 'HEAD')).trim() as Oid;
  await pair.must(mallory, 'push', '--quiet', trap, 'main');
  const secret = (await pair.commit(mallory, 'secret')) as Oid;
  await pair.must(mallory, 'push', '--quiet', trap, 'HEAD:refs/heads/secret');
  const git = gitOf(pair);
  return { pair, git, trap, trapUrl: pair.config.gitlabUrl.replace('app.git', 'trap.git'), secret, tip };
}

type Plant = (trap: Trap) => string;

/** A shell script that appends to the repository's configuration. */
function adds(text: string, pair: Pair): string {
  return `cat >>'${pair.old}/config' <<'END'\n${text}\nEND\n`;
}

const redirects: readonly (readonly [string, Plant])[] = [
  ['url.*.insteadOf', ({ pair, trapUrl }) => adds(`[url "${trapUrl}"]\n\tinsteadOf = ${pair.config.gitlabUrl}`, pair)],
  [
    'remote.<our url>.url',
    ({ pair, trapUrl }) => adds(`[remote "${pair.config.gitlabUrl}"]\n\turl = ${trapUrl}`, pair),
  ],
  [
    'a commondir with a configuration of its own',
    ({ pair, trap, trapUrl }) =>
      `cp -r '${pair.old}' '${pair.folder}/other.git'
git config --file '${pair.folder}/other.git/config' 'url.${trapUrl}.insteadOf' '${pair.config.gitlabUrl}'
echo '${pair.folder}/other.git' >'${pair.old}/commondir'
: '${trap}'\n`,
  ],
];

async function refsOf(pair: Pair, directory: string): Promise<string[]> {
  return (await pair.must(directory, 'for-each-ref', '--format=%(refname)', 'refs/heads')).trim().split('\n');
}

async function isThere(pair: Pair, oid: Oid): Promise<boolean> {
  return (await pair.git(pair.old, 'cat-file', '-e', oid)).code === 0;
}

function made(ref: string, after: Oid): Update[] {
  return [{ ref: ref as RefName, before: null, after }];
}

for (const [name, plant] of redirects) {
  test(`${name}, put in between look and git, leads no call to GitLab elsewhere`, async (t) => {
    const set = await setTrap(t);
    const { pair, git, trap, tip, secret } = set;
    const clean = fs.readFileSync(path.join(pair.old, 'config'));
    const during = async <T>(work: () => Promise<T>): Promise<T> => {
      moment.before(plant(set));
      const result = await work();
      assert.ok(moment.came());
      fs.writeFileSync(path.join(pair.old, 'config'), clean);
      fs.rmSync(path.join(pair.old, 'commondir'), { force: true });
      fs.rmSync(path.join(pair.folder, 'other.git'), { recursive: true, force: true });
      return result;
    };
    const { refs } = await during(() => git.gitlabSide());
    assert.deepEqual(
      [...refs.keys()].filter((ref) => ref.startsWith('refs/heads/')),
      ['refs/heads/main'],
    );
    await during(() => git.push(made('refs/heads/one', tip), { atomic: true, lock: null }));
    await during(() => git.push(made('refs/heads/two', tip), { atomic: false, lock: null }));
    await during(() => git.fetch(['refs/heads/secret' as RefName], null).catch(() => null));
    assert.deepEqual(await refsOf(pair, trap), ['refs/heads/main', 'refs/heads/secret']);
    assert.deepEqual(await refsOf(pair, pair.gitlab), ['refs/heads/main', 'refs/heads/one', 'refs/heads/two']);
    assert.equal(await isThere(pair, secret), false);
  });

  test(`${name}, put in between look and push, gets no push to both acknowledged elsewhere`, async (t) => {
    const set = await setTrap(t, 'both');
    const { pair, trap } = set;
    const ada = await pair.clone('old', 'ada');
    const oid = await pair.commit(ada, 'A');
    // Own hooks run after the shim looked.
    const hook = `#!/bin/sh\ntouch '${pair.folder}/came'\n${plant(set)}`;
    fs.writeFileSync(path.join(pair.old, 'hooks/pre-receive'), hook, { mode: 0o755 });
    await pair.git(ada, 'push', 'origin', 'main');
    assert.ok(fs.existsSync(path.join(pair.folder, 'came')));
    assert.notEqual((await pair.must(trap, 'rev-parse', 'main')).trim(), oid);
    assert.equal((await pair.must(pair.gitlab, 'rev-parse', 'main')).trim(), oid);
  });
}

test('fetch.bundleURI brings nothing of another project', { skip: unlessKnown('fetch.bundleURI') }, async (t) => {
  const { pair, git, trap, secret } = await setTrap(t);
  const bundle = path.join(pair.folder, 'evil.bundle');
  await pair.must(trap, 'bundle', 'create', bundle, 'refs/heads/secret');
  await pair.must(pair.old, 'config', 'fetch.bundleURI', bundle);
  assert.equal(await git.fetch(['refs/heads/main' as RefName], null), null);
  assert.equal(await isThere(pair, secret), false);
});

test('a hook that the configuration names runs in no call of ours', { skip: unlessKnown('hook.<') }, async (t) => {
  const { pair, git, tip } = await setTrap(t);
  const ran = path.join(pair.folder, 'ran');
  for (const event of ['reference-transaction', 'pre-push']) {
    await pair.must(pair.old, 'config', `hook.${event}-x.event`, event);
    await pair.must(pair.old, 'config', `hook.${event}-x.command`, `touch ${ran}`);
  }
  await assert.rejects(git.gitlabSide(), /names a hook/);
  await git.setRefs(made('refs/heads/local', tip), null);
  assert.equal(fs.existsSync(ran), false);
});

function unlessKnown(key: string): string | false {
  return known.some((line) => line.startsWith(key)) ? false : `the git here does not know ${key}`;
}

test('of all settings that git knows, none is obeyed by a call to GitLab', async (t) => {
  const { pair, git, trap, trapUrl, tip, secret } = await setTrap(t);
  const [ran, program] = [path.join(pair.folder, 'ran'), path.join(pair.folder, 'program')];
  const script = `#!/bin/sh\necho "$0 $*" >>${ran}\n`;
  fs.writeFileSync(program, script, { mode: 0o755 });
  const settings = known
    .filter((key) => key.includes('.') && !key.endsWith('*'))
    .map((key) =>
      key
        .replace('<base>', trapUrl)
        .replace('<url>', pair.config.gitlabUrl)
        .replace(/<[^>]*>/g, 'x'),
    );
  assert.ok(settings.length > 500);
  const text = settings.map((key) => lineOf(key, key.startsWith('url.') ? pair.config.gitlabUrl : program)).join('\n');
  const clean = fs.readFileSync(path.join(pair.old, 'config'));
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    moment.before(adds(text, pair));
    const result = await work();
    assert.ok(moment.came());
    fs.writeFileSync(path.join(pair.old, 'config'), clean);
    return result;
  };
  assert.equal((await during(() => git.gitlabSide())).refs.get('refs/heads/main' as RefName), tip);
  for (const atomic of [true, false])
    assert.equal((await during(() => git.push(made(`refs/heads/${atomic}`, tip), { atomic, lock: null }))).kind, 'ok');
  assert.equal(await during(() => git.fetch(['refs/heads/main' as RefName], null)), null);
  assert.deepEqual([fs.existsSync(ran), fs.readFileSync(program, 'utf8')], [false, script]);
  assert.deepEqual(await refsOf(pair, trap), ['refs/heads/main', 'refs/heads/secret']);
  assert.equal(await isThere(pair, secret), false);
});

/** `a.b.c.key` as a section, a subsection and a key. */
function lineOf(key: string, value: string): string {
  const [section, last] = [key.slice(0, key.indexOf('.')), key.slice(key.lastIndexOf('.') + 1)];
  const between = key.slice(section.length + 1, -last.length - 1);
  return `[${section}${between === '' ? '' : ` "${between}"`}]\n\t${last} = "${value}"`;
}
