/** What a ref, a push, a record and a repository's state are, to everything that decides. Types only. */
import type { Phase } from '../contract/phase';

/** 40 lower-case hex digits; absence is `null`, never the zero id. */
export type Oid = string & { readonly brand: 'Oid' };

/** A full ref name as bytes: each character is one byte (latin1), so that distinct names never merge. */
export type RefName = string & { readonly brand: 'RefName' };

/** Name to object id. Symbolic refs are not in it. */
export type Refs = Map<RefName, Oid>;

/** Values that refs had before their deletion was agreed, the newest last. */
export type Deleted = Map<RefName, readonly Oid[]>;

export interface Update {
  readonly ref: RefName;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** A ref that goes from one value to another. */
export interface Move {
  readonly before: Oid;
  readonly after: Oid;
}

/** Milliseconds since boot, and which boot: wall clocks jump, so no limit hangs on them. */
export interface Instant {
  readonly boot: string;
  readonly uptimeMs: number;
}

/** When a pass ended well. */
export interface PassEnd {
  /** ISO time, for people: the clock may have been wrong. */
  readonly wall: string;
  /** Null where an older version wrote it down. */
  readonly at: Instant | null;
}

export interface Hold {
  /** <pid of its owner>.<its start>.<random> */
  readonly id: string;
  readonly boot: string;
  readonly endUptimeMs: number;
}

/** The one file: read and replaced as a whole. */
export interface State {
  readonly phase: Phase;
  readonly epoch: number;
  readonly hold: Hold | null;
  /** Where the repository lies now. */
  readonly directory: string;
  /** Device and inode of `directory`, `dev:ino`: a copy put in its place is noticed. */
  readonly identity: string;
  /** Null in `old`, and where an older version wrote the file: the next pass begins one. */
  readonly fence: Fence | null;
}

/** A ref of ours at GitLab: docs/design/fence.md. */
export interface Fence {
  /** Of this attachment: the end of the ref's name. */
  readonly id: string;
  /** What GitLab had last as far as old knows; what the next one is to replace there where `proof` is not `sure`. */
  readonly last: Oid | null;
  /** `planted` and `settled`: the next one counts when another look finds it, and nothing else wrong. */
  readonly proof: 'sure' | 'planted' | 'settled';
  /** About to go to GitLab. */
  readonly next: FenceValue | null;
  /** Those of a short time ago, the newest last. */
  readonly former: readonly { readonly oid: Oid; readonly until: Instant }[];
  /** The boot in which a look found it right: before that no push is taken. */
  readonly seen: string | null;
  /** A change of phase is not over before the fence has moved: pushes wait. */
  readonly gate: boolean;
  /** GitLab shows another one: nothing is sent, followed or taken. */
  readonly stopped: boolean;
}

/** Never used twice. */
export interface FenceValue {
  readonly oid: Oid;
  /** The random part, of which the object is made. */
  readonly random: string;
}

export interface FenceChange {
  readonly ref: RefName;
  readonly before: Oid | null;
  readonly after: FenceValue | null;
}

/** What the fence is made of, and the repository's own copy of it, which travels with the repository. */
export interface FenceDoor {
  newId(): string;
  newValue(): FenceValue;
  /** Null where there is none, or it cannot be read. */
  copy(): Oid | null;
  setCopy(value: Oid | null): void;
}

export type LeaseStage =
  | { readonly kind: 'entering' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'acting'; readonly epoch: number; readonly phase: Phase };

/** One push to old: its lease and its records. */
export interface Lease {
  readonly id: string;
  readonly stage: LeaseStage;
  /** Its processes live and it has not ended. */
  readonly live: boolean;
  /** When the lease began; another boot counts as uptime 0. */
  readonly began: Instant;
  /** The records; null while they are being written: then the lease may be about any ref. */
  readonly updates: readonly Update[] | null;
  /** What post-receive listed; null when post-receive did not run. */
  readonly landed: readonly Update[] | null;
  /** When the push was sent to GitLab; null when it was not. */
  readonly sent: Instant | null;
  /** GitLab's answer came, or the outcome was seen. */
  readonly answered: boolean;
  /** The client of its request was seen to be gone: `sent` is that moment. */
  readonly gone: boolean;
  /** Whose push it was, as far as the hook could see: an account and an address of ssh. */
  readonly from?: string | null;
  /** Process ids to end when the lease passes its limit. */
  readonly pids: readonly number[];
}

/** Records to forget, by the id of their lease: those of some refs, or the whole lease. */
export type Drops = ReadonlyMap<string, ReadonlySet<RefName> | 'all'>;

export interface Trouble {
  readonly ref: RefName;
  readonly kind:
    'conflict' | 'damaged' | 'declined' | 'unhooked' | 'stopped' | 'aliased' | 'travelled' | 'doubtful' | StuckKind;
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
  readonly agreed: Oid | null;
  readonly since: string;
  readonly words: string;
  /** Of a damaged one: what old should have, or had; null is a deletion. */
  readonly lost?: readonly (Oid | null)[];
  /** Of a stopped pass: how many refs it holds back, and the first of them. */
  readonly held?: { readonly count: number; readonly refs: readonly Update[] };
}

/**
 * `unset`: old cannot set the ref. `unfetched`: git on old refuses objects of GitLab's value. `unsent`: in `mirror`,
 * GitLab cannot set it.
 */
export type StuckKind = 'unset' | 'unfetched' | 'unsent';

/** A ref that passes tried to bring level in vain. */
export interface Stuck {
  readonly ref: RefName;
  readonly kind: StuckKind;
  /** What the side that does not move has, and is to have, when it was tried last. */
  readonly before: Oid | null;
  readonly after: Oid | null;
  /** How often in a row. */
  readonly tries: number;
  readonly last: Instant;
  /** Git's, or GitLab's. */
  readonly words: string;
}

/** Values written down before they are sent: `sent` since both sides were last level, `late` before that. */
export interface Tries {
  readonly sent: Map<RefName, (Oid | null)[]>;
  readonly late: Map<RefName, (Oid | null)[]>;
  /**
   * When the client of the last request without an answer ended; `running` from before it is sent; null when none may
   * still land.
   */
  unanswered: Instant | 'running' | null;
}

/** What GitLab said to a push, after the table in gitanswers.ts. */
export type PushAnswer =
  | { readonly kind: 'ok' }
  /** Every ref has its own line; refs not in the map went through. `words` is what GitLab printed. */
  | { readonly kind: 'rejected'; readonly refs: Map<RefName, Rejection>; readonly words: string }
  /** It ended before any command was sent. */
  | { readonly kind: 'not-sent'; readonly words: string }
  /** It may have been applied. */
  | { readonly kind: 'no-answer'; readonly words: string };

export type Rejection = 'stale' | 'declined' | 'with-others';

export interface GitlabSide {
  readonly refs: Refs;
  /** The default branch, when GitLab says it. */
  readonly head: RefName | null;
}

export interface CommitsBeyond {
  readonly count: number;
  readonly newest: readonly string[];
}

export interface OldSide {
  readonly refs: Refs;
  /** Loose or packed refs that git cannot read. */
  readonly broken: readonly RefName[];
  readonly head: RefName | null;
}

/** How a push ends for the pusher. */
export interface Verdict {
  readonly accept: boolean;
  readonly text: string;
  /** Its outcome is unknown: the lease stays, marked as sent. */
  readonly unknown: boolean;
}
