/** A lock that a killed git left on GitLab's side: what old has cannot be sent, and status says why. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

test("a ref that GitLab cannot set is listed with GitLab's words from the second failure on, and goes by itself", async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  const ref = 'refs/heads/topic';
  const lock = path.join(pair.gitlab, 'refs/heads/topic.lock');
  fs.writeFileSync(lock, '');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:topic');
  await pair.pass();
  const { troubles, debts } = await pair.pass();
  assert.deepEqual(
    troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/topic unsent'],
    'main went through',
  );
  assert.match(troubles[0]?.words ?? '', /^GitLab cannot set it: .*cannot lock ref.*topic\.lock.*File exists/);
  assert.equal(debts, 1);
  await assert.rejects(pair.move('both'), /refs\/heads\/topic.*File exists/);
  await assert.rejects(
    pair.call('resolve', { path: pair.old, ref, keep: 'old', reason: 'try', who: 'ada', apply: true }),
    /declined: Cannot send refs\/heads\/topic to GitLab.*File exists/s,
  );
  fs.rmSync(lock);
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'main A, topic A');
});
