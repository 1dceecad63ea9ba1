/**
 * The settings that the agent keeps on old, of the whole server and of each repository, as the stacks write them. Pure
 * types.
 */

export type AfterRestart = 'take' | 'refuse';

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
  /**
   * A pass that would delete or rewind `breakerRefs` refs or more, and `breakerShare` of all or more, stops and asks,
   * where GitLab has their commits nowhere else. What stops it besides has no setting: `decideStop`.
   */
  readonly breakerShare: number;
  readonly breakerRefs: number;
  /** Whether GitLab carries a fence: docs/design/fence.md. Absent: none. */
  readonly fence?: boolean;
  /** How long GitLab may show a fence of before, ms: a replica that lags. Absent: a minute. */
  readonly lagMs?: number;
  /**
   * What a push in `mirror` gets after a restart of old, while GitLab does not say whether it is where it was left.
   * Absent: `take`.
   */
  readonly mirrorAfterRestart?: AfterRestart;
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
  | 'stopped'
  | 'unknown'
  | 'unreachable'
  | 'declined'
  | 'accepted'
  | 'damaged'
  | 'travelled'
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
  /** Memory of a pass of a large repository, which has a process of its own, MB. Default 1024. */
  readonly passMegabytes?: number;
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
  /** Ids of the fences of other old servers that belong to the same project. */
  readonly otherFences?: readonly string[];
}
