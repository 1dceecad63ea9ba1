/**
 * What was measured and is kept: a whole run takes most of an hour, and each measurement may be taken anew by itself.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure, type Outcome, together } from './figures';

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

/** The last three stay. A run without figures is none. */
export function keepResult(folder: string, measurement: string, run: Run): void {
  if (run.outcome.figures.length === 0) return;
  mkdirSync(folder, { recursive: true });
  replaceFile(
    join(folder, `${measurement}.json`),
    `${JSON.stringify([run, ...runsOf(folder, measurement)].slice(0, runsMax), null, 1)}\n`,
  );
}

/** Whoever is killed meanwhile leaves the file as it was. */
export function replaceFile(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/**
 * Each figure, noise and chart from the newest run that has it, for a quick run leaves some out; what is missing, as
 * the newest run says.
 */
export function latest(runs: Result['runs']): Outcome {
  const { figures, charts } = together(runs.map(({ outcome }) => outcome));
  const { noise } = together([...runs].reverse().map(({ outcome }) => outcome));
  return { figures: firstOfName(figures), noise, missing: runs[0].outcome.missing, charts: firstOfName(charts) };
}

function firstOfName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at);
}

/** What must be reached is judged by the bounds of today. */
function runsOf(folder: string, measurement: string): Run[] {
  const file = join(folder, `${measurement}.json`);
  if (!existsSync(file)) return [];
  const runs = (JSON.parse(readFileSync(file, 'utf8')) as Run[]).filter(({ outcome }) => outcome.figures.length > 0);
  return runs.map((run) => ({
    ...run,
    outcome: {
      ...run.outcome,
      figures: run.outcome.figures.map(({ name, value, unit, means }) => figure(name, value ?? NaN, unit, means)),
    },
  }));
}
