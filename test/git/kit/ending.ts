/** How a test ends: the complete ref lists of both sides, each ref at the commit that was made under the name shown. */
import assert from 'node:assert/strict';
import { until } from '../../lab/processes';
import type { Pair } from './pair';

export interface Sides {
  readonly old: string;
  readonly gitlab: string;
}

/** Both sides as pictures: `main A, tag:v1 B`. The attic, which is no ref of people, has its own. */
export async function bothSides(pair: Pair): Promise<Sides> {
  return { old: await drawn(pair, pair.old), gitlab: await drawn(pair, pair.gitlab) };
}

/** Both sides have exactly these refs at these commits. */
export async function assertLevel(pair: Pair, refs: string): Promise<void> {
  await assertSides(pair, { old: refs, gitlab: refs });
}

/** Waits until what runs in the background has brought both sides there; shows both where it does not. */
export async function untilLevel(pair: Pair, refs: string, deadlineMs = 15_000): Promise<void> {
  const isThere = async (): Promise<boolean> => Object.values(await bothSides(pair)).every((side) => side === refs);
  await until(`both sides to be ${refs}`, isThere, deadlineMs).catch(() => assertLevel(pair, refs));
}

export async function assertSides(pair: Pair, sides: Sides): Promise<void> {
  assert.deepEqual(await bothSides(pair), sides);
}

/** What old keeps of values that lost, times left out: `heads/main A, tags/v1 B`. */
export async function attic(pair: Pair): Promise<string> {
  const format = '--format=%(refname) %(objectname)';
  const lines = (await pair.must(pair.old, 'for-each-ref', format, 'refs/handover/attic')).split('\n');
  const named = lines.map((line) => pair.letters.draw(line.replace(/^refs\/handover\/attic\/[^/]+\//, '')));
  return named
    .filter((one) => one !== '')
    .sort()
    .join(', ');
}

async function drawn(pair: Pair, repository: string): Promise<string> {
  const lines = (await pair.must(repository, 'for-each-ref', '--format=%(refname) %(objectname)')).split('\n');
  return pair.letters.draw(lines.filter((line) => !line.startsWith('refs/handover/')).join('\n'));
}
