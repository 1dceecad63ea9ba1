/** The memory of one stand-in. Nothing here does I/O. */
import { randomBytes } from 'node:crypto';
import { level } from './model';
import type {
  AccessToken,
  DefaultProtection,
  DeployKeyUse,
  Directory,
  Group,
  Key,
  Member,
  Project,
  ProtectedBranch,
  ProtectedTag,
  Share,
  Source,
  User,
  WebHook,
} from './model';

export const fullProtection: DefaultProtection = {
  allowedToPush: [level.maintainer],
  allowedToMerge: [level.maintainer],
  allowForcePush: false,
  developerCanInitialPush: false,
};

export class World implements Directory {
  readonly users = new Map<number, User>();
  readonly groups = new Map<number, Group>();
  readonly projects = new Map<number, Project>();
  readonly keys = new Map<number, Key>();
  readonly deployKeyUses: DeployKeyUse[] = [];
  readonly members: Member[] = [];
  readonly shares: Share[] = [];
  readonly protectedBranches: ProtectedBranch[] = [];
  readonly protectedTags: ProtectedTag[] = [];
  readonly hooks: WebHook[] = [];
  readonly accessTokens: AccessToken[] = [];
  /** By project, as REST answers them. */
  readonly pushRules = new Map<number, Readonly<Record<string, unknown>>>();
  /** Instance settings, by their REST names. */
  readonly settings = new Map<string, unknown>([
    ['default_branch_name', 'main'],
    ['default_branch_protection', 2],
    ['push_event_hooks_limit', 3],
  ]);
  private lastId = 0;
  private lateViews: { readonly until: number; readonly members: Member[]; readonly shares: Share[] }[] = [];

  constructor(readonly version: string) {}

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  addUser(user: { username: string; name: string; email: string; admin: boolean }): User {
    const added: User = {
      ...user,
      id: this.nextId(),
      state: 'active',
      token: `glpat-${randomBytes(15).toString('base64url')}`,
      namespaceId: this.nextId(),
      createdAt: new Date().toISOString(),
    };
    this.users.set(added.id, added);
    return added;
  }

  addGroup(group: Pick<Group, 'name' | 'path' | 'parentId' | 'visibility'>): Group {
    const added: Group = {
      ...group,
      id: this.nextId(),
      description: '',
      defaultBranch: null,
      defaultProtection: { ...fullProtection },
      lfsEnabled: true,
      requestAccessEnabled: true,
      projectCreationLevel: 'developer',
      markedForDeletionOn: null,
      createdAt: new Date().toISOString(),
    };
    this.groups.set(added.id, added);
    return added;
  }

  setMember(source: Source, userId: number, accessLevel: number, expiresAt: string | null = null): Member {
    const member: Member = { source, userId, accessLevel, expiresAt, createdAt: new Date().toISOString() };
    this.removeMember(source, userId);
    this.members.push(member);
    return member;
  }

  removeMember(source: Source, userId: number): void {
    removeWhere(this.members, (member) => member.userId === userId && sameSource(member.source, source));
  }

  /** Called before each change of access: with a delay git goes on seeing the present tables until then. */
  keepLateView(delayMs: number): void {
    if (delayMs === 0) return;
    this.lateViews.push({
      until: Date.now() + delayMs,
      members: this.members.map((member) => ({ ...member })),
      shares: [...this.shares],
    });
  }

  /** Access as git sees it now. */
  gitView(): Directory {
    this.lateViews = this.lateViews.filter((view) => view.until > Date.now());
    const late = this.lateViews[0];
    if (late === undefined) return this;
    const { users, groups, projects, keys, deployKeyUses, protectedBranches, protectedTags, version } = this;
    return {
      users,
      groups,
      projects,
      keys,
      deployKeyUses,
      protectedBranches,
      protectedTags,
      version,
      members: late.members,
      shares: late.shares,
    };
  }

  removeProject(id: number): void {
    const here = (entry: { projectId: number }): boolean => entry.projectId === id;
    this.projects.delete(id);
    removeWhere(this.deployKeyUses, here);
    removeWhere(this.protectedBranches, here);
    removeWhere(this.protectedTags, here);
    removeWhere(this.hooks, here);
    removeWhere(this.accessTokens, ({ source }) => sameSource(source, { kind: 'project', id }));
    this.pushRules.delete(id);
    removeWhere(this.members, (member) => sameSource(member.source, { kind: 'project', id }));
    removeWhere(this.shares, (share) => sameSource(share.source, { kind: 'project', id }));
    this.dropUnusedDeployKeys();
  }

  removeGroup(id: number): void {
    this.groups.delete(id);
    removeWhere(this.members, (member) => sameSource(member.source, { kind: 'group', id }));
    removeWhere(this.shares, (share) => share.groupId === id || sameSource(share.source, { kind: 'group', id }));
  }

  /** A deploy key dies with its last project. */
  dropUnusedDeployKeys(): void {
    for (const key of this.keys.values()) {
      const used = key.kind === 'user' || this.deployKeyUses.some((use) => use.keyId === key.id);
      if (!used) this.keys.delete(key.id);
    }
  }
}

export function sameSource(one: Source, other: Source): boolean {
  return one.kind === other.kind && one.id === other.id;
}

export function removeWhere<T>(list: T[], matches: (entry: T) => boolean): void {
  const kept = list.filter((entry) => !matches(entry));
  list.splice(0, list.length, ...kept);
}

/** True when a GitLab version such as `18.10.1` is at least `major.minor`. */
export function versionAtLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
