/** GitLab lost or rewound what it had, against what people do there every day: only the first stops a pass. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { until } from '../../lab/processes';
import { assertLevel, assertSides, attic, bothSides } from '../kit/ending';
import { putGate } from '../kit/gate';
import { updateRefs } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

/** Branches with a commit each, T1 … on top of main, pushed to old and known to a pass. */
async function withTopics(pair: Pair, count: number): Promise<string> {
  const clone = await pair.clone('old', 'ada');
  for (let index = 1; index <= count; index += 1) {
    await pair.must(clone, 'switch', '--quiet', '--create', `topic-${index}`, 'origin/main');
    await pair.commit(clone, `T${index}`);
  }
  await pair.must(clone, 'push', '--quiet', 'origin', '--all');
  await pair.must(clone, 'switch', '--quiet', 'main');
  await pair.pass();
  return clone;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `topic-${index + 1}`);
}

/** At once, as damage comes: a pass may look at any time. */
function setBack(pair: Pair, count: number): void {
  updateRefs(
    pair.gitlab,
    names(count).map((name) => `update refs/heads/${name} refs/heads/${name}~1`),
  );
}

async function kindsAfterPass(pair: Pair): Promise<string[]> {
  return (await pair.pass()).troubles.map(({ kind }) => kind);
}

function replaceGitlab(pair: Pair, by: string): void {
  fs.rmSync(pair.gitlab, { recursive: true });
  fs.cpSync(by, pair.gitlab, { recursive: true });
}

/** The circuit breaker alone: with a fence GitLab as a whole would be `travelled` before (`test/git/fence/`). */
const unfenced = { limits: { fence: false } };

test("GitLab's project was made anew with one commit: old keeps all eight refs, until GitLab has its own back", async (t) => {
  const pair = await pairIn(t, 'both', unfenced);
  await withTopics(pair, 7);
  const before = await bothSides(pair);
  const whole = path.join(pair.folder, 'whole.git');
  fs.cpSync(pair.gitlab, whole, { recursive: true });
  const anew = path.join(pair.folder, 'anew');
  fs.mkdirSync(anew);
  await pair.must(anew, 'init', '--quiet', '--initial-branch=main', '.');
  await pair.commit(anew, 'I', 'Initial commit');
  const bare = path.join(pair.folder, 'anew.git');
  await pair.must(pair.folder, 'clone', '--quiet', '--bare', anew, bare);
  replaceGitlab(pair, bare);
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  const since = async (): Promise<string | undefined> => (await pair.pass()).troubles[0]?.since;
  assert.equal(await since(), await since(), 'it is as old as the first pass that stopped');
  assert.match((await pair.pass()).troubles[0]?.words ?? '', /default branch, main, has no commit in common/);
  await assertSides(pair, { old: before.old, gitlab: 'main I' });
  replaceGitlab(pair, whole);
  assert.deepEqual(await kindsAfterPass(pair), []);
  await assertLevel(pair, before.old);
  assert.equal(await attic(pair), '');
});

test('GitLab restored from a backup: three commits, a branch and a tag of the last hour stay on old', async (t) => {
  const pair = await pairIn(t, 'both', unfenced);
  const clone = await withTopics(pair, 5);
  const backup = path.join(pair.folder, 'backup.git');
  fs.cpSync(pair.gitlab, backup, { recursive: true });
  for (const name of ['A', 'B', 'C']) {
    await pair.commit(clone, name);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  }
  await pair.must(clone, 'tag', 'v1');
  await pair.must(clone, 'switch', '--quiet', '--create', 'late');
  await pair.commit(clone, 'L');
  await pair.must(clone, 'push', '--quiet', 'origin', 'late', 'v1');
  assert.deepEqual(await kindsAfterPass(pair), []);
  const { old } = await bothSides(pair);
  replaceGitlab(pair, backup);
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  assert.equal((await bothSides(pair)).old, old);
  assert.equal(await attic(pair), '');
});

test('GitLab restored from a backup that is older for three of eight branches: all stay on old', async (t) => {
  const pair = await pairIn(t, 'both');
  await withTopics(pair, 7);
  const before = await bothSides(pair);
  setBack(pair, 3);
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  assert.equal((await bothSides(pair)).old, before.old);
});

test('GitLab lost a third of its refs, whoever it was: they stay on old', async (t) => {
  const pair = await pairIn(t, 'both');
  await withTopics(pair, 8);
  const before = await bothSides(pair);
  updateRefs(
    pair.gitlab,
    names(3).map((name) => `delete refs/heads/${name}`),
  );
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  assert.equal((await bothSides(pair)).old, before.old);
});

test('GitLab restored from a backup that is older for 150 branches: git is not asked about each, and all stay', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const commits = (await pair.must(pair.old, 'rev-list', 'main')).trim().split('\n');
  const tree = (await pair.must(pair.old, 'rev-parse', 'main^{tree}')).trim();
  const own = (await pair.must(pair.old, 'commit-tree', '-p', 'main', '-m', 'own', tree)).trim();
  await pair.must(pair.gitlab, 'fetch', '--quiet', pair.old, own);
  const refs = Array.from({ length: 150 }, (_, index) => `refs/heads/many/b${index}`);
  for (const side of [pair.old, pair.gitlab])
    updateRefs(
      side,
      refs.map((ref) => `create ${ref} ${own}`),
    );
  assert.deepEqual(await kindsAfterPass(pair), []);
  updateRefs(
    pair.gitlab,
    refs.map((ref) => `update ${ref} ${commits[1] ?? ''}`),
  );
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  assert.equal((await pair.must(pair.old, 'rev-parse', 'many/b149')).trim(), own);
});

test('GitLab restored from a backup while people push to two of four branches: the others are not followed alone', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await withTopics(pair, 4);
  const before = await bothSides(pair);
  setBack(pair, 4);
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const pushes: Promise<unknown>[] = [];
  for (const name of names(2)) {
    await pair.must(clone, 'switch', '--quiet', name);
    await pair.commit(clone, `more-${name}`);
    pushes.push(pair.git(clone, 'push', 'origin', name));
  }
  const leases = (): number =>
    fs.readdirSync(path.join(pair.state, 'pushes')).filter((one) => /\.refs$/.test(one)).length;
  await until('two pushes to run', () => leases() === 2, 15_000);
  assert.deepEqual(await kindsAfterPass(pair), ['stopped']);
  gate.open();
  await Promise.all(pushes);
  assert.equal((await bothSides(pair)).old, before.old);
  assert.equal(await attic(pair), '');
});

test('three branches that a push through old sets back, and one that somebody sets back on GitLab: nothing stops', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await withTopics(pair, 4);
  await pair.must(pair.gitlab, 'update-ref', 'refs/heads/topic-4', 'topic-4~1');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'post-receive', 'taken');
  const push = pair.git(clone, 'push', '--force', 'origin', ...names(3).map((name) => `${name}~1:${name}`));
  await gate.arrived();
  assert.deepEqual(await kindsAfterPass(pair), []);
  gate.open();
  assert.equal((await push).code, 0);
  await assertLevel(pair, 'main S1, topic-1 S1, topic-2 S1, topic-3 S1, topic-4 S1');
});

test('somebody amends main on GitLab: old follows, and keeps what it was', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('gitlab', 'bob');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  await pair.amend(clone, 'B');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  assert.deepEqual(await kindsAfterPass(pair), []);
  await assertLevel(pair, 'main B');
  assert.equal(await attic(pair), 'heads/main A');
});

test('somebody resets one branch by one commit on GitLab: old follows', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main~1:main');
  assert.deepEqual(await kindsAfterPass(pair), []);
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/main S2');
});

test('GitLab deletes its merged branches, which are most of all refs, and tags of them: old follows', async (t) => {
  const pair = await pairIn(t, 'both');
  const ada = await withTopics(pair, 6);
  await pair.must(ada, 'merge', '--quiet', '--no-edit', ...names(6));
  await pair.name(ada, 'HEAD', 'M');
  await pair.must(ada, 'tag', '-m', 'annotated', 'before-merge', 'topic-1');
  await pair.must(ada, 'push', '--quiet', 'origin', 'main', 'before-merge', 'main:x', 'main:y');
  await pair.pass();
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', '--delete', ...names(6), 'before-merge');
  assert.deepEqual(await kindsAfterPass(pair), []);
  await assertLevel(pair, 'main M, x M, y M');
});

test('a staging that is set back to main each week stops nothing', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('gitlab', 'bob');
  for (const week of ['A', 'B']) {
    await pair.must(clone, 'switch', '--quiet', '-C', 'staging', 'origin/main');
    await pair.commit(clone, week);
    await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'staging');
    await pair.pass();
    await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'origin/main:staging');
    assert.deepEqual(await kindsAfterPass(pair), []);
  }
  await assertLevel(pair, 'main S1, staging S1');
});

test('a cron job of old commits to each branch without a hook: its commits go on to GitLab, and nothing stops', async (t) => {
  const pair = await pairIn(t, 'both');
  await withTopics(pair, 2);
  const tree = (await pair.must(pair.old, 'rev-parse', 'main^{tree}')).trim();
  for (const name of ['main', ...names(2)]) {
    const oid = (await pair.must(pair.old, 'commit-tree', '-p', name, '-m', `cron ${name}`, tree)).trim();
    await pair.must(pair.old, 'update-ref', `refs/heads/${name}`, oid);
    await pair.name(pair.old, name, `cron-${name}`);
  }
  assert.deepEqual(await kindsAfterPass(pair), []);
  assert.deepEqual([...new Set(await kindsAfterPass(pair))], ['unhooked']);
  await assertLevel(pair, 'main cron-main, topic-1 cron-topic-1, topic-2 cron-topic-2');
});
