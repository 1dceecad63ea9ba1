/** What `status` prints of a trouble. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troubleLines } from '../../scripts/troublelines';

const refs = Array.from({ length: 12 }, (_, index) => ({
  ref: `refs/heads/t${index}`,
  old: '1a2b3c4d'.repeat(5),
  gitlab: index === 0 ? null : '9'.repeat(40),
}));

test('a stopped pass says which refs it holds back, and how many more', () => {
  const lines = troubleLines({ words: 'GitLab shows no refs at all.', held: { count: 40, refs }, next: 'one\ntwo' });
  assert.deepEqual(
    [...lines.slice(0, 4), ...lines.slice(-3)],
    [
      '  GitLab shows no refs at all.',
      '  Held back:',
      '    refs/heads/t0: old 1a2b3c4d, GitLab absent',
      '    refs/heads/t1: old 1a2b3c4d, GitLab 99999999',
      '    … and 30 more: `npm run verify` lists all that differ',
      '  one',
      '  two',
    ],
  );
});
