/** What a person who says that GitLab is wrong may have sent back to it. Pure: agent/sync/stopped.ts asks git. */
import type { Oid, RefName, Update } from './values';

/** A stopped pass is listed under it: no ref of its own. A person who names it means every ref. */
export const allRefs = 'refs/' as RefName;

/** One ref of which GitLab lost a value that old still has. */
export interface Missed {
  readonly ref: RefName;
  readonly lost: Oid;
  /** What GitLab shows instead. */
  readonly gitlab: Oid | null;
  /** Some commits of `gitlab` are nowhere on old: whoever made them has nothing else of ours. */
  readonly isOnlyOnGitlab: boolean;
  /** Why it has to wait, for people; null where nothing is in the way. */
  readonly leftOut: string | null;
}

export type GiveBackPlan =
  /** Named, and GitLab lost nothing of it. */
  | { readonly kind: 'unknown'; readonly ref: RefName }
  /** GitLab alone has commits of these, and they were not named one by one. */
  | { readonly kind: 'unnamed'; readonly refs: readonly RefName[] }
  | { readonly kind: 'send'; readonly send: readonly Update[]; readonly leftOut: readonly Missed[] };

/**
 * `named` are refs, or `allRefs`, or both. Whoever names all does not know of commits that somebody pushed to GitLab
 * meanwhile: those refs are named as well, or nothing is sent.
 */
export function planGiveBack(missed: readonly Missed[], named: ReadonlySet<RefName>): GiveBackPlan {
  const known = new Set([allRefs, ...missed.map(({ ref }) => ref)]);
  const unknown = [...named].find((ref) => !known.has(ref));
  if (unknown !== undefined) return { kind: 'unknown', ref: unknown };
  const chosen = missed.filter(({ ref }) => named.has(allRefs) || named.has(ref));
  const unnamed = chosen.filter(({ ref, isOnlyOnGitlab }) => isOnlyOnGitlab && !named.has(ref));
  if (unnamed.length > 0) return { kind: 'unnamed', refs: unnamed.map(({ ref }) => ref) };
  const send = chosen
    .filter(({ leftOut }) => leftOut === null)
    .map(({ ref, lost, gitlab }) => ({ ref, before: gitlab, after: lost }));
  return { kind: 'send', send, leftOut: chosen.filter(({ leftOut }) => leftOut !== null) };
}
