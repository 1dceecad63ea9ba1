/**
 * What happened to one repository, as the checkers see it: pushes as their pushers saw them, and facts about refs, all
 * on one clock (ms). The simulation and the chaos runs write it; `check.ts` judges it. After jepsen: a push is invoked,
 * and then it is ok, fail, or info when its pusher cannot know.
 */

export type Oid = string;
/** GitLab is `gitlab`; every other name is an old server. */
export type Server = string;
export const gitlab: Server = 'gitlab';

export type Refs = ReadonlyMap<string, Oid>;

export interface Update {
  readonly ref: string;
  /** What the server's ref had to be for this update; null: absent. */
  readonly before: Oid | null;
  readonly after: Oid | null;
}

export interface Push {
  readonly id: number;
  readonly who: string;
  readonly server: Server;
  /** Only those that ended as `outcome` says: a push of which git took a part is two entries. */
  readonly updates: readonly Update[];
  readonly began: number;
  /** Null: the pusher never read an end. */
  readonly ended: number | null;
  readonly outcome: 'ok' | 'fail' | 'info';
  /** What the pusher read. */
  readonly words: string;
  /** Git ran none of our hooks: what it said is no promise of ours. Old may lose it again, and says so. */
  readonly byGitAlone?: boolean;
}

export type Fact =
  /** A server switched to a phase. */
  | {
      readonly kind: 'phase';
      readonly at: number;
      readonly server: Server;
      readonly phase: string;
      readonly epoch: number;
    }
  /** Somebody wrote without a hook, on purpose: cron, `update-ref`, or a write to closed GitLab. */
  | { readonly kind: 'wrote'; readonly at: number; readonly server: Server; readonly update: Update }
  /** A fault took a value away: `after` is an older one or null. */
  | { readonly kind: 'damage'; readonly at: number; readonly server: Server; readonly update: Update }
  /** A fault took many refs of GitLab away at once. */
  | { readonly kind: 'gitlab-broke'; readonly at: number; readonly updates: readonly Update[] }
  /**
   * A person settled a ref: both sides were made `value`. A stopped pass that was let through is `refs/`. `done` false:
   * it failed, or was killed half way.
   */
  | {
      readonly kind: 'settled';
      readonly at: number;
      readonly ref: string;
      readonly value: Oid | null;
      readonly done: boolean;
      /** Of a value that was given back to GitLab: when that began. */
      readonly givenSince?: number;
    }
  /** Objects went missing on a server; `oid` where it is known which. */
  | { readonly kind: 'rot'; readonly at: number; readonly server: Server; readonly oid?: Oid }
  /** The agent wrote down that a person must look. */
  | {
      readonly kind: 'alarm';
      readonly at: number;
      readonly server: Server;
      readonly ref: string;
      readonly trouble: Listed['kind'];
    }
  /** The agent wrote down that old loses a value since GitLab has it no more; `attic` is the ref that keeps it. */
  | {
      readonly kind: 'taken-over';
      readonly at: number;
      readonly server: Server;
      readonly taken: Update;
      readonly attic: string;
    }
  /**
   * Only where every change of a ref can be seen. `push` is the id of the pusher's push that it belongs to, null for
   * the agent's own.
   */
  | {
      readonly kind: 'applied';
      readonly at: number;
      readonly server: Server;
      readonly update: Update;
      readonly push: number | null;
      readonly epoch: number | null;
    };

/** What the agent's `status` lists for a ref at the end. */
export interface Listed {
  readonly server: Server;
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
}

/** A ref that had not moved for as long as passes need, no push on it, and what `status` said of it then. */
export interface Quiet {
  readonly at: number;
  readonly server: Server;
  readonly ref: string;
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
  /** What other old servers had. */
  readonly elsewhere: readonly (Oid | null)[];
  readonly exit: number;
  /** Refs that GitLab was said to lack: in `mirror` only. */
  readonly debts: number;
  /** Of this ref, or of all refs, on any old server. */
  readonly listed: readonly Listed[];
}

/** One attempt of an operator to reach a phase, or one wait of anybody, with what it may take at most. */
export interface Wait {
  readonly what: string;
  readonly began: number;
  readonly ended: number | null;
  readonly limitMs: number;
  /** A move that only pushes stand in the way of: to arrive is owed to the operator (P8). */
  readonly isMove?: boolean;
}

export interface History {
  readonly pushes: readonly Push[];
  readonly facts: readonly Fact[];
  readonly first: Refs;
  /** Refs at the end, by server, attic left out. */
  readonly last: ReadonlyMap<Server, Refs>;
  /** Every value that any attic holds. */
  readonly attic: ReadonlySet<Oid>;
  readonly listed: readonly Listed[];
  /** Refs of old servers that are other names of a branch: never synced, never written. */
  readonly symbolic?: readonly string[];
  readonly waits: readonly Wait[];
  /** Only where `status` can be asked in the midst of a run. */
  readonly quiet?: readonly Quiet[];
  /** Passes after everything was healed and pushes had stopped, until the sides were equal or the passes gave up. */
  readonly passesToEqual: number | null;
  /** True when the first commit is the second or leads to it. */
  readonly isAncestor: (ancestor: Oid, descendant: Oid) => boolean;
}

/** What the project promises (README.md), each with its checker. */
export const promises = {
  P1: 'a push that was acknowledged is not lost',
  P2: "each branch and tag has one history; nobody's push is overwritten unseen",
  P3: 'when pushes stop, both sides become equal, except what status lists',
  P4: 'a damaged old server does not damage GitLab, and an emptied GitLab does not empty old',
  P5: 'a push is handled by the rules of one phase, also while the phase changes',
  P6: 'whoever is refused reads why and what to type; an unknown outcome is called unknown',
  P7: 'a killed process stops nobody for longer than its limit',
  P8: 'no pusher keeps a change of phase from happening',
} as const;
export type PromiseName = keyof typeof promises;

/** Why a checker cannot tell; `unknown.ts` says which of them is no failure, and how often. */
export type UnknownReason = 'search-given-up' | 'end-not-seen' | 'changes-not-seen';

interface Judged {
  readonly promise: PromiseName;
  /** For `invalid` and `unknown`: what was seen, in one sentence. */
  readonly story: string;
  /** When it went wrong, where one moment can be named. */
  readonly at?: number;
}

/** `unknown`: the history does not hold enough to tell. */
export type Verdict =
  | (Judged & { readonly answer: 'valid' | 'invalid' })
  | (Judged & { readonly answer: 'unknown'; readonly reason: UnknownReason });
