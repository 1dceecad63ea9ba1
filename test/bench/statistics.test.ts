import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, ratio, shown } from './statistics';

test('the median of an even number of times is between the two in the middle, whatever their order', () => {
  assert.equal(median([40, 10, 30, 20]), 25);
  assert.equal(median([3, 1, 2]), 2);
});

test('a percentile is a time that was measured, by nearest rank', () => {
  const times = Array.from({ length: 40 }, (_, index) => index + 1);
  assert.equal(percentile(times, 0.95), 38);
  assert.equal(percentile(times, 0.99), 40);
  assert.equal(percentile([7], 0.5), 7);
});

test('without times there is no number that could pass for one', () => {
  assert.ok(Number.isNaN(median([])));
  assert.ok(Number.isNaN(percentile([], 0.95)));
});

test('a ratio compares medians with medians and slow ends with slow ends: one outlier moves only the latter', () => {
  const plain = Array.from({ length: 20 }, () => 100);
  const { p50, p95 } = ratio([...Array.from({ length: 18 }, () => 120), 300, 300], plain);
  assert.equal(p50, 1.2);
  assert.equal(p95, 3);
});

test('measuring leaves the times in their order', () => {
  const times = [3, 1, 2];
  median(times);
  percentile(times, 0.5);
  assert.deepEqual(times, [3, 1, 2]);
});

test('numbers for people have the digits that matter', () => {
  assert.deepEqual([1.0468, 23.46, 355.4, 0.0123, NaN].map(shown), ['1.05', '23.5', '355', '0.012', '?']);
});
