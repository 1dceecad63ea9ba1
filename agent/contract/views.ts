/** What the agent shows of the server, of a repository and of what is wrong with either. Pure types. */
import type { Phase } from './phase';

/** 0 done, 1 our bug, 2 a person must decide or correct, 3 environment (try again), 4 nothing to do. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

export interface Fault {
  /** Stable name from the catalogue (faults/catalogue.ts), such as `illegal-move`. */
  readonly code: string;
  /** One sentence: Cannot ‹do what›: ‹what is so›. */
  readonly message: string;
  /** What to do next: one sentence or one command. */
  readonly next: string;
  readonly exit: ExitCode;
}

export interface Hello {
  readonly agentVersion: string;
  readonly account: string;
  readonly os: string;
  readonly gitVersion: string;
  readonly nodeVersion: string;
  readonly timer: 'systemd' | 'cron' | 'none';
  /** Why this server cannot be used; empty when it can. */
  readonly refusals: readonly Fault[];
}

export interface RepositoryView {
  readonly path: string;
  /** Null: hooks are not installed, the agent knows nothing of it. */
  readonly phase: Phase | null;
  readonly epoch: number;
  /** Where the repository lies now: differs from `path` when retired. */
  readonly location: string;
  /** The branch that HEAD names (`refs/heads/main`), or null when it is detached or unreadable. */
  readonly head: string | null;
  /** True when the installed RepositoryConfig, hooks and shims equal what was asked about. */
  readonly current: boolean;
  /** Why the move that was asked about would be refused; empty when it would not. */
  readonly refusals: readonly Fault[];
  /** What to know before that move; empty where none is to be made. */
  readonly warnings: readonly string[];
}

export interface RefTrouble {
  /** Of a failing one: the name of the repository's own hook. */
  readonly ref: string;
  readonly kind:
    | 'conflict'
    | 'damaged'
    | 'declined'
    | 'unhooked'
    | 'stopped'
    | 'travelled'
    | 'doubtful'
    | 'aliased'
    | 'locked'
    | 'unset'
    | 'unfetched'
    | 'unsent'
    | 'hookless'
    | 'failing';
  /** Values as 40 hex digits, null for absent. `agreed` is the last value both sides shared. */
  readonly old: string | null;
  readonly gitlab: string | null;
  readonly agreed: string | null;
  readonly since: string;
  /** GitLab's words, or what was seen. */
  readonly words: string;
  /** Of a damaged one: what old should have, or had; null is a deletion. */
  readonly lost?: readonly (string | null)[];
  /** Of a stopped one: how many refs the pass holds back, and the first two hundred of them. */
  readonly held?: { readonly count: number; readonly refs: readonly RefDifference[] };
  /** The commands that settle it, one a line. */
  readonly next: string;
}

/** A name that is another name of a branch on old, and that only GitLab ever had as a ref of its own. */
export interface Aliased {
  readonly ref: string;
  readonly gitlab: string | null;
  readonly words: string;
  /** What ends it. */
  readonly next: string;
}

/** A value that old lost because GitLab no longer had it: a pass put it into the attic. */
export interface TakenOver {
  readonly ref: string;
  readonly kind: 'deletion' | 'rewind';
  /** What old had, and has now: null is absent. */
  readonly before: string;
  readonly after: string | null;
  /** The ref of old that keeps it. */
  readonly attic: string;
  /** ISO time, and how long ago that was by the clock of old, ms. */
  readonly at: string;
  readonly agoMs: number;
  /** Who had pushed it, where a record still said so. */
  readonly from: string | null;
  /** The command that gives it back. */
  readonly next: string;
}

export interface RepositoryStatus {
  readonly path: string;
  readonly project: string;
  readonly phase: Phase;
  readonly epoch: number;
  readonly hold: string | null;
  /** Age of the oldest debt, ms; null without debts. */
  readonly lagMs: number | null;
  readonly debts: number;
  readonly livePushes: number;
  /** ISO time of the last finished pass; null before the first. */
  readonly lastPass: string | null;
  /**
   * How long ago that was at least, ms, whatever the clocks say; null before the first, absent from an agent of an
   * older version.
   */
  readonly sinceLastPassMs?: number | null;
  readonly troubles: readonly RefTrouble[];
  /**
   * In `both` and `warn`: pushes that GitLab refused since it last took one; null without any, absent from an agent of
   * an older version.
   */
  readonly refused?: { readonly count: number; readonly since: string; readonly words: string } | null;
  /** Of the last seven days, the newest first; absent from an agent of an older version. */
  readonly taken?: readonly TakenOver[];
  /** No trouble: nobody lost anything. Absent from an agent of an older version. */
  readonly aliased?: readonly Aliased[];
}

export interface RefDifference {
  readonly ref: string;
  readonly old: string | null;
  readonly gitlab: string | null;
}
