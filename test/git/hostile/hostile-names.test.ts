import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { until } from '../../lab/processes';
import { run } from '../kit/command';
import { assertLevel, bothSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';
import { rawPush } from '../kit/rawpush';

const zeros = '0'.repeat(40);

async function mainOf(pair: Pair): Promise<string> {
  return (await pair.must(pair.old, 'rev-parse', 'main')).trim();
}

/** No lease is left, and both sides have main alone, where it was. */
async function onlyMain(pair: Pair, at: string, name: string): Promise<void> {
  assert.deepEqual(await bothSides(pair), { old: `main ${at}`, gitlab: `main ${at}` }, name);
  assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), [], name);
}

/** Main, and these branches and tags, all at main's commit: in the order of their bytes, as git lists them. */
async function pictureOf(pair: Pair, branches: readonly string[], tags = branches): Promise<string> {
  const main = await mainOf(pair);
  const refs = [
    ...['main', ...branches].map((name) => `refs/heads/${name}`),
    ...tags.map((name) => `refs/tags/${name}`),
  ];
  const sorted = refs.map((ref) => Buffer.from(ref)).sort((a, b) => a.compare(b));
  return pair.letters.draw(sorted.map((ref) => `${ref.toString()} ${main}`).join('\n'));
}

test('a client that sends names which git refuses is refused at once, and nothing is sent or left behind', async (t) => {
  const pair = await pairIn(t, 'both');
  const main = await mainOf(pair);
  const below = (part: string): string => `refs/heads/${part}`;
  const names = [
    ...[
      'a b',
      '../../config',
      '..',
      'x/../main',
      'x.lock',
      'x.lock/y',
      '*',
      '@{u}',
      '\x1b[31mred',
      'a//b',
      '.hidden',
      'a/',
      'end.',
      'a\\b',
      '?',
      '~1',
    ].map(below),
    '',
    '-x',
    '--receive-pack=touch ran',
    'HEAD',
    'config',
    '+refs/heads/p',
    below('l'.repeat(60_000)),
    below('$(touch ran)'),
    below('`touch ran`'),
    below('x;touch ran'),
  ];
  for (const name of names) {
    const said = await rawPush(pair, [{ before: zeros, after: main, name }]);
    assert.match(said, /Nothing was taken/, `${name.slice(0, 60)}: ${said.slice(0, 300)}`);
    assert.doesNotMatch(said, /unknown|failed on this server/, name.slice(0, 60));
    await onlyMain(pair, 'S1', name.slice(0, 60));
  }
  for (const folder of [pair.old, pair.folder, pair.state, process.cwd()])
    assert.equal(fs.existsSync(path.join(folder, 'ran')), false);
});

test('twenty names that no command could hold are refused, not called unknown', async (t) => {
  const pair = await pairIn(t, 'both');
  const main = await mainOf(pair);
  const said = await rawPush(
    pair,
    Array.from({ length: 20 }, (_all, index) => ({
      before: zeros,
      after: main,
      name: `refs/heads/${index}/${'l'.repeat(64_000)}`,
    })),
  );
  assert.match(said, /git does not take the name|too long/);
  await onlyMain(pair, 'S1', 'long names');
});

test('one ref twice in one push is refused at once, as git itself refuses it, and keeps no move from happening', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  const main = await mainOf(pair);
  const older = (await pair.must(pair.old, 'rev-parse', 'main~1')).trim();
  const name = 'refs/heads/twice';
  const twice = [main, older].map((after) => ({ before: zeros, after, name }));
  assert.match(await rawPush(pair, twice), /ng refs\/heads\/twice/);
  await pair.pass();
  await onlyMain(pair, 'S2', 'mirror');
  await pair.move('both');
  for (const updates of [twice, [...twice, { before: zeros, after: main, name: 'refs/heads/odd$name' }]]) {
    const began = performance.now();
    const said = await rawPush(pair, updates);
    assert.match(said, /Cannot take this push: it sets twice more than once\.\s+(.{1,4}remote: )?Nothing was taken/);
    assert.ok(performance.now() - began < 8_000, said);
    await onlyMain(pair, 'S2', 'both');
  }
  assert.equal((await pair.move('warn')).phase, 'warn');
});

test('a line break in a name forges no update: what comes after it is judged like any other', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const main = await mainOf(pair);
  const before = (await pair.must(pair.old, 'rev-parse', 'main~1')).trim();
  fs.writeFileSync(
    path.join(pair.old, 'hooks/update'),
    '#!/bin/sh\n[ "$1" != refs/heads/main ] || { echo "main is closed" >&2; exit 1; }\n',
    { mode: 0o755 },
  );
  const said = await rawPush(pair, [
    { before: zeros, after: main, name: `refs/heads/x\n${main} ${before} refs/heads/main` },
  ]);
  assert.match(said, /main is closed/);
  await onlyMain(pair, 'S2', 'forged line');
});

test('names that mean something to a shell or an option parser are only names, through all phases', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const names = [
    '-x',
    '--force',
    '--mirror',
    'a;b',
    "a'b",
    'a"b',
    '$HOME',
    '$(id)',
    '`id`',
    'a|b',
    'a&b',
    'a<b',
    '%s%n',
    '#c',
    '!x',
    '{a,b}',
    'a=b,c',
    '(x)',
    'gr\u00fcn',
    '\u65e5\u672c',
    '$IFS',
  ];
  for (const name of names)
    await pair.must(clone, 'push', '--quiet', 'origin', `main:refs/heads/${name}`, `main:refs/tags/${name}`);
  await assertLevel(pair, await pictureOf(pair, names));
  for (const name of names) await pair.must(pair.gitlab, 'update-ref', '-d', `refs/heads/${name}`);
  await pair.pass();
  const [status] = (await pair.call('status', { paths: [] })).repositories;
  assert.deepEqual(status?.taken?.map(({ ref }) => ref).sort(), names.map((name) => `refs/heads/${name}`).sort());
  await assertLevel(pair, await pictureOf(pair, [], names));
});

test('names of thousands of bytes do not stop the copying of a repository', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'eve');
  const long = Array.from({ length: 15 }, () => 'l'.repeat(240)).join('/');
  const main = (await pair.must(clone, 'rev-parse', 'main')).trim();
  for (let part = 0; part < 3; part += 1)
    await rawPush(
      pair,
      Array.from({ length: 75 }, (_all, index) => ({
        before: zeros,
        after: main,
        name: `refs/heads/${part}-${index}/${long}`,
      })),
    );
  await until('a pass to copy them', async () => (await pair.refs('old')) === (await pair.refs('gitlab')), 60_000);
  const copied = Array.from({ length: 3 * 75 }, (_all, index) => `${Math.floor(index / 75)}-${index % 75}/${long}`);
  await assertLevel(pair, await pictureOf(pair, copied, []));
});

test('a default branch on GitLab whose name is more than ASCII becomes the HEAD of old by the same bytes', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.gitlab, 'branch', 'gr\u00fcn', 'main');
  await pair.must(pair.gitlab, 'symbolic-ref', 'HEAD', 'refs/heads/gr\u00fcn');
  await pair.pass();
  assert.equal(fs.readFileSync(path.join(pair.old, 'HEAD'), 'utf8'), 'ref: refs/heads/gr\u00fcn\n');
  await assertLevel(pair, 'gr\u00fcn S1, main S1');
});

test('a line break in what the session says of its pusher forges no line of the lease', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const kept = path.join(pair.folder, 'lease');
  fs.writeFileSync(path.join(pair.old, 'hooks/pre-receive'), `#!/bin/sh\ncat ${pair.state}/pushes/*[0-9] >${kept}\n`, {
    mode: 0o755,
  });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const env = {
    PATH: process.env['PATH'],
    HOME: path.join(pair.folder, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GL_USER: 'eve\nended\nrefused',
    SSH_CONNECTION: '10.0.0.1\nsent 1 2 3 4',
  };
  assert.equal((await run('git', ['push', 'origin', 'main'], { cwd: clone, env })).code, 0);
  assert.match(fs.readFileSync(kept, 'utf8'), /^enter [0-9.]+\nact \d+ mirror\n$/);
});

for (const phase of ['mirror', 'both'] as const) {
  test(`${phase}: a branch whose name ends in à is pushed, forced and deleted like any other`, async (t) => {
    const pair = await pairIn(t, phase);
    const clone = await pair.clone('old', 'ada');
    await pair.must(
      clone,
      'push',
      '--quiet',
      'origin',
      'main:refs/heads/voilà',
      'main:refs/heads/à',
      'main:refs/tags/à-la-carte',
    );
    await pair.amend(clone, 'A');
    await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main:refs/heads/voilà', ':refs/heads/à');
    for (let passes = 0; passes < 3; passes += 1) assert.deepEqual((await pair.pass()).troubles, []);
    await assertLevel(pair, 'main S1, voilà A, tag:à-la-carte S1');
    assert.doesNotMatch(
      fs.readFileSync(path.join(pair.agentFolder, 'log/agent.jsonl'), 'utf8'),
      /unhooked-change/,
      'its records are read',
    );
  });
}
