/**
 * Every decision about one ref or one push. Pure: the caller reads both sides before and writes after.
 * docs/design/decisions.md has every row: `npm run docs` makes it from here.
 */
import type { Hold, Lease, Oid, PushAnswer, RefName, Refs, State, Update } from './values';
import { leads, type EndedRecord } from './records';

/** One ref of the mirror pass: old is the authority. */
export interface MirrorLook {
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
  readonly agreed: Oid | null;
  /** GitLab's value was sent since both sides were last level. */
  readonly sentNow: boolean;
  /** GitLab's value was sent before that. */
  readonly sentLate: boolean;
  readonly live: boolean;
  readonly ended: readonly EndedRecord[];
  /** `old` descends from `agreed`. */
  readonly forward: boolean;
  /** It was deleted, and nothing but a lost unlink or a backup gave it a value that it had then or before. */
  readonly cameBack: boolean;
  /** Acknowledged values that are gone from old; not asked for where only GitLab moved. */
  readonly lost: readonly (Oid | null)[];
}

export type MirrorAction =
  /** `atRest`: no push is on it, and nothing is lost: its records are over. */
  | { readonly kind: 'level'; readonly atRest: boolean }
  | { readonly kind: 'agree'; readonly value: Oid | null }
  /** `witnessed`: pushes that ended explain old's value; else a writer without hooks moved it. */
  | { readonly kind: 'send'; readonly expect: Oid | null; readonly witnessed: boolean }
  | { readonly kind: 'wait' }
  /** What old should have, or had: never empty; null is a deletion. */
  | { readonly kind: 'damaged'; readonly lost: readonly (Oid | null)[] }
  | { readonly kind: 'conflict' };

export function decideMirror(look: MirrorLook): MirrorAction {
  if (look.old !== look.agreed) return decideMoved(look);
  if (look.gitlab === look.agreed) return decideLevel(look);
  if (look.sentNow) return { kind: 'agree', value: look.gitlab };
  if (look.sentLate) return { kind: 'send', expect: look.gitlab, witnessed: true };
  return { kind: 'conflict' };
}

function decideLevel(look: MirrorLook): MirrorAction {
  if (look.live) return { kind: 'level', atRest: false };
  return look.lost.length === 0 ? { kind: 'level', atRest: true } : { kind: 'damaged', lost: look.lost };
}

function decideMoved(look: MirrorLook): MirrorAction {
  const witnessed = leads(look.ended, look.agreed, look.old);
  const harmless = (look.agreed === null && look.old !== null && !look.cameBack) || look.forward;
  if ((witnessed || harmless) && look.lost.length === 0)
    return isForeign(look) ? { kind: 'conflict' } : { kind: 'send', expect: expected(look), witnessed };
  return look.live ? { kind: 'wait' } : { kind: 'damaged', lost: look.lost.length === 0 ? [look.agreed] : look.lost };
}

/** Known without asking: a conflict stays listed while GitLab gives no answer to a push. */
function isForeign({ old, gitlab, agreed, sentNow, sentLate }: MirrorLook): boolean {
  return gitlab !== agreed && gitlab !== old && !sentNow && !sentLate;
}

/** The lease: a value that landed late, else agreed. */
function expected({ gitlab, agreed, sentNow, sentLate }: MirrorLook): Oid | null {
  return sentLate && !sentNow ? gitlab : agreed;
}

/** What a stale answer of GitLab means for the mirror pass, after GitLab's value was read again. */
export function decideStale(
  gitlab: Oid | null,
  agreed: Oid | null,
  sentNow: boolean,
  sentLate: boolean,
): 'agree' | 'again' | 'conflict' {
  if (sentNow) return 'agree';
  return gitlab === agreed || sentLate ? 'again' : 'conflict';
}

/** One ref of the following pass (`both`, `warn`, `refuse`): GitLab always wins. `follow` sets old to its value. */
export function decideFollow(old: Oid | null, gitlab: Oid | null, live: boolean): 'level' | 'wait' | 'follow' {
  if (old === gitlab) return 'level';
  return live ? 'wait' : 'follow';
}

/** True when old moved although no hook saw it: neither agreed nor the records explain its value. */
export function isUnhooked(old: Oid | null, agreed: Oid | null, ended: readonly EndedRecord[]): boolean {
  return old !== agreed && !ended.some((record) => record.after === old);
}

/** The row of the table for a push to old in `both` and `warn`. */
export type PushRow = 'accept' | 'stale' | 'declined' | 'not-sent' | 'unknown';

/** `now` are GitLab's values after the answer, or null when GitLab could not be asked. */
export function decidePush(updates: readonly Update[], answer: PushAnswer, now: Refs | null): PushRow {
  if (answer.kind === 'ok') return 'accept';
  if (now !== null && updates.every((update) => (now.get(update.ref) ?? null) === update.after)) return 'accept';
  if (answer.kind === 'not-sent') return now !== null && staleRefs(updates, now).length > 0 ? 'stale' : 'not-sent';
  if (now === null || answer.kind === 'no-answer') return 'unknown';
  return staleRefs(updates, now).length > 0 ? 'stale' : 'declined';
}

/** The refs that GitLab has at another value than the push started from. */
export function staleRefs(updates: readonly Update[], now: Refs): RefName[] {
  return updates.filter((update) => (now.get(update.ref) ?? null) !== update.before).map((update) => update.ref);
}

/**
 * Drain: does this lease keep a change of phase to a new epoch waiting? Entering counts as old; waiting never blocks.
 */
export function blocksDrain(lease: Lease, newEpoch: number): boolean {
  if (!lease.live || lease.stage.kind === 'waiting') return false;
  return lease.stage.kind === 'entering' || lease.stage.epoch < newEpoch;
}

/**
 * A change of phase may hold new pushes at the epoch that it began at, and at no other: what it levelled by is over
 * then. And not while another change holds them, unless that hold `isOver`.
 */
export function mayHold({ epoch, hold }: State, before: number, isOver: (hold: Hold) => boolean): boolean {
  return epoch === before && (hold === null || isOver(hold));
}
