/**
 * Is there one order of compare-and-sets on a ref that explains what pushers were told? Pure. After Wing and Gong: a search over
 * orders that respect real time, where what nobody knows may have happened or not.
 */
import type { Oid } from './history';

export interface Step {
  /** For the story: who did it. */
  readonly name: string;
  /** `any`: a person set the ref, whatever it was. */
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

/** `last` undefined: any end will do. */
export function findChain(all: readonly Step[], first: Oid | null, last: Oid | null | undefined): Chain {
  const steps = all.filter(({ before, after, must }) => before !== after || must).sort((a, b) => a.began - b.began);
  const open: Place[] = [{ used: new Set(), value: first }];
  const seen = new Set<string>();
  const missing = ({ used }: Place): Step[] => steps.filter((step, index) => step.must && !used.has(index));
  let longest: Place = { used: new Set(), value: first };
  for (let tries = 0; open.length > 0; tries += 1) {
    const place = open.pop() ?? longest;
    if (missing(place).length < missing(longest).length) longest = place;
    const found = isEnd(steps, place, last) ? true : tries > triesMax ? null : false;
    if (found !== false) return { found, value: longest.value, missing: missing(longest) };
    for (const next of nextPlaces(steps, place)) {
      const key = keyOf(next);
      if (!seen.has(key)) open.push(next);
      seen.add(key);
    }
  }
  return { found: false, value: longest.value, missing: missing(longest) };
}

interface Place {
  readonly used: ReadonlySet<number>;
  readonly value: Oid | null;
}

function keyOf({ used, value }: Place): string {
  return `${value ?? ''} ${[...used].sort((a, b) => a - b).join(',')}`;
}

function isEnd(steps: readonly Step[], { used, value }: Place, last: Oid | null | undefined): boolean {
  return (last === undefined || value === last) && steps.every((step, index) => !step.must || used.has(index));
}

/**
 * A step may come next when it fits, and when no other one that must come had ended before it began. Two pushers who ask for the
 * same value both get it: the second finds it there.
 */
function nextPlaces(steps: readonly Step[], { used, value }: Place): Place[] {
  const waiting = steps.filter((step, index) => step.must && !used.has(index));
  const bound = Math.min(...waiting.map(({ ended }) => ended));
  return steps.flatMap((step, index) => {
    const fits = step.before === 'any' || step.before === value || (step.must && step.after === value);
    return used.has(index) || !fits || step.began > bound ? [] : [{ used: new Set([...used, index]), value: step.after }];
  });
}
