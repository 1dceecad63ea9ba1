import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, untold } from './auditwatch';

const change = (at: number, before: string | null, after: string | null, ref = 'refs/heads/x'): Change => ({
  at,
  ref,
  before,
  after,
  actor: 'ada',
});

test('a push that was let through and told of nothing counts only where its value stands, or where somebody went on from it', () => {
  const last = new Map([['refs/heads/x', 'b']]);
  assert.deepEqual(untold([], [change(1, 'a', 'b')], last), [change(1, 'a', 'b')]);
  assert.deepEqual(untold([], [change(1, 'a', 'c')], last), []);
  assert.deepEqual(untold([change(3, 'c', 'b')], [change(1, 'a', 'c')], last), [change(1, 'a', 'c')]);
});

test('what was told of is not counted again, and two in a row that nobody told of are both found', () => {
  const last = new Map([['refs/heads/x', 'c']]);
  assert.deepEqual(untold([change(2, 'a', 'b')], [change(1, 'a', 'b')], last), []);
  assert.deepEqual(untold([], [change(1, 'a', 'b'), change(2, 'b', 'c')], last), [
    change(2, 'b', 'c'),
    change(1, 'a', 'b'),
  ]);
});

test('a deletion that nobody told of is seen by what is absent at the end', () => {
  assert.deepEqual(untold([], [change(1, 'a', null)], new Map()), [change(1, 'a', null)]);
  assert.deepEqual(untold([], [change(1, 'a', null)], new Map([['refs/heads/x', 'a']])), []);
});
