/** What the protocol sees of the world, types only: doors (git/git.ts, …) open it for real, a simulation in memory. */
import type { Limits, RepositoryConfig } from '../contract/configs';
import type { ControlLine } from './leasefile';
import type { Taken } from './taken';
import type {
  CommitsBeyond,
  Deleted,
  Drops,
  FenceChange,
  FenceDoor,
  GitlabSide,
  Hold,
  Instant,
  Lease,
  Move,
  Oid,
  PassEnd,
  OldSide,
  PushAnswer,
  RefName,
  Refs,
  State,
  Stuck,
  Tries,
  Trouble,
  Update,
} from './values';

export interface Clock {
  now(): Instant;
  /** ISO time for people and for attic names; nothing is decided by it. */
  wall(): string;
  sleep(ms: number): Promise<void>;
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
  /** Empty where it cannot be read. */
  deleted(): Deleted;
  writeDeleted(deleted: Deleted): void;
  /** A move to `old`: the next first copy starts with nothing agreed. */
  forget(): void;
  tries(): Tries;
  writeTries(tries: Tries): void;
  troubles(): Trouble[];
  writeTroubles(troubles: readonly Trouble[]): void;
  /** What old took over from GitLab, oldest first. */
  taken(): Taken[];
  writeTaken(taken: readonly Taken[]): void;
  /** What a following pass set on old, or was about to, beyond what is agreed. Empty where it cannot be read. */
  followed(): Update[];
  writeFollowed(updates: readonly Update[]): void;
  /** What following passes could not bring level. Empty when it is missing or unreadable: then each is tried. */
  stuck(): Stuck[];
  writeStuck(stuck: readonly Stuck[]): void;
  /** Every push whose records are not forgotten, oldest first. */
  leases(): Lease[];
  /**
   * Forgets records of ended leases, all of them or none; a lease without records goes, and what a refused push left.
   */
  drop(drops: Drops): void;
  /** When writers without hooks were seen in `mirror`, as `printPassEnd` writes it: the last hundred. */
  unhooked(): string[];
  addUnhooked(times: readonly string[]): void;
  /** A pass left a ref to a live lease: its end wakes the next pass. */
  markSkipped(skipped: boolean): void;
  /** A pass ended well: failures of before are over. */
  markPass(): void;
  lastPass(): PassEnd | null;
  /** The one lock of passes, settlements and changes of phase; null when somebody else kept it for `waitMs`. */
  lock(waitMs: number): Promise<Unlock | null>;
}

/** Git, in one repository on old. Everything has a deadline; what git printed becomes a value through one table. */
export interface Git {
  oldSide(): Promise<OldSide>;
  /**
   * Those of these names that are symbolic refs on old, also where the target is gone: git lists such a one nowhere,
   * and writes over it as if its name were free.
   */
  symbolicAmong(refs: readonly RefName[]): Promise<Set<RefName>>;
  /** Throws `gitlab-unreachable` when GitLab cannot be asked. */
  gitlabSide(): Promise<GitlabSide>;
  /** One push of all updates, each with a lease on its `before`. */
  push(
    updates: readonly Update[],
    options: { readonly atomic: boolean; readonly lock: Unlock | null },
  ): Promise<PushAnswer>;
  /** One push of the fence alone, with a lease on `before`; its object is made for it. `after` null takes it away. */
  pushFence(change: FenceChange, lock: Unlock): Promise<PushAnswer>;
  /**
   * Brings the objects of GitLab's refs here, checked as fetch checks them; changes no ref. Null: they are here; else
   * git's words where it refuses objects of at least one, which asking again does not change. Throws `fetch-failed` for
   * everything else.
   */
  fetch(refs: readonly RefName[], lock: Unlock | null): Promise<string | null>;
  /** Compare-and-set, one for each: answers those that failed, with git's words. Deletions go first. */
  setRefs(updates: readonly Update[], lock: Unlock | null): Promise<Map<RefName, string>>;
  /**
   * The first of these updates that git could not make now, with its words: a name in the way, a lock, a folder that
   * cannot be written. Takes the locks for a moment and changes nothing; null when nothing is in the way.
   */
  unsettable(updates: readonly Update[]): Promise<{ readonly ref: RefName; readonly words: string } | null>;
  setHead(branch: RefName): Promise<void>;
  /** False also when one of them is missing. */
  isAncestor(ancestor: Oid, descendant: Oid): Promise<boolean>;
  /** `isAncestor` of many moves, in their order: a handful of processes, however many they are. */
  forward(moves: readonly Move[]): Promise<boolean[]>;
  /** They have a commit in common. False also when git cannot tell. */
  isRelated(one: Oid, other: Oid): Promise<boolean>;
  /**
   * Those of `values` whose commits none of these tips contains; a value that is no commit, or is missing, counts
   * unless it is a tip. All at once; where git cannot walk the history, all count. Tips that are not here are left out.
   */
  uncontained(values: readonly Oid[], tips: readonly Oid[]): Promise<Set<Oid>>;
  /** Those of `oids` that are not here. */
  missing(oids: readonly Oid[]): Promise<Set<Oid>>;
  /** True when everything that the tips need is here: as git checks a push. */
  connected(tips: readonly Oid[]): Promise<boolean>;
  /**
   * True when everything below these tips is here, whatever the refs say. A whole walk: for when something already went
   * wrong.
   */
  complete(tips: readonly Oid[]): Promise<boolean>;
  /** receive.denyDeletes and receive.denyNonFastForwards as receive-pack sees them. */
  denied(): Promise<{ deletes: boolean; rewinds: boolean }>;
  /** Moves an unreadable ref out of the way, kept in the state folder. */
  moveAside(ref: RefName): Promise<void>;
  /** One line of history for people: `git log --oneline` from a tip, newest first. */
  history(tip: Oid, not: Oid | null, lines: number): Promise<string>;
  /**
   * Commits of a tip that none of `others` contains, for people: how many, and the newest with date and author, a line
   * each. Those of `others` that are not here are left out; none where git cannot walk.
   */
  commitsBeyond(tip: Oid, others: readonly Oid[], lines: number): Promise<CommitsBeyond>;
}

/**
 * What the repository's own post-receive and post-update are to hear of changes that we made. It is written down under
 * the lock, and a process of its own runs them: nobody waits for a hook that hangs.
 */
export interface OwnHooks {
  /** There is one, and it may be run. */
  isThere(): boolean;
  /** Before these refs change: whoever finds it later knows that they may have. */
  plan(updates: readonly Update[]): void;
  /** What was planned and is not settled yet; null when nothing is. */
  planned(): readonly Update[] | null;
  /** What came of the plan, in the place of it: the next to be heard. Nothing: the plan is forgotten. */
  due(updates: readonly Update[]): void;
  /** What own pre-receive and update say of a push that git took alone, beside these refs: why not, or null. */
  judge(update: Update, refs: Refs): Promise<string | null>;
  /** Something is to be heard: somebody tells them now. Never waits. */
  start(): void;
}

export interface Log {
  write(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Why git would not run the hooks of a repository: it takes pushes alone then. For people. */
export interface Hookless {
  readonly words: string;
  readonly next: string;
}

export interface HooksSeen {
  readonly mended: readonly string[];
  /** Null where git would run them. */
  readonly hookless: Hookless | null;
}

/** One repository, as the verbs see it. */
export interface World {
  readonly config: RepositoryConfig;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly git: Git;
  readonly ownHooks: OwnHooks;
  readonly fence: FenceDoor;
  readonly log: Log;
  /** Ends the processes of a lease that passed its limit; resolves when they are gone. */
  endProcesses(lease: Lease): Promise<void>;
  /** A process that sends this push to GitLab still runs: it may have outlived its hook. */
  isSending(lease: Lease): boolean;
  /** Writes down that it is gone, as of now. */
  noteGone(lease: Lease): void;
  /** A fresh id for a hold, which names this process. */
  newHoldId(): string;
  /** The process that took the hold is dead: it can never switch. */
  isOwnerGone(hold: Hold): boolean;
  /** Mends the hooks when git would not run them; answers what it mended, and why git still would not. */
  mendHooks(): Promise<HooksSeen>;
  /**
   * Under the lock: what a crash or a dying disk left in the way of a pass (git's stale locks, files of the journal);
   * answers what it mended.
   */
  mendState(): Promise<string[]>;
  /** Pushes in the repository that no lease tells of: they began before the hooks, or have not come to them: pids. */
  olderPushes(): number[];
  /** Ends these of them; resolves when they are gone. */
  endOlderPushes(pids: readonly number[]): Promise<void>;
}

export interface PushLease {
  /** Appends a control line; with `flush` it is on disk before anything follows. */
  note(line: ControlLine, flush: boolean): void;
  /** The push is refused: no record stays. */
  refused(): void;
}

export interface PushContext {
  readonly world: World;
  readonly updates: readonly Update[];
  readonly lease: PushLease;
  /** By whose rules its hook let it in; null where its lease does not say. */
  readonly epoch: number | null;
  readonly say: (
    name:
      | 'refuse'
      | 'brownout'
      | 'stale'
      | 'staleUnhealed'
      | 'stopped'
      | 'unknown'
      | 'unreachable'
      | 'declined'
      | 'accepted'
      | 'damaged'
      | 'travelled',
    fields?: Record<string, string>,
  ) => string;
  /** Brings old level in a fresh process outside the quarantine; null when it did, else why not. */
  readonly heal: (refs: readonly RefName[]) => Promise<string | null>;
}
