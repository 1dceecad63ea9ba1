/**
 * Random stories, and the shortest one that fails. They are the same each time; `GIT_HANDOVER_PORTS_SEED` draws others,
 * of a seed that stands first in a failure, or of `random`; `GIT_HANDOVER_PORTS_RUNS` multiplies their number.
 */
import { inspect } from 'node:util';
import { fc } from '../../property';
import { seedOf } from '../../seeds';
import type { Operation } from './compare';

const times = Number(process.env['GIT_HANDOVER_PORTS_RUNS'] ?? '1');
/** By which each planted mistake is found early: in fewer than thirty stories, of a hundred and more. */
const usualSeed = 4;
const seed = seedOf('GIT_HANDOVER_PORTS_SEED', usualSeed);

export interface Hold<S> {
  readonly stories: fc.Arbitrary<S>;
  readonly runs: number;
  /** How long a story that fails is made shorter, ms. */
  readonly shrinkMs?: number;
  /** Null where the story holds, else in which step it does not. */
  readonly check: (story: S) => Promise<string | null>;
  readonly words: (story: S) => readonly string[];
}

/** Null when all stories hold, else the seed, the shortest story in words, and where it parts. */
export async function failureOf<S>({
  stories,
  runs,
  shrinkMs = 30_000,
  check,
  words,
}: Hold<S>): Promise<string | null> {
  let failedAt: number | null = null;
  const part = { words: '' };
  const property = fc.asyncProperty(stories, async (story) => {
    if (failedAt !== null && performance.now() - failedAt > shrinkMs) return;
    const found = await check(story).catch((error: unknown) => inspect(error));
    if (found === null) return;
    failedAt ??= performance.now();
    part.words = found;
    throw new Error(found);
  });
  const { failed, counterexample } = await fc.check(property, { seed, numRuns: Math.max(1, Math.round(runs * times)) });
  if (!failed) return null;
  const steps = counterexample === null ? [] : words(counterexample[0]);
  return [`seed ${seed}`, ...steps.map((text, index) => `  ${index + 1}. ${text}`), part.words].join('\n');
}

export function wordsOf<D>(story: readonly Operation<D>[]): string[] {
  return story.map(({ words }) => words);
}
