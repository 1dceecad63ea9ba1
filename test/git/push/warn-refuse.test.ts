/** The last phases: what pushers read, and that old still follows GitLab. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('warn: the push goes through and a polite line says what to type', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.move('warn');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.must(clone, 'push', 'origin', 'main');
  assert.match(seen, /git remote set-url origin git@gitlab\.example\.org:team\/app\.git/);
  await assertLevel(pair, 'main A');
});

test('warn: during an announced brownout the push is refused', async (t) => {
  const hour = 3600_000;
  const pair = await pairIn(t, 'both', {
    config: {
      brownouts: [{ from: new Date(Date.now() - hour).toISOString(), to: new Date(Date.now() + hour).toISOString() }],
    },
  });
  await pair.move('warn');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /announced rehearsal/);
  await assertLevel(pair, 'main S1');
});

test('refuse: the refusal says exactly what to type, and old still follows GitLab', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.move('warn');
  await pair.move('refuse');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /Nothing was taken[\s\S]*git remote set-url origin git@gitlab/);
  await pair.must(clone, 'push', '--quiet', pair.gitlab, 'main');
  await pair.pass();
  await assertLevel(pair, 'main A');
});
