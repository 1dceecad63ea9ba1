/** What every measurement gets, and what it is. */
import type { Outcome } from './figures';
import type { BenchOptions } from './options';
import type { Places, Site } from './site';

export interface Bench {
  readonly options: BenchOptions;
  readonly say: (line: string) => void;
  /** Rounds of this run: a number that was asked for, else fewer when it must be quick. */
  rounds(whole: number, quick: number): number;
  /** The lab that several measurements share. */
  site(): Promise<Site>;
}

export interface Measurement {
  readonly name: string;
  /** For --help. */
  readonly about: string;
  /** Part of a quick run. */
  readonly quick: boolean;
  /** What it needs in the shared lab. */
  readonly places?: (options: BenchOptions) => Places;
  measure(bench: Bench): Promise<Outcome>;
}
