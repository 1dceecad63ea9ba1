/**
 * Refs that passes cannot bring level: which of them people read of, and when each is tried again. Pure.
 * Times are since boot, as everywhere.
 */
import { ageMs } from './time';
import type { Instant, Stuck, StuckKind, Update } from './values';

/** In a row. One failure may be a lock of somebody who is just writing. */
const listedFrom = 2;

/** Between two tries, ms, from then on; each time twice as long. A fetch may bring much, for nothing. */
const againMs: Readonly<Record<StuckKind, { readonly first: number; readonly most: number }>> = {
  unset: { first: 5_000, most: 50_000 },
  unfetched: { first: 10_000, most: 600_000 },
  // A pass of `mirror` sends it with all others.
  unsent: { first: 0, most: 0 },
};

export function isStuckKind(kind: string): kind is StuckKind {
  return kind in againMs;
}

export function isListed({ tries }: Stuck): boolean {
  return tries >= listedFrom;
}

/** What moved since is another try: old's value, or, where objects are refused, GitLab's. */
export function isDue(stuck: Stuck, update: Update, now: Instant): boolean {
  const moved = stuck.before !== update.before || (stuck.kind === 'unfetched' && stuck.after !== update.after);
  return moved || ageMs(now, stuck.last) >= waitMs(stuck);
}

/** How long it is left alone after its last try, ms. */
export function waitMs({ kind, tries }: Pick<Stuck, 'kind' | 'tries'>): number {
  const { first, most } = againMs[kind];
  return tries < listedFrom ? 0 : Math.min(most, first * 2 ** Math.min(tries - listedFrom, 16));
}

/** One more failure. Where old's value moved meanwhile, it is the first. */
export function failedAgain(
  known: Stuck | undefined,
  { ref, before, after }: Update,
  why: Pick<Stuck, 'kind' | 'words' | 'last'>,
): Stuck {
  return { ref, before, after, tries: known?.before === before ? known.tries + 1 : 1, ...why };
}
