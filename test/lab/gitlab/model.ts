/** What the stand-in remembers, named as GitLab's REST API names it (without the underscores). Types only. */
import type { GitlabLab } from '../contract';

/** Access levels of members, in GitLab's numbers. */
export const level = {
  none: 0,
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
} as const;
export const zeros = '0'.repeat(40);

export type GitlabKind = 'plain' | 'gitaly';
export type Visibility = 'private' | 'internal' | 'public';

export interface User {
  readonly id: number;
  username: string;
  name: string;
  email: string;
  admin: boolean;
  state: 'active' | 'blocked' | 'deactivated';
  readonly token: string;
  readonly namespaceId: number;
  readonly createdAt: string;
}

/** Keys of users and deploy keys share one table: the same key cannot be both. */
export interface Key {
  readonly id: number;
  readonly kind: 'user' | 'deploy';
  /** For a deploy key: the user whose token made it. Their role is the key's role. */
  readonly ownerId: number;
  title: string;
  /** Type and base64 only. */
  readonly key: string;
  readonly fingerprint: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/** A deploy key in one project. */
export interface DeployKeyUse {
  readonly keyId: number;
  readonly projectId: number;
  canPush: boolean;
}

export interface DefaultProtection {
  allowedToPush: number[];
  allowedToMerge: number[];
  allowForcePush: boolean;
  developerCanInitialPush: boolean;
}

export interface Group {
  readonly id: number;
  name: string;
  path: string;
  parentId: number | null;
  visibility: Visibility;
  description: string;
  defaultBranch: string | null;
  defaultProtection: DefaultProtection;
  lfsEnabled: boolean;
  requestAccessEnabled: boolean;
  projectCreationLevel: string;
  markedForDeletionOn: string | null;
  readonly createdAt: string;
}

export interface Project {
  readonly id: number;
  name: string;
  path: string;
  /** A group's id, or the namespace id of a user. */
  namespaceId: number;
  visibility: Visibility;
  description: string;
  defaultBranch: string;
  archived: boolean;
  markedForDeletionOn: string | null;
  /** Set by the first branch that arrives; while false, git itself is asked. */
  hasBranches: boolean;
  /** Settings that are kept and answered and mean nothing to the stand-in, by their REST names. */
  readonly settings: Map<string, unknown>;
  readonly createdAt: string;
  readonly creatorId: number;
}

export type Source = { readonly kind: 'group' | 'project'; readonly id: number };

export interface Member {
  readonly source: Source;
  readonly userId: number;
  accessLevel: number;
  expiresAt: string | null;
  readonly createdAt: string;
}

/** A group (or project) shared with another group. */
export interface Share {
  readonly source: Source;
  readonly groupId: number;
  readonly groupAccess: number;
  readonly expiresAt: string | null;
}

/** One row of a protection. Rows are or-ed; 0 says no, a key's row speaks for the key's owner. */
export interface AccessRow {
  readonly id: number;
  readonly accessLevel: number;
  readonly deployKeyId: number | null;
}

export interface ProtectedBranch {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  readonly push: readonly AccessRow[];
  readonly merge: readonly AccessRow[];
  allowForcePush: boolean;
}

export interface ProtectedTag {
  readonly projectId: number;
  readonly name: string;
  readonly create: readonly AccessRow[];
}

export interface WebHook {
  readonly id: number;
  readonly projectId: number;
  url: string;
  /** Kept apart from the settings: no answer may ever hold it. */
  token: string | null;
  readonly settings: Map<string, unknown>;
  readonly createdAt: string;
}

/** Who acts over git: a user by their own key (or in the web), or a deploy key with its owner's rights. */
export interface Actor {
  readonly user: User;
  readonly key: Key | null;
}

export interface Change {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  /** True when `before` is no ancestor of `after`. Only read for protected branches. */
  readonly forced: boolean;
}

export type Protocol = 'ssh' | 'web';

/** Everything that access and rules are decided from. The late view of a revocation is another Directory. */
export interface Directory {
  readonly users: Map<number, User>;
  readonly groups: Map<number, Group>;
  readonly projects: Map<number, Project>;
  readonly keys: Map<number, Key>;
  readonly deployKeyUses: DeployKeyUse[];
  readonly members: Member[];
  readonly shares: Share[];
  readonly protectedBranches: ProtectedBranch[];
  readonly protectedTags: ProtectedTag[];
  readonly version: string;
}

export type AuditEntry =
  | {
      readonly kind: 'rest';
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly user: string | null;
    }
  | {
      readonly kind: 'connect';
      readonly project: string;
      readonly action: string;
      readonly actor: string;
      readonly refusal: string | null;
    }
  /** Let through, and not over yet: a push that is killed then may have changed its refs without a word. */
  | {
      readonly kind: 'let-through';
      readonly project: string;
      readonly ref: string;
      readonly before: string;
      readonly after: string;
      readonly actor: string;
      readonly protocol: Protocol;
    }
  | {
      readonly kind: 'change';
      readonly project: string;
      readonly ref: string;
      readonly before: string;
      readonly after: string;
      readonly actor: string;
      readonly protocol: Protocol;
      readonly refusal: string | null;
    };

/** What GitLab tells each webhook of the project that asked for its kind. */
export interface HookEvent {
  readonly kind: 'push' | 'tag_push';
  readonly project: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly user: string;
  readonly pushOptions: readonly string[];
}

/** One request to a webhook, as it went. */
export interface Delivery {
  /** When it was sent, ms since 1970. */
  readonly time: number;
  readonly url: string;
  readonly kind: HookEvent['kind'];
  readonly project: string;
  readonly ref: string;
  /** Null when nothing was answered. */
  readonly status: number | null;
  /** Why not; `lost` for one that misbehaviour kept back. */
  readonly error: string | null;
}

export interface GitlabOptions {
  /**
   * What holds the repositories and takes the pushes: git behind hooks of our own, or GitLab's own Gitaly. Without it
   * GIT_HANDOVER_LAB_GITLAB says.
   */
  readonly kind?: GitlabKind;
  /** Versions switch behaviour as FACTS of GitLab say: delayed deletion from 18.0, keys in protections from 18.10. */
  readonly version?: string;
  /** Whose words a refused connection speaks: gitlab-sshd puts `ERROR: ` before the message. */
  readonly sshForm?: 'gitlab-sshd' | 'openssh';
  /** How long after the first push HEAD and the automatic protection appear, ms. */
  readonly afterFirstPushMs?: number;
  /** webhooks are dropped above this many changes of one kind in one push. */
  readonly pushEventHooksLimit?: number;
  /** New blobs above this refuse the push, MiB; 0 is no limit. Self-managed GitLab has 100 from 17.10 on. */
  readonly fileSizeLimitMib?: number;
  /** How long after a push its webhooks go out, ms; and how long each may take. */
  readonly webhookDelayMs?: number;
  readonly webhookTimeoutMs?: number;
  /** Local addresses that webhooks may go to: an administrator of GitLab would list them in its settings. */
  readonly localWebhooks?: readonly string[];
}

export interface GitlabStandIn extends GitlabLab {
  readonly audit: AuditEntry[];
  readonly events: HookEvent[];
  /** In the order in which they ended. */
  readonly deliveries: Delivery[];
  /** Resolves when background jobs that are due (HEAD, automatic protection, webhooks) are done. */
  settled(): Promise<void>;
  /** Resolves when the servers have gone away or come back; jobs, such as webhooks, may go on. */
  moved(): Promise<void>;
}
