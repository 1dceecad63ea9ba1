/** What may be typed behind `npm run bench --`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options';

test('options that nobody knows, no numbers and broken patterns are wrong arguments', () => {
  for (const args of [
    ['--fast'],
    ['--rounds', '0'],
    ['--rounds', 'many'],
    ['--repositories', '1.5'],
    ['--only', '('],
    ['extra'],
  ])
    assert.equal(readOptions(args).kind, 'wrong', args.join(' '));
});

test('by default everything is measured, with 300 repositories', () => {
  const asked = readOptions([]);
  assert.deepEqual(asked, {
    kind: 'run',
    options: { quick: false, json: false, write: false, only: null, rounds: null, repositories: 300 },
  });
});
