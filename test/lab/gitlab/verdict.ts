/** What a test expects of one run of git: that it was done, or refused in these words. */
import assert from 'node:assert/strict';
import type { Seen } from '../contract';

export function refused(seen: Seen, ...words: (string | RegExp)[]): void {
  assert.notEqual(seen.code, 0, seen.output);
  for (const word of words)
    assert.match(
      seen.output,
      typeof word === 'string' ? new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : word,
    );
}

export function done(seen: Seen): void {
  assert.equal(seen.code, 0, seen.output);
}
