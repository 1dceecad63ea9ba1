/**
 * The pieces of the lab and how they fit. Everything listens on 127.0.0.1 and dies with the process that started it.
 */

/** Two kinds: plain git, or Gitaly, behind the same rules. Everything above depends on this interface only. */
export interface GitlabLab {
  /** Base URL of the REST API without /api/v4, such as http://127.0.0.1:41001 */
  readonly url: string;
  readonly sshHost: string;
  readonly sshPort: number;
  /**
   * `git`; where the lab does not run as root, sshd can show no such account, and it is the account that runs the lab.
   */
  readonly sshUser: string;
  /** Public host key lines, `ssh-ed25519 AAAA…`. */
  readonly hostKeys: readonly string[];
  /** Token of an administrator. */
  readonly adminToken: string;
  /** Creates a user with an SSH key and answers their id and token. */
  addUser(user: {
    username: string;
    name?: string;
    sshPublicKey?: string;
    admin?: boolean;
  }): Promise<{ id: number; token: string }>;
  /** Creates a group (for example of people) with direct members. */
  addGroup(group: {
    path: string;
    name?: string;
    members?: { userId: number; accessLevel: number }[];
  }): Promise<{ id: number }>;
  /** Where git keeps a project's bare repository on disk, for assertions. */
  repositoryPath(project: string): string;
  /** All branches, tags and other refs of a project that are not hidden: name to object id. */
  refs(project: string): Promise<Map<string, string>>;
  /** Moves a ref as the web editor would: same rules and events, protocol `web`. `after` null deletes. */
  webEdit(project: string, ref: string, after: string | null, asUserId: number): Promise<void>;
  /**
   * What GitLab's housekeeping does with locks of git that killed pushes left behind: in life it waits for an hour,
   * here for seconds.
   */
  housekeeping(project: string): Promise<void>;
  /** Switches misbehaviour on; the returned function switches it off. */
  misbehave(fault: GitlabFault): () => void;
  /** Restarts sshd and the API, killing what runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type GitlabFault =
  /**
   * Every git command waits before it starts, or before its answer; pushes, while the rules or the end of their hooks
   * are slow.
   */
  | {
      readonly kind: 'slow';
      readonly stage: 'connect' | 'pre-receive' | 'post-receive' | 'answer';
      readonly delayMs: number;
      readonly project?: string;
    }
  /** Connections are refused (sshd and, with `api`, REST). */
  | { readonly kind: 'gone'; readonly api: boolean }
  /**
   * Gitaly is killed, or asked to end; switching it off starts it again, which takes until `settled`. Only where there
   * is a Gitaly.
   */
  | { readonly kind: 'gitaly-gone'; readonly how: 'killed' | 'stopped' }
  /** The next `times` pushes are applied, then the connection is cut before the answer. */
  | { readonly kind: 'answer-lost'; readonly times: number; readonly project?: string }
  /** Pushes that touch a matching ref (glob) are declined in pre-receive with this text. */
  | { readonly kind: 'declined'; readonly refs: string; readonly text: string; readonly project?: string }
  /** Stage A refusal: read-only, archived and the like. */
  | { readonly kind: 'no-access'; readonly text: string; readonly project?: string }
  /** REST answers this status; with `afterWork` the work is done before. */
  | {
      readonly kind: 'rest';
      readonly method: string;
      readonly path: RegExp;
      readonly status: number;
      readonly afterWork: boolean;
      readonly times: number;
    }
  /** The internal API answers this status to a call of the hooks; with `message` null the body says nothing. */
  | {
      readonly kind: 'internal-api';
      readonly call: InternalCall;
      readonly status: number;
      readonly message: string | null;
    }
  /** Changes of access reach git this much later. */
  | { readonly kind: 'late-revocation'; readonly delayMs: number }
  /**
   * Shares (0 to 1) of the webhooks are lost, or sent twice; each comes up to `delayMs` later, so their order is lost
   * as well.
   */
  | { readonly kind: 'webhooks'; readonly lost?: number; readonly doubled?: number; readonly delayMs?: number };

/** In the order in which the hooks of a push ask: whether it is allowed, that it begins, that it is over. */
export type InternalCall = 'allowed' | 'pre_receive' | 'post_receive';

export interface OldServerLab {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly hostKeys: readonly string[];
  /** Folder that holds the bare repositories, absolute. */
  readonly root: string;
  /** HOME that sessions on the server see. */
  readonly home: string;
  /** Private key file of the operator, who may log in with a shell. */
  readonly operatorKey: string;
  /** Lets another public key log in. */
  addKey(publicKey: string): Promise<void>;
  /**
   * Kills every process of the server (sessions, hooks, what they left in the background) and starts sshd again with
   * another boot id where the agent looks for one.
   */
  reboot(meanwhile?: () => void): Promise<void>;
  stop(): Promise<void>;
}

/** What git said to a person. `output` is stdout and stderr as the person saw them. */
export interface Seen {
  readonly code: number;
  readonly output: string;
  readonly ms: number;
}

export interface Person {
  readonly name: string;
  readonly publicKey: string;
  /** The environment in which this person's git runs. */
  readonly env: NodeJS.ProcessEnv;
  /** Clones into an own folder and answers the folder. */
  clone(url: string, folder?: string): Promise<string>;
  git(folder: string, ...args: string[]): Promise<Seen>;
  /** Writes a file, commits it, answers the commit id. */
  commit(folder: string, message: string): Promise<string>;
}
