/** Tells a failing seed in words: the promise that broke, and the lines around the moment. */
import { promises, type Verdict } from '../history/history';
import type { SeedResult } from './run';
import { shrink } from './shrink';

const linesBefore = 25;
const linesAfter = 15;

/** The first promise that is broken. */
export function wrongIn({ verdicts }: SeedResult): Verdict | null {
  return verdicts.find(({ answer }) => answer === 'invalid') ?? null;
}

export interface Told {
  readonly promise: string;
  /** What the checker said of the shrunk run. */
  readonly story: string;
  readonly lines: readonly string[];
}

/** Shrinks the seed first, which takes some dozens of runs. */
export async function tellFailing(failing: SeedResult, wrong: Verdict): Promise<Told> {
  const { changes, result } = await shrink(failing.seed, failing);
  const verdict =
    result.verdicts.find(({ answer, promise }) => answer === 'invalid' && promise === wrong.promise) ?? wrong;
  return {
    promise: wrong.promise,
    story: verdict.story,
    lines: [
      `seed ${failing.seed} breaks ${wrong.promise}: ${promises[wrong.promise]}`,
      `  ${wrong.story}`,
      ...(Object.keys(changes).length === 0 ? [] : [`shrunk by ${JSON.stringify(changes)}`, `  ${verdict.story}`]),
      '',
      ...aroundMoment(result.story, verdict),
      '',
      `All of it: npm run simulate -- --seeds 1 --seed ${failing.seed}${atPoint(failing)} --story`,
    ],
  };
}

/** How the command takes the fault at the worst moment, and powers. */
function atPoint({ changes: { worst, powers } }: SeedResult): string {
  if (powers !== undefined) return ' --powers';
  return worst === undefined || worst === null ? '' : ` --at ${worst.fault}:${worst.at}`;
}

/**
 * The lines before and after the moment, and those from elsewhere about the pushes that the verdict names. `>` marks
 * the latter and the moment. Without a moment: the end.
 */
export function aroundMoment(story: readonly string[], { at, story: words }: Verdict): string[] {
  const found = at === undefined ? -1 : story.findIndex((line) => msOf(line) >= at);
  const moment = found === -1 ? story.length - 1 : found;
  const pushes = [...words.matchAll(/push #(\d+)/g)].map(([, id]) => new RegExp(`push #${id ?? ''}\\b`));
  const isNear = (index: number): boolean => index >= moment - linesBefore && index <= moment + linesAfter;
  const isNamed = (line: string): boolean => pushes.some((push) => push.test(line));
  const shown = story.flatMap((line, index) => (isNear(index) || isNamed(line) ? [index] : []));
  return shown.flatMap((index, place) => {
    const line = story[index] ?? '';
    const isAfterGap = index > 0 && shown[place - 1] !== index - 1;
    return [...(isAfterGap ? ['  …'] : []), `${isNamed(line) || index === moment ? '>' : ' '} ${line}`];
  });
}

/** A line begins with its second. */
function msOf(line: string): number {
  return Math.round(Number.parseFloat(line) * 1_000);
}
