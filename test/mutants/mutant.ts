/** One mistake that the simulation must catch. */
import type { Changes } from '../simulation/options';
import type { Edit } from './planting';

export interface Mutant {
  /** What is done wrong, in a few words. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Within how many seeds it must be caught: about five times what it took in November 2026. */
  readonly seedsMax: number;
  /** What each seed is run with beside what it draws. */
  readonly changes?: Changes;
  /** It is hunted by one fault at each of so many points of a seed's run. */
  readonly points?: number;
  /** It is hunted by so many journeys in each seed (`crossings.ts`), without `changes`. */
  readonly crossings?: number;
}

export function mutant(name: string, file: string, change: readonly [string, string], seedsMax: number): Mutant {
  return { name, edits: [{ file, from: change[0], to: change[1] }], seedsMax };
}
