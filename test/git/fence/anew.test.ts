/** GitLab's project is made anew under its old name, or emptied, while the repository is in `both`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { updateRefs } from '../kit/manyrefs';
import { fenced, kinds, snapshot } from './kit';

test("GitLab's project is made anew in both: old follows nothing, takes nothing, and says so", async (t) => {
  const pair = await fenced(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic', 'main:other');
  await pair.pass();
  const before = snapshot(pair.gitlab);
  const gone = (await pair.must(pair.gitlab, 'for-each-ref', '--format=%(refname)')).trim().split('\n');
  updateRefs(
    pair.gitlab,
    gone.map((ref) => `delete ${ref}`),
  );
  const stranger = await pair.clone('old', 'stranger');
  await pair.must(stranger, 'checkout', '--quiet', '--orphan', 'fresh');
  await pair.commit(stranger, 'I');
  await pair.must(stranger, 'push', '--quiet', pair.gitlab, 'HEAD:refs/heads/main');
  await pair.pass();
  await assertSides(pair, { old: 'main S1, other S1, topic S1', gitlab: 'main I' });
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
  await pair.commit(clone, 'B');
  assert.match(
    (await pair.git(clone, 'push', 'origin', 'main')).output,
    /this server and GitLab are not where they left/,
  );
  // It is as it was again: the next look goes on by itself.
  before();
  await pair.pass();
  assert.deepEqual(await kinds(pair), []);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main B, other S1, topic S1');
});

test('a push that meets a GitLab made anew before any pass does is not told to put its commits on top', async (t) => {
  const pair = await fenced(t, 'both');
  const [clone, stranger] = [await pair.clone('old', 'ada'), await pair.clone('old', 'stranger')];
  await pair.must(stranger, 'checkout', '--quiet', '--orphan', 'fresh');
  await pair.commit(stranger, 'I');
  await pair.must(stranger, 'push', '--quiet', '--mirror', pair.gitlab);
  await pair.must(stranger, 'push', '--quiet', '--force', pair.gitlab, 'HEAD:refs/heads/main');
  await pair.commit(clone, 'B');
  const { code, output } = await pair.git(clone, 'push', 'origin', 'main');
  assert.notEqual(code, 0);
  assert.match(output, /this server and GitLab are not where they left/);
  assert.doesNotMatch(output, /here to be fetched|Switch to GitLab/);
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
});
