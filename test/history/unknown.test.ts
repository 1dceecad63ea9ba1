/** What nobody could tell is no success: it fails, unless its reason is named and stays within its bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from './history';
import { unknown, valid } from './reading';
import { allowances, countUnknown, isTooMany, tellUnknown } from './unknown';

const gaveUp = unknown('P1', 'search-given-up', 'refs/heads/main: no end');
const unseen = unknown('P5', 'changes-not-seen', 'not every change of a ref was seen');

function failing(where: keyof typeof allowances, ...runs: Verdict[][]): string[] {
  return countUnknown(runs, allowances[where]).filter(isTooMany).map(tellUnknown);
}

test('one search that was given up fails the simulation, and a chaos run', () => {
  const told = ['P1 unknown 1 times (search-given-up; none is allowed): refs/heads/main: no end'];
  assert.deepEqual(failing('simulation', [valid('P2')], [gaveUp]), told);
  assert.deepEqual(failing('chaos', [gaveUp]), told);
});

test('P5 may stay unknown in a chaos run, where nobody sees every change on old, and nothing else may', () => {
  assert.deepEqual(failing('chaos', [unseen]), []);
  assert.equal(failing('simulation', [unseen]).length, 1);
  assert.equal(failing('chaos', [unknown('P4', 'changes-not-seen', '')]).length, 1);
  assert.equal(failing('chaos', [unknown('P5', 'search-given-up', '')]).length, 1);
});

test('so many of so many seeds: one more than the bound is too many, and a seed counts once', () => {
  const rules = [{ promise: 'P1', reason: 'search-given-up', most: 1, of: 2 } as const];
  const count = (...runs: Verdict[][]): boolean[] => countUnknown(runs, rules).map(isTooMany);
  assert.deepEqual(count([gaveUp, gaveUp], []), [false]);
  assert.deepEqual(count([gaveUp], [gaveUp]), [true]);
  assert.deepEqual(count([gaveUp]), [true], 'half a seed is none');
  assert.deepEqual(count([], []), []);
});
