/** One mistake in the product itself, and the tests that must catch it. */
import type { Edit } from '../planting';

export interface RealMutant {
  /** What is done wrong, in a few words. */
  readonly name: string;
  /** The promise that it breaks, `P1` to `P8`, or what else would go wrong, in a few words. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  /** Files or folders of tests, relative to the project. */
  readonly tests: readonly string[];
  /** The tests that must catch it: a regular expression for their names. */
  readonly only: string;
}

type Change = readonly [file: string, from: string, to: string];
/** A file of tests below test/, without `.test.ts`, and a regular expression for names of tests in it. */
type Catcher = readonly [tests: string, only: string];

export function planted(breaks: string, name: string, change: Change, catcher: Catcher): RealMutant {
  const [file, from, to] = change;
  return { name, breaks, edits: [{ file, from, to }], tests: [`test/${catcher[0]}.test.ts`], only: catcher[1] };
}
