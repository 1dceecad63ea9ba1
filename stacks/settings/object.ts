/** Objects that know their keys: one more is a mistake, and the nearest known key is named. Pure. */
import { z } from 'zod';

export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined),
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => `unknown setting "${key}"${didYouMean(key, known)}`).join('; ');
}

/** ` (did you mean "x"?)`, or the known words when none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3)))
    return ` (did you mean "${best.candidate}"?)`;
  return ` (known: ${known.join(', ')})`;
}

/** Edits that lead from one word to the other, by Levenshtein. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) row = nextRow(row, from[i - 1] ?? '', to, i);
  return row[to.length] ?? 0;
}

function nextRow(row: readonly number[], letter: string, to: string, index: number): number[] {
  const next = [index];
  for (let j = 1; j <= to.length; j++) {
    const replaced = (row[j - 1] ?? 0) + (letter === to[j - 1] ? 0 : 1);
    next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
  }
  return next;
}
