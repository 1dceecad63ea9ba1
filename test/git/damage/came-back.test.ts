/** Deleted branches that come back on old: a lost unlink after a crash, a folder from a backup. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

const feature = 'refs/heads/feature';

/** `feature` was at S2 and S3, was deleted by a push, and no pass knows of a record of it any more. */
async function deletedFeature(pair: Pair): Promise<string> {
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main~1:refs/heads/feature');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature');
  await pair.pass();
  await pair.must(clone, 'push', '--quiet', 'origin', ':feature');
  for (let pass = 1; pass <= 2; pass += 1) await pair.pass();
  await assertLevel(pair, 'main S3');
  return clone;
}

async function comeBack(pair: Pair, value: string): Promise<void> {
  fs.writeFileSync(path.join(pair.old, feature), `${await pair.must(pair.old, 'rev-parse', value)}\n`);
}

async function settle(pair: Pair, keep: 'old' | 'gitlab'): Promise<void> {
  await pair.call('resolve', { path: pair.old, ref: feature, keep, reason: 'seen', who: 'ada', apply: true });
  assert.deepEqual((await pair.pass()).troubles, []);
}

for (const [what, value] of [
  ['with the value that it had', 'main'],
  ['with the value before, which lay in packed-refs', 'main~1'],
] as const)
  test(`a deleted branch that comes back ${what} is not sent to GitLab, it is listed`, async (t) => {
    const pair = await pairIn(t, 'mirror', { commits: 3 });
    await deletedFeature(pair);
    await comeBack(pair, value);
    const { troubles } = await pair.pass();
    assert.deepEqual(
      troubles.map(({ ref, kind, words }) => `${ref} ${kind}: ${words}`),
      [`${feature} damaged: Old lost a deletion without a push.`],
    );
    await assertSides(pair, { old: `feature ${value === 'main' ? 'S3' : 'S2'}, main S3`, gitlab: 'main S3' });
    await assert.rejects(pair.move('both'), /damaged/);
    await settle(pair, 'gitlab');
    await assertLevel(pair, 'main S3');
  });

test('a branch that came back and is wanted goes to GitLab by one decision', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 3 });
  await deletedFeature(pair);
  await comeBack(pair, 'main');
  await pair.pass();
  await settle(pair, 'old');
  await assertLevel(pair, 'feature S3, main S3');
});

test('a branch that was made, moved and deleted between two passes, and comes back, is not sent', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 3, queueDelayMs: 60_000 });
  const clone = await pair.clone('old', 'ada');
  for (const change of ['main~1:refs/heads/feature', 'main:feature', ':feature'])
    await pair.must(clone, 'push', '--quiet', 'origin', change);
  for (let pass = 1; pass <= 2; pass += 1) await pair.pass();
  await comeBack(pair, 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    [`${feature} damaged`],
  );
  await assertSides(pair, { old: 'feature S3, main S3', gitlab: 'main S3' });
});

test('a branch that is pushed again after its deletion is a new one', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 3 });
  const clone = await deletedFeature(pair);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature');
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'feature S3, main S3');
});

test('a branch that was deleted at GitLab in both and comes back in mirror is listed', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 3 });
  const clone = await pair.clone('gitlab', 'eve');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature');
  await pair.pass();
  await pair.must(clone, 'push', '--quiet', 'origin', ':feature');
  await pair.pass();
  await pair.move('mirror');
  await comeBack(pair, 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    [`${feature} damaged`],
  );
  await assertSides(pair, { old: 'feature S3, main S3', gitlab: 'main S3' });
});

test('a branch that a settlement deleted, at a value that nobody agreed on, is listed when it comes back', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 3 });
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main~1:refs/heads/feature');
  await pair.pass();
  // Somebody deletes it at the closed GitLab while old moves on: a conflict.
  await pair.must(pair.gitlab, 'update-ref', '-d', feature);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature');
  await pair.pass();
  await settle(pair, 'gitlab');
  await assertLevel(pair, 'main S3');
  await comeBack(pair, 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    [`${feature} damaged`],
  );
  await assertSides(pair, { old: 'feature S3, main S3', gitlab: 'main S3' });
});
