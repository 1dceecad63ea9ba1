/**
 * What the agent on the old server is asked and what it answers. Pure types: the provider, the scripts and the agent
 * share them.
 *
 * One call is one process on the old server: `node <folder>/agent.cjs call <verb>`. The request is one JSON object on
 * standard input; the answer is JSON, one object a line on standard output: any number of `progress` and `warning`,
 * then exactly one `result` or `error`. Anything else on standard output, or no last line, is a fault of the
 * environment (exit code 3). Paths are absolute on the old server. Ref names travel as UTF-8 text for people; bytes
 * that are no UTF-8 show as `\xNN`.
 */
import type { Phase } from './phase';

export const agentVersion = '0.1.0';

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

export type Line<T> =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'result'; readonly value: T }
  | { readonly kind: 'error'; readonly fault: Fault };

/** Bounds and times; all have defaults in the stacks' configuration. */
export interface Limits {
  /** The longest hold in a change of phase, ms. */
  readonly holdMs: number;
  /** A push to old that lives longer is ended by the agent when a change of phase waits for it, ms. */
  readonly leaseMs: number;
  /** The longest push that GitLab may still apply after its client is gone, ms. */
  readonly longestGitlabPushMs: number;
  /** How long a push in `both` tries to reach GitLab before it is refused, ms. */
  readonly connectMs: number;
  /** How long the outcome of a push without an answer is looked for, ms. */
  readonly lookMs: number;
  /** A pass that would delete or rewind more than max(breakerRefs, breakerShare * refs) stops and asks. */
  readonly breakerShare: number;
  readonly breakerRefs: number;
  /** More updates in one push to `both` are refused with the advice to push in batches. */
  readonly refsPerPush: number;
}

/**
 * Texts that people see; `{url}`, `{project}`, `{repository}`, `{refs}`, `{reason}`, `{push}`, `{fetch}` are replaced.
 * Lines up to 72 columns.
 */
export type TextName =
  | 'warn'
  | 'refuse'
  | 'brownout'
  | 'stale'
  | 'staleUnhealed'
  | 'unknown'
  | 'unreachable'
  | 'declined'
  | 'accepted'
  | 'damaged'
  | 'stateUnreadable'
  | 'retired';

/** Where GitLab's webhooks arrive on old. They only make a pass come sooner: nothing else hangs on them. */
export interface WebhookConfig {
  /** Address and port to listen on, such as 0.0.0.0 and 8443. */
  readonly host: string;
  readonly port: number;
  /** PEM files on old, absolute paths; null: plain HTTP, for a proxy of the operator's. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Who may ask: addresses or CIDR ranges; empty: everybody who knows the secret. */
  readonly allow: readonly string[];
  /** Another text than before makes a new secret. Absent: none. */
  readonly renewSecret?: string;
}

/** Pushed by the stacks as <folder>/config.json: what is true for the whole old server. */
export interface AgentConfig {
  readonly version: 1;
  readonly gitlab: {
    /** Host and port of GitLab's SSH as seen from the old server. */
    readonly sshHost: string;
    readonly sshPort: number;
    readonly sshUser: string;
    /** Pinned host keys, `ssh-ed25519 AAAA…` each. */
    readonly hostKeys: readonly string[];
  };
  /** How long the queue of `mirror` waits for more pushes, ms. */
  readonly queueDelayMs: number;
  readonly timer: 'auto' | 'systemd' | 'cron' | 'none';
  readonly limits: Limits;
  /** Each repository is read from end to end so often, hours; 0 never. Default 24. */
  readonly scanHours?: number;
  /** How fast it is read. Default 20. */
  readonly scanMegabytesPerSecond?: number;
  readonly texts: Partial<Readonly<Record<TextName, string>>>;
  /** Without it GitLab is asked again and again, more often where something moves. */
  readonly webhook?: WebhookConfig;
}

export interface RepositoryConfig {
  /** Absolute path of the bare repository on old, also after it was retired. */
  readonly path: string;
  /** GitLab's full project path, for people. */
  readonly project: string;
  /** What the agent pushes to: ssh://git@host:port/group/project.git */
  readonly gitlabUrl: string;
  /** What a person types: the project's clone URL. */
  readonly peopleUrl: string;
  /** Further ref namespaces that are synced, such as `refs/notes/`. */
  readonly namespaces: readonly string[];
  /** Namespaces that exist on old and stay there. */
  readonly waivedNamespaces: readonly string[];
  /** Run the repository's own post-receive and post-update after a pass changed refs. */
  readonly hooksAfterPass: boolean;
  /** Send `ci.skip` with every relayed push. */
  readonly ciSkip: boolean;
  /** ISO times between which `warn` refuses. */
  readonly brownouts: readonly { readonly from: string; readonly to: string }[];
}

/** What an operator has agreed to for one move. */
export interface Consent {
  /** Move to `old` and leave GitLab's copy as it is. */
  readonly abandon: boolean;
  /** Enter `both` although writers without hooks were seen in the last seven days. */
  readonly unhookedWriters: boolean;
  /** End pushes that began before the hooks were installed. */
  readonly endOlderPushes: boolean;
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
  readonly ref: string;
  readonly kind: 'conflict' | 'damaged' | 'declined' | 'unhooked' | 'stopped' | 'locked';
  /** Values as 40 hex digits, null for absent. `agreed` is the last value both sides shared. */
  readonly old: string | null;
  readonly gitlab: string | null;
  readonly agreed: string | null;
  readonly since: string;
  /** GitLab's words, or what was seen. */
  readonly words: string;
  /** Of a damaged one: what old should have, or had; null is a deletion. */
  readonly lost?: readonly (string | null)[];
  /** The command that settles it. */
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
  readonly troubles: readonly RefTrouble[];
}

export interface RefDifference {
  readonly ref: string;
  readonly old: string | null;
  readonly gitlab: string | null;
}

/** What was made on old and is registered in GitLab. */
export interface Installed {
  readonly publicKey: string;
  /** What GitLab must show with each webhook; null without webhooks. Secret. */
  readonly webhookSecret: string | null;
}

/** Verb → request and result. */
export interface Verbs {
  hello: { request: Record<string, never>; result: Hello };
  /** Whether the resident could listen there. `held`: it does so already. Changes nothing. */
  listen: { request: { webhook: WebhookConfig; held: boolean }; result: { faults: Fault[] } };
  /** Asks GitLab's SSH for an answer, with these keys pinned. Changes nothing. */
  reach: { request: { gitlab: AgentConfig['gitlab'] }; result: { fault: Fault | null } };
  /** Installs configuration, key, known_hosts and timer. Doing it twice changes nothing. */
  setup: { request: { config: AgentConfig }; result: Installed & { timer: Hello['timer'] } };
  /** What is installed: null when nothing is. Used by diff. */
  installed: { request: Record<string, never>; result: (Installed & { config: AgentConfig }) | null };
  /** Takes the agent away; refused while a repository is attached. */
  remove: { request: Record<string, never>; result: Record<string, never> };
  /** Looks at repositories and at the move each is to make. Changes nothing. `to` null: no move. */
  inspect: {
    request: { repositories: { config: RepositoryConfig; to: Phase | null; consent: Consent }[] };
    result: { repositories: RepositoryView[] };
  };
  /** Installs the hooks in phase `old`; on an attached repository brings configuration, shims and hooks up to date. */
  attach: { request: { config: RepositoryConfig }; result: RepositoryView };
  /** The whole change of phase. Repeating a finished one does nothing. */
  move: { request: { config: RepositoryConfig; to: Phase; consent: Consent }; result: RepositoryView };
  /** Takes the hooks away. Only in `old` and `retired`. */
  detach: { request: { path: string }; result: Record<string, never> };
  /** One pass now, whatever the timer says. */
  pass: { request: { path: string }; result: RepositoryStatus };
  /** All attached repositories, or those named. `faults`: why others could not be looked at. */
  status: { request: { paths: string[] }; result: { repositories: RepositoryStatus[]; faults: Fault[] } };
  /** Compares both sides' refs, trusting no journal. */
  verify: {
    request: { paths: string[] };
    result: {
      repositories: { path: string; project: string; refs: number; differences: RefDifference[] }[];
      faults: Fault[];
    };
  };
  /**
   * Settles one ref in conflict or damaged; `apply` false only shows both histories. `both`: the value that does not
   * stay gets the name `name`.
   */
  resolve: {
    request: {
      path: string;
      ref: string;
      keep: 'old' | 'gitlab' | 'both';
      stays?: 'old' | 'gitlab';
      name?: string;
      reason: string;
      who: string;
      apply: boolean;
    };
    result: { text: string; applied: boolean };
  };
  /**
   * Renames the repository away (phase `retired`), or back (phase `refuse`); `apply` false only says what would happen.
   */
  retire: {
    request: { path: string; who: string; apply: boolean };
    result: { text: string; applied: boolean; location: string };
  };
  /** `rebind`: a repository that came back from a backup is taken as the one that was attached. */
  restore: {
    request: { path: string; who: string; apply: boolean; rebind?: boolean };
    result: { text: string; applied: boolean; location: string };
  };
  /**
   * Brings back from GitLab what old lost, and keeps what was damaged; `state`: rebuilds the agent's own state in this
   * phase. `apply` false only says what would come back.
   */
  repair: {
    request: { path: string; who: string; apply: boolean; state?: { phase: Phase; config: RepositoryConfig } };
    result: { text: string; applied: boolean };
  };
}
