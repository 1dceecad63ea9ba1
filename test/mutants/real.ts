/**
 * Mistakes planted in the product itself (agent, hooks, stacks), each with the tests that must catch it: real git, real
 * hooks, a real sshd. `npm run mutants -- --real` plants them one after the other in a scratch copy.
 */
import type { Edit } from './planting';

export interface RealMutant {
  /** What is done wrong, in a few words. */
  readonly name: string;
  /** The promise that it breaks, `P1` to `P7`, or what else would go wrong, in a few words. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Files or folders of tests, relative to the project. */
  readonly tests: readonly string[];
  /** The tests that must catch it: a regular expression for their names. */
  readonly only: string;
}

export const realMutants: readonly RealMutant[] = [];
