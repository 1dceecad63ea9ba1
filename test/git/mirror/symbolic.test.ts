/** Other names of branches on old: git writes through them, so GitLab's side never gets there. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { assertLevel, assertSides, attic } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

test('a symbolic branch is not synced, and a push to it in both is sent to its target', async (t) => {
  const pair = await pairIn(t, 'mirror');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  await pair.pass();
  await assertSides(pair, { old: 'alias S1, main S1', gitlab: 'main S1' });
  await pair.move('both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main:alias');
  assert.match(seen.output, /another name of a branch\. Push to its target/);
  await assertSides(pair, { old: 'alias S1, main S1', gitlab: 'main S1' });
});

test('another name of a branch that is gone stays, whatever GitLab has of that name, and takes no push', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const alias = path.join(pair.old, 'refs/heads/alias');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/none');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/\u00e0', 'refs/heads/none');
  // As git wrote them long ago, and still reads them.
  fs.symlinkSync('refs/heads/none', path.join(pair.old, 'refs/tags/v1'));
  await pair.pass();
  await pair.move('both');
  const clone = await pair.clone('gitlab', 'stranger');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:alias', 'main:\u00e0', 'main:refs/tags/v1', 'main:new');
  await pair.pass();
  await assertSides(pair, {
    old: 'main S1, new S1',
    gitlab: 'alias S1, main S1, new S1, \u00e0 S1, tag:v1 S1',
  });
  assert.equal(fs.readFileSync(alias, 'utf8'), 'ref: refs/heads/none\n');
  const { repositories } = await pair.call('verify', { paths: [] });
  assert.deepEqual(
    repositories.flatMap(({ differences }) => differences),
    [],
  );
  const other = await pair.clone('old', 'ada');
  await pair.commit(other, 'A');
  for (const ref of ['refs/heads/alias', 'refs/tags/v1'])
    assert.match((await pair.git(other, 'push', 'origin', `main:${ref}`)).output, /another name of a branch\. Push to/);
  assert.equal((await pair.git(pair.old, 'rev-parse', '--verify', '--quiet', 'refs/heads/none')).code, 1);
});

/** Kinds of troubles, and names that are only told. */
async function told(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap(({ troubles, aliased }) => [
    ...troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ...(aliased ?? []).map(({ ref }) => `${ref} only told`),
  ]);
}

/** Both sides had topic at A, and then somebody made it another name of main on old. */
async function withAliasedTopic(t: TestContext): Promise<Pair> {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('gitlab', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  await assertLevel(pair, 'main S1, topic A');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/topic', 'refs/heads/main');
  await pair.pass();
  await pair.pass();
  return pair;
}

function settle(pair: Pair, keep: 'old' | 'gitlab'): Promise<unknown> {
  return pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/topic',
    keep,
    reason: 'a mistake',
    who: 'ada',
    apply: true,
  });
}

test("a branch of both sides becomes another name on old: it is listed until a person brings GitLab's branch back", async (t) => {
  const pair = await withAliasedTopic(t);
  await assertSides(pair, { old: 'main S1, topic S1', gitlab: 'main S1, topic A' });
  assert.deepEqual(await told(pair), ['refs/heads/topic aliased']);
  const { repositories } = await pair.call('verify', { paths: [] });
  assert.deepEqual(
    repositories.map(({ differences, aliased }) => [differences, aliased?.map(({ ref }) => ref)]),
    [[[], ['refs/heads/topic']]],
  );
  await settle(pair, 'gitlab');
  await assertLevel(pair, 'main S1, topic A');
  assert.deepEqual(await told(pair), []);
});

test("a branch of both sides becomes another name on old, and stays one: GitLab's value is kept in the attic", async (t) => {
  const pair = await withAliasedTopic(t);
  await settle(pair, 'old');
  await assertSides(pair, { old: 'main S1, topic S1', gitlab: 'main S1' });
  assert.equal(await attic(pair), 'heads/topic A');
  assert.deepEqual(await told(pair), []);
});

test('a branch that people make at GitLab under a name that is another one on old is told, and stops no phase', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  assert.deepEqual((await pair.pass()).aliased, []);
  const clone = await pair.clone('gitlab', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:alias');
  await pair.pass();
  assert.deepEqual(await told(pair), ['refs/heads/alias only told']);
  await pair.move('warn');
  await pair.move('both');
  await assertSides(pair, { old: 'alias S1, main S1', gitlab: 'alias A, main S1' });
  await pair.must(pair.old, 'symbolic-ref', '--delete', 'refs/heads/alias');
  await pair.pass();
  await assertLevel(pair, 'alias A, main S1');
  assert.deepEqual(await told(pair), []);
});

test('a branch becomes another name on old in mirror: it is damage, and GitLab keeps its value until a person decides', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/topic', 'refs/heads/main');
  await pair.pass();
  assert.deepEqual(await told(pair), ['refs/heads/topic damaged']);
  await settle(pair, 'gitlab');
  await assertLevel(pair, 'main S1, topic A');
  assert.deepEqual(await told(pair), []);
});
