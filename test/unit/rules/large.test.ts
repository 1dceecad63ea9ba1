import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  besideOthers,
  listBytesIn,
  megabytesFor,
  parkedMs,
  staysParked,
  type Parked,
} from '../../../agent/rules/large';

const parked: Parked = {
  since: '2030-01-31T09:00:00Z',
  tried: { wall: '2030-01-31T09:00:00Z', at: null },
  tries: 1,
  megabytes: 1024,
  packedBytes: 1000,
  message: '',
  next: '',
};
const now = { sinceTriedMs: 0, megabytes: 1024, packedBytes: 1000 };

test('what is parked is tried again when old has fewer refs, when the setting is another one, and now and then', () => {
  assert.equal(staysParked(parked, now), true);
  assert.equal(staysParked({ ...parked, packedBytes: 0 }, { ...now, packedBytes: 0 }), true, 'all of them loose');
  assert.equal(staysParked(parked, { ...now, packedBytes: 2000 }), true, 'more of them');
  assert.equal(staysParked(parked, { ...now, packedBytes: 900 }), false);
  assert.equal(staysParked(parked, { ...now, megabytes: 2048 }), false);
  assert.equal(staysParked(parked, { ...now, sinceTriedMs: 599_999 }), true);
  assert.equal(staysParked(parked, { ...now, sinceTriedMs: 600_000 }), false);
});

test('each try is twice as long after the one before, six hours at most', () => {
  const minutes = [1, 2, 3, 6, 7, 1e6].map((tries) => parkedMs({ tries }) / 60_000);
  assert.deepEqual(minutes, [10, 20, 40, 320, 360, 360]);
});

test('what is said to be enough is enough', () => {
  for (const bytes of [1, besideOthers.listBytes, 43_560_000, 90_000_000, 1e9])
    assert.ok(listBytesIn(megabytesFor(bytes)) >= bytes, String(bytes));
});
