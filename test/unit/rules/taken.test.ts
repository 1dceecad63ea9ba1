import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptTaken, type Taken } from '../../../agent/rules/taken';
import type { Oid, RefName } from '../../../agent/rules/values';

const now = '2030-01-31T09:00:00.000Z';

function takenAt(at: string, name = 'topic'): Taken {
  const ref = `refs/heads/${name}` as RefName;
  const attic = `refs/handover/attic/t/heads/${name}` as RefName;
  return { ref, before: 'a'.repeat(40) as Oid, after: null, attic, at, from: null };
}

test('what old took over stays listed for a week, also where a clock was wrong', () => {
  const times = ['2030-01-24T08:59:00.000Z', '2030-01-24T09:01:00.000Z', now, '2031-01-01T00:00:00.000Z', 'no time'];
  assert.deepEqual(
    keptTaken(
      times.map((at) => takenAt(at)),
      now,
    ).map(({ at }) => at),
    times.slice(1),
  );
});

test('of very many deletions the newest thousand stay listed', () => {
  const many = Array.from({ length: 1200 }, (_, index) => takenAt(now, `b${index}`));
  const kept = keptTaken(many, now);
  assert.deepEqual([kept.length, kept[0]?.ref, kept[999]?.ref], [1000, 'refs/heads/b200', 'refs/heads/b1199']);
});
