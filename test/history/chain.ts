/**
 * Is there one order of compare-and-sets on a ref that explains what pushers were told? Pure. After Wing and Gong: a
 * search over orders that respect real time, where what nobody knows may have happened or not.
 */
import type { Oid } from './history';

export interface Step {
  /** For the story: who did it. */
  readonly name: string;
  /** `any`: a person set the ref, whatever it was. */
  // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- names the one value that is no id
  readonly before: Oid | null | 'any';
  readonly after: Oid | null;
  readonly began: number;
  /** Infinity for a step that nobody was told of. */
  readonly ended: number;
  /** False: it may have happened or not. */
  readonly must: boolean;
}

const triesMax = 50_000;

export interface Chain {
  /** Null: the search was given up. */
  readonly found: boolean | null;
  /** How far the longest order came: its value, and the steps that should have followed. */
  readonly value: Oid | null;
  readonly missing: readonly Step[];
}

/**
 * `last` undefined: any end will do. Two ways to one value that have used the same steps that must come differ only in
 * what may have happened, which is nearly always nothing: the second is looked at only where no order was found without
 * it.
 */
export function findChain(all: readonly Step[], first: Oid | null, last: Oid | null | undefined): Chain {
  const steps = all.filter(({ before, after, must }) => before !== after || must).sort((a, b) => a.began - b.began);
  const usedMust = (used: ReadonlySet<number>): number[] => [...used].filter((index) => steps[index]?.must === true);
  const quick = search(steps, { first, last }, ({ used, value }) => keyOf(usedMust(used), value));
  return quick.found === true ? quick : search(steps, { first, last }, ({ used, value }) => keyOf([...used], value));
}

function search(
  steps: readonly Step[],
  { first, last }: { first: Oid | null; last: Oid | null | undefined },
  key: (place: Place) => string,
): Chain {
  const open: Place[] = [{ used: new Set(), value: first }];
  const seen = new Set<string>();
  const missing = ({ used }: Place): Step[] => steps.filter((step, index) => step.must && !used.has(index));
  let longest: Place = { used: new Set(), value: first };
  for (let tries = 0; open.length > 0; tries += 1) {
    const place = open.pop() ?? longest;
    if (missing(place).length < missing(longest).length) longest = place;
    const found = isEnd(steps, place, last) ? true : tries > triesMax ? null : false;
    if (found !== false) return { found, value: longest.value, missing: missing(longest) };
    open.push(...nextPlaces(steps, place, last).filter((next) => isFirst(seen, key(next))));
  }
  return { found: false, value: longest.value, missing: missing(longest) };
}

function isFirst(seen: Set<string>, key: string): boolean {
  const first = !seen.has(key);
  seen.add(key);
  return first;
}

interface Place {
  readonly used: ReadonlySet<number>;
  readonly value: Oid | null;
}

function keyOf(used: readonly number[], value: Oid | null): string {
  return `${value ?? ''} ${[...used].sort((a, b) => a - b).join(',')}`;
}

function isEnd(steps: readonly Step[], { used, value }: Place, last: Oid | null | undefined): boolean {
  return (last === undefined || value === last) && steps.every((step, index) => !step.must || used.has(index));
}

/**
 * A step may come next when it fits, and when no other one that must come had ended before it began. Two pushers who
 * ask for the same value both get it: the second finds it there. What may have happened is of use only where something
 * goes on from it. The likeliest comes last, and is looked at first: the one that must come and ended first, then
 * pushes, then what a person set.
 */
function nextPlaces(steps: readonly Step[], { used, value }: Place, last: Oid | null | undefined): Place[] {
  const left = steps.flatMap((step, index) => (used.has(index) ? [] : [{ step, index }]));
  const bound = Math.min(...left.filter(({ step }) => step.must).map(({ step }) => step.ended));
  const fitting = left.filter(
    ({ step }) =>
      step.began <= bound && (step.before === 'any' || step.before === value || (step.must && step.after === value)),
  );
  const isOfUse = (one: Step): boolean =>
    one.must ||
    one.after === last ||
    left.some(({ step }) => step !== one && (step.before === one.after || (step.must && step.after === one.after)));
  return fitting
    .filter(({ step }) => isOfUse(step))
    .sort(
      (a, b) =>
        unlikeliness(b.step) - unlikeliness(a.step) || b.step.ended - a.step.ended || b.step.began - a.step.began,
    )
    .map(({ step, index }) => ({ used: new Set([...used, index]), value: step.after }));
}

function unlikeliness({ must, before }: Step): number {
  return Number(!must) + Number(before === 'any');
}
