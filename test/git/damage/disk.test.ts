import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides, bothSides } from '../kit/ending';
import { updateRefs } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

const asRoot = { skip: process.getuid?.() === 0 ? false : 'mounting a small file system needs root' };

test('GitLab lost eleven of twelve branches: the pass stops, and old keeps them', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const lost = Array.from({ length: 11 }, (_, index) => `lost-${index}`);
  await pair.must(clone, 'push', '--quiet', 'origin', ...lost.map((name) => `HEAD:refs/heads/${name}`));
  // Before a pass has seen the push, each of them would wait for itself: `doubtful`.
  await pair.pass();
  updateRefs(
    pair.gitlab,
    lost.map((name) => `delete refs/heads/${name}`),
  );
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind }) => kind),
    ['stopped'],
  );
  const kept = [...lost].sort().map((name) => `${name} A`);
  await assertSides(pair, { old: [...kept, 'main S1'].join(', '), gitlab: 'main S1' });
});

for (const [what, spoil] of [
  ['an empty loose ref', (file: string) => fs.writeFileSync(file, '')],
  ['a dangling loose ref', (file: string) => fs.writeFileSync(file, `${'1234567890'.repeat(4)}\n`)],
] as const) {
  test(`both: ${what} on old is moved aside and mended from GitLab; pushes go on`, async (t) => {
    const pair = await pairIn(t, 'both', { commits: 2 });
    const clone = await pair.clone('old', 'ada');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main:other');
    spoil(path.join(pair.old, 'refs/heads/other'));
    await pair.pass();
    await assertLevel(pair, 'main S2, other S2');
    assert.equal(fs.readdirSync(path.join(pair.state, 'aside')).length, 1);
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await assertLevel(pair, 'main A, other S2');
  });

  test(`mirror: ${what} on old is shown as damaged, GitLab keeps its value, other refs go on`, async (t) => {
    const pair = await pairIn(t, 'mirror', { commits: 2 });
    const clone = await pair.clone('old', 'ada');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main:other');
    await pair.pass();
    spoil(path.join(pair.old, 'refs/heads/other'));
    const status = await pair.pass();
    assert.deepEqual(
      status.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
      ['refs/heads/other damaged'],
    );
    assert.equal((await bothSides(pair)).gitlab, 'main S2, other S2');
  });
}

test(
  'a ref that git cannot read is moved aside also where the state lies on another disk than the repository',
  asRoot,
  async (t) => {
    const pair = await pairIn(t, 'both');
    const clone = await pair.clone('old', 'ada');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main:other');
    const aside = path.join(pair.state, 'aside');
    fs.mkdirSync(aside);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', aside]);
    try {
      fs.writeFileSync(path.join(pair.old, 'refs/heads/other'), '');
      await pair.pass();
      await assertLevel(pair, 'main S1, other S1');
      assert.equal(fs.readdirSync(aside).length, 1);
    } finally {
      execFileSync('umount', [aside]);
    }
  },
);

test('both: hooks that lost their execute bit, their folder or the configuration that names them are put back by the next pass', async (t) => {
  const pair = await pairIn(t, 'both');
  const hook = path.join(pair.old, 'git-handover/hooks/pre-receive');
  fs.chmodSync(hook, 0o644);
  await pair.pass();
  assert.equal(fs.statSync(hook).mode & 0o777, 0o755);
  fs.rmSync(path.join(pair.old, 'git-handover'), { recursive: true });
  await pair.pass();
  await pair.must(pair.old, 'config', '--unset', 'core.hooksPath');
  await pair.pass();
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.match(await pair.must(clone, 'push', 'origin', 'main'), /GitLab has main/);
  await assertLevel(pair, 'main A');
});

test('a state file that is gone or cut short: pushes are refused with a sentence, and nothing moves', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const file = path.join(pair.state, 'state');
  const whole = fs.readFileSync(file, 'utf8');
  for (const spoil of [
    () => fs.writeFileSync(file, ''),
    () => fs.writeFileSync(file, whole.slice(0, whole.length / 2)),
    () => fs.rmSync(file),
    () => fs.renameSync(pair.agentFolder, `${pair.agentFolder}.away`),
  ]) {
    spoil();
    const seen = await pair.git(clone, 'push', 'origin', 'main');
    assert.equal(seen.code, 1);
    assert.match(seen.output, /state for this repository[\s\S]*cannot be read/);
  }
  fs.renameSync(`${pair.agentFolder}.away`, pair.agentFolder);
  fs.writeFileSync(file, whole);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
});

/** A full disk for real: the pushes folder on a tmpfs of one page, already filled. Only root can mount. */
function fillPushes(pair: Pair): () => void {
  const folder = path.join(pair.state, 'pushes');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=20', 'tmpfs', folder]);
  fs.writeFileSync(path.join(folder, 'filler'), Buffer.alloc(4096));
  return () => execFileSync('umount', [folder]);
}

for (const phase of ['mirror', 'both'] as const) {
  test(
    `${phase}: a full state disk refuses the push and says so; with room again it goes through`,
    asRoot,
    async (t) => {
      const pair = await pairIn(t, phase);
      const clone = await pair.clone('old', 'ada');
      await pair.commit(clone, 'A');
      const free = fillPushes(pair);
      try {
        const seen = await pair.git(clone, 'push', 'origin', 'main');
        assert.equal(seen.code, 1);
        assert.match(seen.output, /cannot be written down first/);
      } finally {
        free();
      }
      await pair.must(clone, 'push', '--quiet', 'origin', 'main');
      await pair.pass();
      await assertLevel(pair, 'main A');
    },
  );
}

test("old: a full state disk stops nobody, and the repository's own hook still sees every ref", asRoot, async (t) => {
  const pair = await pairIn(t, 'old');
  fs.writeFileSync(
    path.join(pair.old, 'hooks/pre-receive'),
    '#!/bin/sh\nwhile read -r before after ref; do echo "saw $ref"; done\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  // The lab unmounts what lies inside it when it closes.
  fillPushes(pair);
  const seen = await pair.must(clone, 'push', 'origin', 'main', 'main:a', 'main:b');
  assert.deepEqual(
    [...seen.matchAll(/saw (\S+)/g)].map((match) => match[1]),
    ['refs/heads/main', 'refs/heads/a', 'refs/heads/b'],
  );
  await assertSides(pair, { old: 'a A, b A, main A', gitlab: '' });
});

test("push.followTags in the repository's configuration adds no tag to a relayed push", async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.old, 'config', 'push.followTags', 'true');
  await pair.must(pair.old, 'config', 'push.pushOption', 'merge_request.create');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'tag', '-m', 'annotated', 'v1');
  await pair.must(clone, 'push', '--quiet', '--no-follow-tags', 'origin', 'main');
  await assertLevel(pair, 'main A');
});

test("url.* in the repository's configuration keeps it in old, with a sentence", async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.call('detach', { path: pair.old });
  await pair.must(pair.old, 'config', 'url.file:///tmp/elsewhere.insteadOf', 'ssh://');
  await assert.rejects(pair.call('attach', { config: pair.config }), /its configuration redirects git, it sets url\./);
});

test('what is no bare, whole, plain repository is refused with its reason', async (t) => {
  const pair = await pairIn(t, 'old');
  const at = (name: string): string => path.join(pair.folder, name);
  fs.mkdirSync(at('plain'));
  await pair.must(pair.folder, 'init', '--quiet', at('work'));
  await pair.must(pair.folder, 'clone', '--quiet', '--bare', '--depth=1', `file://${pair.old}`, at('shallow.git'));
  await pair.must(pair.folder, 'init', '--quiet', '--bare', '--object-format=sha256', at('sha256.git'));
  const rows: [string, RegExp][] = [
    ['nothing', /nothing is/],
    ['plain', /HEAD, objects or config is missing/],
    ['work', /work tree/],
    ['sha256.git', /extensions\.objectformat/],
  ];
  for (const [name, words] of rows)
    await assert.rejects(pair.call('attach', { config: { ...pair.config, path: at(name) } }), words, name);
  fs.writeFileSync(path.join(at('shallow.git'), 'shallow'), '');
  await assert.rejects(pair.call('attach', { config: { ...pair.config, path: at('shallow.git') } }), /shallow/);
});

test("a copy of a repository refuses pushes instead of sending them to the original's project", async (t) => {
  const pair = await pairIn(t, 'both');
  const copy = `${pair.old}-copy`;
  fs.cpSync(pair.old, copy, { recursive: true });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.match((await pair.git(clone, 'push', copy, 'main')).output, /this repository is a copy/);
  await assertLevel(pair, 'main S1');
});
