/** How long a look from the past is waited out (12 of docs/design/fence.md). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideFence, newFence, withLanded, withNext } from '../../../agent/rules/fence';
import type { Fence, Oid } from '../../../agent/rules/values';

const at = (uptimeMs: number, boot = 'b'): { boot: string; uptimeMs: number } => ({ boot, uptimeMs });
const value = (digit: number): Oid => String(digit).repeat(40) as Oid;

/** Its values are 1, 2 …, each of which landed at its time. */
function moved(lagMs: number, ...landedAtMs: number[]): Fence {
  return landedAtMs.reduce(
    (fence, atMs, index) => withLanded(withNext(fence, { oid: value(index + 1), random: 'r' }), at(atMs), lagMs),
    newFence('f'),
  );
}

const verdict = (fence: Fence, nowMs: number, lagMs: number, boot = 'b'): string =>
  decideFence({
    fence,
    phase: 'both',
    shown: value(1),
    copy: value(2),
    now: at(nowMs, boot),
    isAsAgreed: false,
    lagMs,
  });

test('what GitLab showed before the last move is waited out for `lagMs` and not a moment longer', () => {
  const fence = moved(5_000, 0, 1_000);
  assert.deepEqual(
    [1_000, 5_999, 6_000].map((nowMs) => verdict(fence, nowMs, 5_000)),
    ['lags', 'lags', 'travelled'],
  );
  assert.equal(verdict(moved(0, 0, 1_000), 1_000, 0), 'travelled');
  assert.equal(verdict(fence, 1_000, 5_000, 'the next boot'), 'travelled');
});

test('a shorter time than before counts at once, and moves forget what no longer matters', () => {
  assert.equal(verdict(moved(5_000, 0, 1_000), 2_500, 1_000), 'travelled');
  assert.deepEqual(
    moved(2_000, 0, 1_000, 3_500).former.map(({ oid }) => oid),
    [value(2)],
  );
});
