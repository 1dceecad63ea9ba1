import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedAgain, isDue, isListed, waitMs } from '../../../agent/rules/stuck';
import type { Oid, RefName, Stuck, StuckKind, Update } from '../../../agent/rules/values';

const [one, two] = ['1', '2'].map((digit) => digit.repeat(40) as Oid) as [Oid, Oid];
const update: Update = { ref: 'refs/heads/main' as RefName, before: one, after: two };

function stuck(tries: number, kind: StuckKind = 'unset'): Stuck {
  return { ...update, kind, tries, last: at(1_000_000), words: 'File exists' };
}

function at(uptimeMs: number, boot = 'b1'): { boot: string; uptimeMs: number } {
  return { boot, uptimeMs };
}

test('a ref is listed from the second failure in a row on, and one whose value on old moved begins anew', () => {
  const why = { kind: 'unset', words: 'File exists', last: at(1) } as const;
  const first = failedAgain(undefined, update, why);
  assert.equal(isListed(first), false);
  const second = failedAgain(first, update, why);
  assert.equal(isListed(second), true);
  assert.equal(failedAgain(second, { ...update, after: one }, why).tries, 3, "GitLab's value may move on");
  assert.equal(failedAgain(second, { ...update, before: two }, why).tries, 1);
});

test('the second try comes at once, and each further one waits longer, up to a bound', () => {
  const waits = (kind: StuckKind): number[] => [1, 2, 3, 4, 8, 1_000].map((tries) => waitMs({ kind, tries }));
  assert.deepEqual(waits('unset'), [0, 5_000, 10_000, 20_000, 50_000, 50_000]);
  assert.deepEqual(waits('unfetched'), [0, 10_000, 20_000, 40_000, 600_000, 600_000]);
});

test('what waits is due when its time is over, at once when the value moved that hinders it, and soon after a reboot', () => {
  assert.equal(isDue(stuck(2), update, at(1_004_999)), false);
  assert.equal(isDue(stuck(2), update, at(1_005_000)), true);
  assert.equal(isDue(stuck(2), { ...update, before: null }, at(1_000_000)), true);
  assert.equal(isDue(stuck(2), { ...update, after: null }, at(1_000_000)), false);
  assert.equal(isDue(stuck(2, 'unfetched'), { ...update, after: null }, at(1_000_000)), true);
  assert.equal(isDue(stuck(1_000), update, at(50_000, 'b2')), true);
  assert.equal(isDue(stuck(1), update, at(1_000_000)), true);
});
