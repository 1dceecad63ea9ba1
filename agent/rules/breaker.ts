/**
 * The circuit breaker of a following pass: does what GitLab takes away look like damage of GitLab, not like somebody's
 * work? Pure: agent/sync/losses.ts asks git. docs/design/decisions.md has every row: `npm run docs` makes it from here.
 */
import type { Limits } from '../contract/configs';
import type { RefName } from './values';

/** One ref whose tip on old would be taken away. */
export interface Loss {
  readonly ref: RefName;
  /** `rewound`: what it gets instead is an ancestor of what it was. `replaced`: it gets anything else. */
  readonly kind: 'deleted' | 'rewound' | 'replaced';
  /**
   * Old's own doing: a writer without hooks, whose value is set back, or a push through old whose answer was lost. It
   * says nothing of GitLab.
   */
  readonly isOfOld: boolean;
  /** Some commits of it are in none of GitLab's refs any more: of a branch that was merged before, all are. */
  readonly losesCommits: boolean;
  readonly isDefault: boolean;
  /** What it gets instead has a commit in common with what it was. */
  readonly isRelated: boolean;
}

/** What one look found. */
export interface LossLook {
  readonly losses: readonly Loss[];
  /** How many refs each side has. */
  readonly old: number;
  readonly gitlab: number;
}

export type Stop =
  | { readonly kind: 'no-refs' }
  | { readonly kind: 'default-gone' | 'default-replaced'; readonly ref: RefName }
  | { readonly kind: 'rewound' | 'lost'; readonly count: number };

/** Of all refs: a person resets a branch or two, a backup takes all of them back. */
const rewoundShare = 0.1;

/**
 * Null: old may follow. New commits are somebody's work, however many branches get them in the place of others; damage
 * brings back what was there before, or nothing. Below `breakerRefs` only the default branch stops: one person's push
 * may take two branches back.
 */
export function decideStop(
  { losses, old, gitlab }: LossLook,
  { breakerRefs, breakerShare }: Pick<Limits, 'breakerRefs' | 'breakerShare'>,
): Stop | null {
  if (gitlab === 0 && old > 0 && isEmptied(losses, breakerRefs)) return { kind: 'no-refs' };
  const counted = losses.filter(({ isOfOld, losesCommits }) => losesCommits && !isOfOld);
  const main = counted.find(({ isDefault }) => isDefault);
  if (main?.kind === 'deleted') return { kind: 'default-gone', ref: main.ref };
  if (main?.kind === 'replaced' && !main.isRelated) return { kind: 'default-replaced', ref: main.ref };
  const back = counted.filter(({ kind }) => kind === 'rewound').length;
  if (isMuch(back, old, { atLeast: breakerRefs, share: rewoundShare })) return { kind: 'rewound', count: back };
  const lost = counted.filter(({ kind }) => kind !== 'replaced').length;
  return isMuch(lost, old, { atLeast: breakerRefs, share: breakerShare }) ? { kind: 'lost', count: lost } : null;
}

/**
 * A project that nobody has pushed to yet lost nothing where git on old took a push or two alone. What is many may as
 * well be a list of agreed values that was lost.
 */
function isEmptied(losses: readonly Loss[], atLeast: number): boolean {
  return losses.length >= atLeast || losses.some(({ isOfOld }) => !isOfOld);
}

function isMuch(count: number, refs: number, bound: { readonly atLeast: number; readonly share: number }): boolean {
  return count > 0 && count >= bound.atLeast && count >= refs * bound.share;
}
