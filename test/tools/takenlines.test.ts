/** What `status` prints of the deletions and rewinds that old took over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TakenOver } from '../../agent/contract/views';
import { takenLines } from '../../scripts/taken';

function one(more: Partial<TakenOver> = {}): TakenOver {
  const attic = 'refs/handover/attic/20300131T090000000Z-0/heads/topic';
  const next = `npm run resolve -- /srv/git/app.git --give-back ${attic} --reason "…"`;
  const [before, at] = ['1a2b3c4d'.repeat(5), '2030-01-31T09:00:00Z'];
  return {
    ref: 'refs/heads/topic',
    kind: 'deletion',
    before,
    after: null,
    attic,
    at,
    agoMs: 60_000,
    from: null,
    next,
    ...more,
  };
}

test('the last day is counted and told, with who pushed and what to type', () => {
  const rewind = { kind: 'rewind', after: '9'.repeat(40), from: 'ada at 10.0.0.7', agoMs: 7_200_000 } as const;
  assert.deepEqual(takenLines('app.git', [one(), one(rewind), one(rewind), one({ agoMs: 86_400_000 })]), {
    head: 'app.git: taken over from GitLab in the last 24 h: 1 deletion, 2 rewinds',
    lines: [
      `  refs/heads/topic was 1a2b3c4d, deleted, 1 min ago: in ${one().attic}`,
      `  refs/heads/topic was 1a2b3c4d, pushed by ada at 10.0.0.7, now 99999999, 2 h ago: in ${one().attic}`,
      `  refs/heads/topic was 1a2b3c4d, pushed by ada at 10.0.0.7, now 99999999, 2 h ago: in ${one().attic}`,
      `  To give one back: ${one().next}`,
    ],
  });
});

test('a day without any says nothing, and very many are cut short', () => {
  assert.equal(takenLines('app.git', [one({ agoMs: 86_400_000 })]), null);
  const shown = takenLines(
    'app.git',
    Array.from({ length: 14 }, () => one()),
  );
  assert.equal(shown?.lines.length, 12);
  assert.match(shown?.lines[10] ?? '', /and 4 more: --json has all/);
});
