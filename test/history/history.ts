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
  readonly kind: 'conflict' | 'damaged' | 'declined' | 'unhooked' | 'stopped' | 'locked';
}

/** One attempt of an operator to reach a phase, or one wait of anybody, with what it may take at most. */
export interface Wait {
  readonly what: string;
  readonly began: number;
  readonly ended: number | null;
  readonly limitMs: number;
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
  /** Passes after everything was healed and pushes had stopped, until the sides were equal or the passes gave up. */
  readonly passesToEqual: number | null;
  /** True when the first commit is the second or leads to it. */
  readonly isAncestor: (ancestor: Oid, descendant: Oid) => boolean;
}

export type PromiseName = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7';

/** `unknown`: the history does not hold enough to tell. */
export interface Verdict {
  readonly promise: PromiseName;
  readonly answer: 'valid' | 'invalid' | 'unknown';
  /** For `invalid` and `unknown`: what was seen, in one sentence. */
  readonly story: string;
}
