/**
 * Is there one order of compare-and-sets on a ref that explains what pushers were told? Pure. After Wing and Gong: a search over
 * orders that respect real time, where what nobody knows may have happened or not.
 */
import type { Oid } from './history';

export interface Step {
  /** `any`: a person set the ref, whatever it was. */
  readonly before: Oid | null | 'any';
  readonly after: Oid | null;
  readonly began: number;
  /** Infinity for a step that nobody was told of. */
  readonly ended: number;
  /** False: it may have happened or not. */
  readonly must: boolean;
}

const triesMax = 200_000;

/** `last` undefined: any end will do. Null when the search was given up. */
export function isOneChain(all: readonly Step[], first: Oid | null, last: Oid | null | undefined): boolean | null {
  const steps = all.filter(({ before, after, must }) => before !== after || must).sort((a, b) => a.began - b.began);
  const open: Place[] = [{ used: new Set(), value: first }];
  const seen = new Set<string>();
  for (let tries = 0; open.length > 0; tries += 1) {
    if (tries > triesMax) return null;
    const place = open.pop() ?? { used: new Set(), value: null };
    if (isEnd(steps, place, last)) return true;
    for (const next of nextPlaces(steps, place)) {
      const key = keyOf(next);
      if (!seen.has(key)) open.push(next);
      seen.add(key);
    }
  }
  return false;
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

/** A step may come next when it fits, and when no other one that must come had ended before it began. */
function nextPlaces(steps: readonly Step[], { used, value }: Place): Place[] {
  const waiting = steps.filter((step, index) => step.must && !used.has(index));
  const bound = Math.min(...waiting.map(({ ended }) => ended));
  return steps.flatMap((step, index) => {
    const fits = step.before === 'any' || step.before === value;
    return used.has(index) || !fits || step.began > bound ? [] : [{ used: new Set([...used, index]), value: step.after }];
  });
}
