/**
 * The fence: a ref of ours at GitLab, by which each look knows whether GitLab is where old left it. The rules, by their
 * numbers, are in docs/design/fence.md; test/model/fence.pml tries to break them. Pure.
 */
import { phaseTable, type Phase } from '../contract/phase';
import { ageMs } from './time';
import { leads, type EndedRecord } from './records';
import type { Fence, FenceValue, Instant, Oid, RefName, Refs } from './values';

/** Nobody but us writes there; it is neither synced nor shown to whoever clones. */
export function fenceRef({ id }: Pick<Fence, 'id'>): RefName {
  return `refs/handover/fence/${id}` as RefName;
}

/** What GitLab shows of it, among all its refs. */
export function shownFence(fence: Fence, refs: Refs): Oid | null {
  return refs.get(fenceRef(fence)) ?? null;
}

/** Of a repository that had none. */
export function newFence(id: string): Fence {
  return { id, last: null, proof: 'sure', next: null, former: [], seen: null, gate: false, stopped: false };
}

export interface FenceLook {
  readonly fence: Fence;
  readonly phase: Phase;
  /** What GitLab shows, and what the repository has. */
  readonly shown: Oid | null;
  readonly copy: Oid | null;
  readonly now: Instant;
  /** Every ref at GitLab is what was agreed, contains it, or is what an ended push made of it. */
  readonly isAsAgreed: boolean;
  /** How long GitLab may show how it was, ms: a replica that lags. */
  readonly lagMs: number;
}

export type FenceVerdict =
  | 'equal'
  /** The next one has landed: the move is finished. */
  | 'landed'
  /** It is missing and nothing else is wrong (3b). */
  | 'plant'
  /** GitLab shows how it was a moment ago (12). */
  | 'lags'
  | 'travelled';

/** Where the settings say nothing. */
export const lagDefaultMs = 60_000;

/** What a look may do (3). The caller knows the phase by whose rules it passes. */
export function decideFence(look: FenceLook): FenceVerdict {
  const { fence, shown, copy } = look;
  // In the open phases old's refs follow GitLab, whatever they were.
  const isClosed = !phaseTable[look.phase].toOld;
  if (fence.next !== null && shown === fence.next.oid) {
    const isCopied = !isClosed || copy === fence.last || copy === fence.next.oid;
    return isCopied && (fence.proof === 'sure' || look.isAsAgreed) ? 'landed' : 'travelled';
  }
  if (fence.proof === 'sure' && shown === fence.last && (!isClosed || copy === fence.last)) return 'equal';
  if (mayPlant(look, isClosed)) return 'plant';
  return fence.proof === 'sure' && isFormer(look) ? 'lags' : 'travelled';
}

function mayPlant({ fence, shown, now, isAsAgreed }: FenceLook, isClosed: boolean): boolean {
  return !isClosed && shown === null && fence.proof !== 'settled' && fence.seen === now.boot && isAsAgreed;
}

function isFormer({ fence, shown, now, lagMs }: FenceLook): boolean {
  return fence.former.some(({ oid, until }) => oid === shown && isOfLate(until, now, lagMs));
}

function isOfLate(until: Instant, now: Instant, lagMs: number): boolean {
  return until.boot === now.boot && ageMs(now, until) < lagMs;
}

/** How many former ones are known: moves come fast where people push all the time. */
const formerMax = 16;

/** Before it goes to GitLab. One that is about to go is never replaced: it may have landed (2). */
export function withNext(fence: Fence, next: FenceValue): Fence {
  return fence.next === null ? { ...fence, next } : fence;
}

/** It is at GitLab, and the repository has it (2). */
export function withLanded(fence: Fence, now: Instant, lagMs: number): Fence {
  const { next, last } = fence;
  if (next === null) return fence;
  const former = fence.former.filter(({ until }) => isOfLate(until, now, lagMs));
  return {
    ...fence,
    last: next.oid,
    proof: 'sure',
    next: null,
    former: last === null ? former : [...former, { oid: last, until: now }].slice(-formerMax),
    seen: now.boot,
    gate: false,
    stopped: false,
  };
}

/** What is at GitLab explains itself by what was agreed and by pushes that ended, whatever the fence says. */
export function explains(agreed: Oid | null, gitlab: Oid | null, ended: readonly EndedRecord[]): boolean {
  return agreed === gitlab || leads(ended, agreed, gitlab);
}

/**
 * True where GitLab answered for old's value of a ref and no fence covers it yet (7). `null`: the ref was deleted.
 */
export function isAnswered(old: Oid | null, ended: readonly EndedRecord[]): boolean {
  return ended.some(({ answered, after }) => answered === true && after === old);
}
