import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outcome, Tally } from '../../scripts/tally';

function outcome(name: string, more: Partial<Outcome> = {}): Outcome {
  return { name, nesting: 0, file: '/x/a.test.ts', details: { duration_ms: 1 }, ...more };
}

function failing(name: string, error: object): Outcome {
  return outcome(name, { details: { duration_ms: 1, error: Object.assign(new Error('wrapped'), error) } });
}

function tallied(outcomes: readonly Outcome[], partial = false): { lines: string[]; green: boolean } {
  const lines: string[] = [];
  const tally = new Tally((line) => lines.push(...line.split('\n')));
  outcomes.forEach((one) => tally.event('a.test.ts', one, partial));
  tally.close();
  return { lines, green: tally.isGreen() };
}

test('the last line counts passed, failed and skipped tests', () => {
  const { lines, green } = tallied([
    outcome('one'),
    failing('two', { cause: new Error('boom') }),
    outcome('three', { skip: 'no root' }),
  ]);
  assert.equal(lines.at(-1), '1 passed, 1 failed, 1 skipped');
  assert.equal(green, false);
});

test('failures are told again at the end with their cause', () => {
  const { lines } = tallied([failing('two', { cause: new Error('boom') }), outcome('one')]);
  assert.equal(lines.filter((line) => line.includes('Error: boom')).length, 2);
  assert.ok(lines.lastIndexOf('FAIL  a.test.ts: two') > lines.indexOf('ok    a.test.ts: one (1 ms)'));
});

test('a run without failures is green only when something passed', () => {
  assert.equal(tallied([outcome('one')]).green, true);
  assert.equal(tallied([]).green, false);
  assert.equal(tallied([outcome('one', { skip: true })]).green, false);
});

test('a file that crashes is a failure that names how it ended', () => {
  const { lines, green } = tallied([
    outcome('one'),
    failing('/x/a.test.ts', { exitCode: null, signal: 'SIGKILL', cause: 'test failed' }),
  ]);
  assert.ok(lines.some((line) => line.includes('Its process ended with SIGKILL.')));
  assert.equal(green, false);
});

test('a file without a test is a failure, unless tests were chosen by name', () => {
  const file = outcome('/x/a.test.ts');
  assert.equal(tallied([outcome('one'), file]).lines.at(-1), '1 passed, 1 failed');
  assert.equal(
    tallied([outcome('one'), file, outcome('other', { skip: 'test name does not match pattern' })], true).lines.at(-1),
    '1 passed, 0 failed',
  );
});

test('a failing inner test is counted once, not again for what contains it', () => {
  const inner = failing('inner', { failureType: 'testCodeFailure', cause: new Error('boom') });
  const around = failing('around', { failureType: 'subtestsFailed', cause: '1 subtest failed' });
  assert.equal(tallied([inner, around]).lines.at(-1), '0 passed, 1 failed');
});

test('what a time limit ended, and what was cancelled with the test around it, counts as failed', () => {
  const inner = failing('inner', { failureType: 'cancelledByParent', cause: 'test did not finish before its parent' });
  const around = failing('around', { failureType: 'testTimeoutFailure', cause: 'test timed out after 300ms' });
  const file = failing('/x/a.test.ts', { failureType: 'testTimeoutFailure', cause: 'test timed out after 6000ms' });
  const { lines, green } = tallied([outcome('one'), inner, around, file], true);
  assert.deepEqual([lines.at(-1), green], ['1 passed, 3 failed', false]);
  assert.ok(lines.some((line) => line.includes('test timed out after 300ms')));
});
