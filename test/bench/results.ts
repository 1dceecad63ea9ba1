/** What was measured and is kept: a whole run takes most of an hour, and each measurement may be taken anew by itself. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure, type Outcome } from './figures';

/** One measurement, once. */
export interface Run {
  /** UTC, `2026-11-26 14:20`. */
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  /** Name to version or number. */
  readonly machine: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
}

export interface Result {
  readonly measurement: string;
  /** The newest first, never empty. */
  readonly runs: readonly [Run, ...Run[]];
}

export const runsMax = 3;

/** In this order; what was never measured is left out. */
export function readResults(folder: string, measurements: readonly string[]): Result[] {
  return measurements.flatMap((measurement) => {
    const [first, ...others] = runsOf(folder, measurement);
    return first === undefined ? [] : [{ measurement, runs: [first, ...others] }];
  });
}

/** The last three stay. */
export function keepResult(folder: string, measurement: string, run: Run): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${measurement}.json`), `${JSON.stringify([run, ...runsOf(folder, measurement)].slice(0, runsMax), null, 1)}\n`);
}

/** What must be reached is judged by the bounds of today. */
function runsOf(folder: string, measurement: string): Run[] {
  const file = join(folder, `${measurement}.json`);
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as Run[]).map((run) => ({
    ...run,
    outcome: { ...run.outcome, figures: run.outcome.figures.map(({ name, value, unit, means }) => figure(name, value ?? NaN, unit, means)) },
  }));
}
