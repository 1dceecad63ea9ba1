/**
 * What the agent's logic sees of the world. Types only: the doors (git.ts, journal.ts, leases.ts, clock.ts, …) open them for
 * real; a simulation may open them in memory.
 */
import type { Limits, RepositoryConfig } from '../contract/contract';
import type { Phase } from '../contract/phase';

/** 40 lower-case hex digits; absence is `null`, never the zero id. */
export type Oid = string & { readonly brand: 'Oid' };

/** A full ref name as bytes: each character is one byte (latin1), so that distinct names never merge. */
export type RefName = string & { readonly brand: 'RefName' };

/** Name to object id. Symbolic refs are not in it. */
export type Refs = Map<RefName, Oid>;

export interface Update {
  readonly ref: RefName;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** Milliseconds since boot, and which boot: wall clocks jump, so no limit hangs on them. */
export interface Instant {
  readonly boot: string;
  readonly uptimeMs: number;
}

export interface Clock {
  now(): Instant;
  /** ISO time for people and for attic names; nothing is decided by it. */
  wall(): string;
  sleep(ms: number): Promise<void>;
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
}

export type LeaseStage = { readonly kind: 'entering' } | { readonly kind: 'waiting' } | { readonly kind: 'acting'; readonly epoch: number; readonly phase: Phase };

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
  readonly kind: 'conflict' | 'damaged' | 'declined' | 'unhooked' | 'stopped';
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
  readonly agreed: Oid | null;
  readonly since: string;
  readonly words: string;
  /** Of a damaged one: what old should have, or had; null is a deletion. */
  readonly lost?: readonly (Oid | null)[];
}

/** Values written down before they are sent: `sent` since both sides were last level, `late` before that. */
export interface Tries {
  readonly sent: Map<RefName, (Oid | null)[]>;
  readonly late: Map<RefName, (Oid | null)[]>;
  /** When the client of the last request without an answer ended; `running` from before it is sent; null when none may still land. */
  unanswered: Instant | 'running' | null;
}

export interface Unlock {
  /** Descriptor that children inherit, so that the lock outlives us only as long as they do. */
  readonly fd: number;
  release(): void;
}

export interface Journal {
  /** Throws `state-unreadable` when there is none or its checksum is wrong. */
  state(): State;
  /** Replaces the state under its lock; `change` answers null to leave it. Answers what holds afterwards. */
  changeState(change: (state: State) => State | null): Promise<State>;
  /** Null: never written. Throws when it is there but unreadable. */
  agreed(): Refs | null;
  writeAgreed(refs: Refs): void;
  /** A move to `old`: the next first copy starts with nothing agreed. */
  forget(): void;
  tries(): Tries;
  writeTries(tries: Tries): void;
  troubles(): Trouble[];
  writeTroubles(troubles: readonly Trouble[]): void;
  /** Every push that is not settled, oldest first. */
  leases(): Lease[];
  /** Forgets records of ended leases, all of them or none; a lease without records goes. */
  drop(drops: Drops): void;
  /** When writers without hooks were seen in `mirror`: ISO times, the last hundred. */
  unhooked(): string[];
  addUnhooked(times: readonly string[]): void;
  /** A pass left a ref to a live lease: its end wakes the next pass. */
  markSkipped(skipped: boolean): void;
  markPass(): void;
  lastPass(): string | null;
  /** The lock of pass, worker and level; null when somebody else kept it for `waitMs`. */
  lock(waitMs: number): Promise<Unlock | null>;
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

export interface OldSide {
  readonly refs: Refs;
  readonly symbolic: readonly RefName[];
  /** Loose or packed refs that git cannot read. */
  readonly broken: readonly RefName[];
  readonly head: RefName | null;
}

/** Git, in one repository on old. Everything has a deadline; what git printed becomes a value through one table. */
export interface Git {
  oldSide(): Promise<OldSide>;
  /** Throws `gitlab-unreachable` when GitLab cannot be asked. */
  gitlabSide(): Promise<GitlabSide>;
  /** One push of all updates, each with a lease on its `before`. */
  push(updates: readonly Update[], options: { readonly atomic: boolean; readonly lock: Unlock | null }): Promise<PushAnswer>;
  /** Brings the objects of GitLab's refs here, checked as fetch checks them; changes no ref. */
  fetch(refs: readonly RefName[], lock: Unlock | null): Promise<void>;
  /** Compare-and-set, one for each: answers those that failed. Deletions go first. */
  setRefs(updates: readonly Update[], lock: Unlock | null): Promise<RefName[]>;
  setHead(branch: RefName): Promise<void>;
  /** False also when one of them is missing. */
  isAncestor(ancestor: Oid, descendant: Oid): Promise<boolean>;
  /** Those of `oids` that are not here. */
  missing(oids: readonly Oid[]): Promise<Set<Oid>>;
  /** True when everything that the tips need is here: as git checks a push. */
  connected(tips: readonly Oid[]): Promise<boolean>;
  /** True when everything below these tips is here, whatever the refs say. A whole walk: for when something already went wrong. */
  complete(tips: readonly Oid[]): Promise<boolean>;
  /** receive.denyDeletes and receive.denyNonFastForwards as receive-pack sees them. */
  denied(): Promise<{ deletes: boolean; rewinds: boolean }>;
  /** Moves an unreadable ref out of the way, kept in the state folder. */
  moveAside(ref: RefName): Promise<void>;
  /** Runs the repository's own hook with these updates on standard input; false when it failed. */
  runOwnHook(name: 'post-receive' | 'post-update', updates: readonly Update[]): Promise<boolean>;
  /** One line of history for people: `git log --oneline` from a tip, newest first. */
  history(tip: Oid, not: Oid | null, lines: number): Promise<string>;
}

export interface Log {
  write(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** One repository, as the verbs see it. */
export interface World {
  readonly config: RepositoryConfig;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly git: Git;
  readonly log: Log;
  /** Ends the processes of a lease that passed its limit; resolves when they are gone. */
  endProcesses(lease: Lease): Promise<void>;
  /** A fresh id for a hold, which names this process. */
  /** A process that sends this push to GitLab still runs: it may have outlived its hook. */
  isSending(lease: Lease): boolean;
  /** Writes down that it is gone, as of now. */
  noteGone(lease: Lease): void;
  newHoldId(): string;
  /** The process that took the hold is dead: it can never switch. */
  isOwnerGone(hold: Hold): boolean;
  /** Mends the hooks when git would not call them; answers what it mended. */
  mendHooks(): Promise<string[]>;
  /** Under the lock: what a crash or a dying disk left in the way of a pass (git's stale locks, files of the journal); answers what it mended. */
  mendState(): Promise<string[]>;
  /** Git processes in the repository that began before the hooks: pids. */
  olderPushes(): number[];
  /** Ends them; resolves when they are gone. */
  endOlderPushes(): Promise<void>;
}
