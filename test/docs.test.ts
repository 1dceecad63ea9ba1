import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combine, type Combination, fold } from './docs/fold';
import { picture } from './docs/picture';

const all = combine({ a: ['x', 'y', 'z'], b: ['1', '2'] }).map(({ a, b }) => ({ classes: [a, b], outcome: '' }));
const decided = (decide: (a: string, b: string) => string): Combination[] =>
  all.map(({ classes: [a = '', b = ''] }) => ({ classes: [a, b], outcome: decide(a, b) }));

test('a column that makes no difference is empty, and classes that lead to the same share a row', () => {
  assert.deepEqual(fold(decided((a) => (a === 'z' ? 'no' : 'yes'))), [
    ['x *or* y', '', 'yes'],
    ['z', '', 'no'],
  ]);
  assert.deepEqual(fold(decided((_a, b) => b)), [
    ['', '1', '1'],
    ['', '2', '2'],
  ]);
});

test('every combination falls into exactly one row, and that row tells what was decided about it', () => {
  const combinations = decided((a, b) => (a === 'x' && b === '2' ? 'no' : a === 'z' ? 'late' : 'yes'));
  const rows = fold(combinations);
  for (const { classes, outcome } of combinations) {
    const mine = rows.filter((row) =>
      classes.every((name, at) => row[at] === '' || row[at]?.split(' *or* ').includes(name)),
    );
    assert.deepEqual(
      mine.map((row) => row[row.length - 1]),
      [outcome],
    );
  }
});

test('a decision that hangs on something that no column shows is an error', () => {
  const twice = [...decided(() => 'yes'), ...decided(() => 'no')];
  assert.throws(() => fold(twice), /The columns do not tell/);
});
test('what a terminal printed is text in the picture, whatever signs it has', () => {
  const svg = picture('npm run x -- --y', 'a <b> & "c"\n  -- d\n');
  assert.ok(svg.includes('a &lt;b&gt; &amp; "c"'));
  assert.match(svg, /y="68" xml:space="preserve">  &#45;&#45; d</);
  const [, comment = ''] = /<!--(.*)-->/.exec(svg) ?? [];
  assert.ok(comment.includes('npm run x') && !comment.includes('--'), 'two dashes would end the comment');
});
