import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailedUps, kindOf } from './failedups';

test('failed runs are counted by their sentence, whatever path, ref, value or port stands in it', () => {
  const failed = new FailedUps();
  const damaged = (ref: string, value: string): string =>
    `  error: Cannot change the phase of /tmp/gh-1/old/app.git to both: refs/heads/${ref} is damaged (Old lost ${value} without a push.).\n`;
  failed.note(1, damaged('ada/work', 'a'.repeat(40)));
  failed.note(1, damaged('race', 'b'.repeat(40)));
  failed.note(1, 'error: Cannot go on: the connection to root@127.0.0.1:26513 was lost.\n');
  failed.note(null, '');
  assert.deepEqual(failed.lines(), [
    '   2  Cannot change the phase of a path to both: a ref is damaged (Old lost a value without a push.).',
    '   1  Cannot go on: the connection to old was lost.',
    '   1  it was killed',
  ]);
  assert.equal(failed.count(), 4);
});

test('what was waited for is not why a run failed', () => {
  const waited = '  Stack running Cannot ask GitLab: http://x does not answer: ECONNREFUSED. Trying again.\n';
  assert.equal(kindOf(1, `${waited}    error: update failed\n    error: gitlab says no\n`), 'error: gitlab says no');
});

test('a lock that a killed run left is no sentence of ours', () => {
  assert.match(kindOf(255, 'error: the stack is currently locked by 1 lock(s).'), /locked by another one/);
});
