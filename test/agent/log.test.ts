/** The log when strangers cause its lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparing } from '../../agent/machine/log';

interface Line {
  readonly event: string;
  readonly left?: unknown;
}

function memory(nowMs: () => number): { lines: Line[]; write: (event: string) => void } {
  const lines: Line[] = [];
  const log = sparing({ write: (event, fields) => void lines.push({ event, ...fields }) }, ['refused'], nowMs);
  return { lines, write: (event) => log.write(event, {}) };
}

test('what strangers cause is a line a minute, which says how many were left out; everything else is all there', () => {
  let nowMs = 0;
  const { lines, write } = memory(() => nowMs);
  for (let count = 0; count < 1000; count++) write('refused');
  write('pass');
  write('pass');
  nowMs = 60_000;
  write('refused');
  nowMs = 120_000;
  write('refused');
  assert.deepEqual(lines, [
    { event: 'refused' },
    { event: 'pass' },
    { event: 'pass' },
    { event: 'refused', left: 999 },
    { event: 'refused' },
  ]);
});
