/** Where a checker may say that it cannot tell, and how often: anything else fails like a broken promise. Pure. */
import type { PromiseName, UnknownReason, Verdict } from './history';

export interface Allowance {
  readonly promise: PromiseName;
  readonly reason: UnknownReason;
  /** At most so many of each so many seeds or runs; less than a whole one is none. */
  readonly most: number;
  readonly of: number;
}

/** All bounds stand here. */
export const allowances: Readonly<Record<'simulation' | 'chaos', readonly Allowance[]>> = {
  // A simulated world sees everything, and its histories are short.
  simulation: [],
  // Nobody sees every change of a ref on a real old server, so that P5 is judged by what reaches GitLab.
  chaos: [{ promise: 'P5', reason: 'changes-not-seen', most: 1, of: 1 }],
};

export interface Unknown {
  readonly promise: PromiseName;
  readonly reason: UnknownReason;
  /** Seeds or runs in which it was said. */
  readonly count: number;
  readonly allowed: number;
  /** What the first of them said. */
  readonly story: string;
}

/** Counts what was left unknown in several seeds or runs, each with its verdicts. */
export function countUnknown(runs: readonly (readonly Verdict[])[], allowed: readonly Allowance[]): readonly Unknown[] {
  const counts = new Map<string, Unknown>();
  for (const verdicts of runs) {
    for (const [key, { promise, reason, story }] of unknownOf(verdicts)) {
      const rule = allowed.find((one) => one.promise === promise && one.reason === reason);
      const bound = rule === undefined ? 0 : Math.floor((runs.length * rule.most) / rule.of);
      const before = counts.get(key);
      counts.set(key, {
        promise,
        reason,
        count: (before?.count ?? 0) + 1,
        allowed: bound,
        story: before?.story ?? story,
      });
    }
  }
  return [...counts.values()];
}

export function isTooMany({ count, allowed }: Unknown): boolean {
  return count > allowed;
}

export function tellUnknown(one: Unknown): string {
  const bound = one.allowed === 0 ? 'none is allowed' : `${one.allowed} allowed`;
  return `${one.promise} unknown ${one.count} times (${one.reason}; ${bound})${isTooMany(one) ? `: ${one.story}` : ''}`;
}

type UnknownVerdict = Extract<Verdict, { answer: 'unknown' }>;

/** A seed counts once for each promise and reason, however many refs it says so of. */
function unknownOf(verdicts: readonly Verdict[]): Map<string, UnknownVerdict> {
  const found = verdicts.filter((one): one is UnknownVerdict => one.answer === 'unknown');
  return new Map(found.map((one) => [`${one.promise} ${one.reason}`, one]));
}
