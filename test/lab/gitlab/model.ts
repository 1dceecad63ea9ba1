/** What the stand-in remembers, named as GitLab's REST API names it (without the underscores). Types only. */
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

/** Of a project or a group, with a bot of its own. */
export interface AccessToken {
  readonly id: number;
  readonly source: Source;
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly accessLevel: number;
  readonly expiresAt: string | null;
  revoked: boolean;
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
