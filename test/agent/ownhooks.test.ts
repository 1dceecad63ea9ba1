/** What own hooks are to hear, on disk: every change once, in order, whoever is killed, and never more than fits. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { forgetTaken, isSomethingDue, openOwnHooks, takeDue } from '../../agent/repository/ownhooks';
import { printOid } from '../../agent/rules/refs';
import type { OwnHooks } from '../../agent/rules/ports';
import type { Oid, RefName, Update } from '../../agent/rules/values';
import { labFolder } from '../lab/folder';

const log = { write: () => undefined };

function place(t: TestContext): { state: string; queue: OwnHooks } {
  const lab = labFolder();
  t.after(() => lab.close());
  const hooks = { directory: lab.path, ownHooks: path.join(lab.path, 'hooks'), shared: false };
  return { state: lab.path, queue: openOwnHooks({ folder: lab.path, state: lab.path, hooks, log }) };
}

function value(number: number): Oid {
  return number.toString(16).padStart(40, '0') as Oid;
}

/** Main's step from one value to the next. */
function step(number: number): Update {
  return { ref: 'refs/heads/main' as RefName, before: value(number), after: value(number + 1) };
}

function add(queue: OwnHooks, ...updates: readonly Update[]): void {
  queue.plan(updates);
  queue.due(updates);
}

/** All that a runner takes, a line for each run: `1-2 2-3`, by the values of main. */
function takeAll(state: string): string[] {
  const runs: string[] = [];
  for (let taken = takeDue(state, log); taken !== null; taken = takeDue(state, log)) {
    runs.push(taken.map(({ before, after }) => `${shown(before)}-${shown(after)}`).join(' '));
    forgetTaken(state);
  }
  return runs;
}

function shown(oid: Oid | null): number {
  return parseInt(printOid(oid), 16);
}

test('changes are heard in their order, one run for each', (t) => {
  const { state, queue } = place(t);
  for (let number = 1; number <= 12; number += 1) add(queue, step(number));
  assert.deepEqual(
    takeAll(state),
    Array.from({ length: 12 }, (_none, index) => `${index + 1}-${index + 2}`),
  );
  assert.equal(isSomethingDue(state), false);
});

test('a hook that never ends fills no disk: of many changes the newest are heard as one, and none is left out', (t) => {
  const { state, queue } = place(t);
  for (let number = 1; number <= 250; number += 1) add(queue, step(number));
  const runs = takeAll(state);
  assert.deepEqual([runs.length, runs[0], runs[98], runs[99]], [100, '1-2', '99-100', '100-251']);
});

test('a change that came to nothing is not heard, and one that is planned is not heard yet', (t) => {
  const { state, queue } = place(t);
  queue.plan([step(1)]);
  assert.deepEqual([queue.planned(), takeAll(state)], [[step(1)], []]);
  queue.due([]);
  assert.deepEqual([queue.planned(), takeAll(state)], [null, []]);
});

test('what a killed runner was at is taken again, before what came later', (t) => {
  const { state, queue } = place(t);
  add(queue, step(1));
  assert.deepEqual(takeDue(state, log), [step(1)]);
  add(queue, step(2));
  assert.deepEqual(takeAll(state), ['1-2', '2-3']);
});

test('killed while two changes were made one: nothing is left out', (t) => {
  for (const isWritten of [false, true]) {
    const { state, queue } = place(t);
    for (let number = 1; number <= 100; number += 1) add(queue, step(number));
    queue.plan([step(101)]);
    const at = (name: string): string => path.join(state, 'own-hooks', name);
    if (isWritten) fs.copyFileSync(at('100'), at('100.folding'));
    else fs.renameSync(at('100'), at('100.folding'));
    queue.due([step(101)]);
    assert.deepEqual(takeAll(state).slice(-1), ['100-102']);
  }
});

test('a file that the disk spoiled is left out, and keeps no later change waiting', (t) => {
  const { state, queue } = place(t);
  add(queue, step(1));
  add(queue, step(2));
  fs.appendFileSync(path.join(state, 'own-hooks/1'), 'x');
  assert.deepEqual(takeAll(state), ['', '2-3']);
});
