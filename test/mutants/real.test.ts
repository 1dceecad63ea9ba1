/** `npm run mutants -- --real` takes a quarter of an hour; that it still can be run is seen in every run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mayHoldTest } from '../../scripts/choosing';
import { plant } from './planting';
import { realMutants } from './real';

const project = join(__dirname, '..', '..');
const source = (file: string): string => readFileSync(join(project, file), 'utf8');

test('each mistake in the product can still be planted, and its tests hold one of the name that must catch it', () => {
  for (const { name, edits, tests, only } of realMutants) {
    for (const edit of edits) assert.notEqual(plant(source(edit.file), edit), source(edit.file), name);
    for (const file of tests) assert.ok(mayHoldTest(source(file), new RegExp(only)), `${name}: ${file} has no ${only}`);
  }
});

test('each promise has at least two mistakes that break it, and no two mistakes have one name', () => {
  const names = realMutants.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
  for (const promise of ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7'])
    assert.ok(realMutants.filter(({ breaks }) => breaks === promise).length >= 2, promise);
});
