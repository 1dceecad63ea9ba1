/** What people do on GitLab in `both`, and what a pass makes of it on old. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLevel, assertSides, attic } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('what people push to GitLab comes to old with the next pass; rewound and deleted tips go to the attic', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:gone', 'main:refs/tags/t');
  await pair.pass();
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main', ':gone');
  await pair.pass();
  await assertLevel(pair, 'main A, tag:t S2');
  assert.equal(await attic(pair), 'heads/gone S2, heads/main S2');
  assert.doesNotMatch(await pair.must(clone, 'ls-remote', pair.old), /handover/);
});

test('an emptied GitLab does not empty old', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.gitlab, 'update-ref', '-d', 'refs/heads/main');
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ kind, words }) => `${kind}: ${words}`),
    ['stopped: GitLab shows no refs at all.'],
  );
  await assertSides(pair, { old: 'main S1', gitlab: '' });
});

test('an empty project stays empty where git took a push alone: it is set back and listed, and nothing stops', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 0 });
  const tree = (await pair.must(pair.old, 'hash-object', '-w', '-t', 'tree', '/dev/null')).trim();
  const made = (await pair.must(pair.old, 'commit-tree', '-m', 'A', tree)).trim();
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', await pair.name(pair.old, made, 'A'));
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind, ref }) => `${kind} ${ref}`),
    ['unhooked refs/heads/main'],
  );
  await assertLevel(pair, '');
  assert.equal(await attic(pair), 'heads/main A');
  const clone = await pair.clone('gitlab', 'bob');
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  await pair.pass();
  await assertLevel(pair, 'main B');
});

test('a ref that moved on old without a hook is set back, kept in the attic and listed', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 3 });
  await pair.pass();
  const made = (await pair.must(pair.old, 'commit-tree', '-m', 'stray', 'main^{tree}')).trim();
  const stray = await pair.name(pair.old, made, 'A');
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', stray);
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/main unhooked'],
  );
  await assertLevel(pair, 'main S3');
  assert.equal(await attic(pair), 'heads/main A');
});

test('back to mirror and forward again: the history of both stays', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('gitlab', 'bob');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  await pair.move('mirror');
  await assertLevel(pair, 'main A');
  await pair.amend(clone, 'B');
  await pair.must(clone, 'push', '--quiet', '--force', pair.old, 'main');
  await pair.pass();
  await pair.move('both');
  await assertLevel(pair, 'main B');
});

test("old's HEAD follows GitLab's default branch", async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:trunk');
  await pair.must(pair.gitlab, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
  await pair.pass();
  assert.equal((await pair.must(pair.old, 'symbolic-ref', 'HEAD')).trim(), 'refs/heads/trunk');
  await assertLevel(pair, 'main S1, trunk S1');
});
