/** Paths, and who has which level where. Pure. */
import { level } from './model';
import type { Directory, Group, Member, Project, Source, User } from './model';
import { sameSource } from './world';

export function groupPath(directory: Directory, group: Group): string {
  const parent = group.parentId === null ? undefined : directory.groups.get(group.parentId);
  return parent === undefined ? group.path : `${groupPath(directory, parent)}/${group.path}`;
}

export function namespacePath(directory: Directory, project: Project): string {
  const group = directory.groups.get(project.namespaceId);
  return group === undefined ? (namespaceOwner(directory, project)?.username ?? '') : groupPath(directory, group);
}

export function projectPath(directory: Directory, project: Project): string {
  return `${namespacePath(directory, project)}/${project.path}`;
}

/** Null when no project has this path. GitLab compares paths without case. */
export function findProject(directory: Directory, idOrPath: string): Project | null {
  if (/^\d+$/.test(idOrPath)) return directory.projects.get(Number(idOrPath)) ?? null;
  const wanted = idOrPath.toLowerCase();
  return (
    [...directory.projects.values()].find((project) => projectPath(directory, project).toLowerCase() === wanted) ?? null
  );
}

export function findGroup(directory: Directory, idOrPath: string): Group | null {
  if (/^\d+$/.test(idOrPath)) return directory.groups.get(Number(idOrPath)) ?? null;
  const wanted = idOrPath.toLowerCase();
  return [...directory.groups.values()].find((group) => groupPath(directory, group).toLowerCase() === wanted) ?? null;
}

/** The user whose personal namespace holds the project. */
export function namespaceOwner(directory: Directory, project: Project): User | undefined {
  return [...directory.users.values()].find((user) => user.namespaceId === project.namespaceId);
}

/** One way in which a user has a level: the list of all members is made of these. */
export interface Grant {
  readonly userId: number;
  readonly accessLevel: number;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export function projectGrants(directory: Directory, project: Project): Grant[] {
  const group = directory.groups.get(project.namespaceId);
  const owner = namespaceOwner(directory, project);
  const personal =
    owner === undefined
      ? []
      : [{ userId: owner.id, accessLevel: level.owner, expiresAt: null, createdAt: project.createdAt }];
  const source: Source = { kind: 'project', id: project.id };
  return [
    ...personal,
    ...direct(directory, source),
    ...shared(directory, source),
    ...(group === undefined ? [] : groupGrants(directory, group)),
  ];
}

export function groupGrants(directory: Directory, group: Group): Grant[] {
  return lineage(directory, group).flatMap((each) => [
    ...direct(directory, { kind: 'group', id: each.id }),
    ...shared(directory, { kind: 'group', id: each.id }),
  ]);
}

/** The highest grant of each user. */
export function highest(grants: readonly Grant[]): Grant[] {
  const best = new Map<number, Grant>();
  for (const grant of grants) {
    if (grant.accessLevel > (best.get(grant.userId)?.accessLevel ?? -1)) best.set(grant.userId, grant);
  }
  return [...best.values()];
}

/** The effective level; an administrator's rights in the API are not part of it. */
export function levelIn(directory: Directory, project: Project, user: User): number {
  return levelOf(projectGrants(directory, project), user);
}

export function levelInGroup(directory: Directory, group: Group, user: User): number {
  return levelOf(groupGrants(directory, group), user);
}

export function directMember(directory: Directory, source: Source, userId: number): Member | null {
  return directory.members.find((member) => member.userId === userId && sameSource(member.source, source)) ?? null;
}

/** What a user has from the groups above a project or group: a direct membership may not be less. */
export function levelOfUserAbove(directory: Directory, source: Source, userId: number): number {
  const parentId =
    source.kind === 'project'
      ? directory.projects.get(source.id)?.namespaceId
      : directory.groups.get(source.id)?.parentId;
  const parent = directory.groups.get(parentId ?? -1);
  const inherited =
    parent === undefined
      ? []
      : lineage(directory, parent).flatMap((group) => direct(directory, { kind: 'group', id: group.id }));
  return Math.max(
    level.none,
    ...inherited.filter((grant) => grant.userId === userId).map((grant) => grant.accessLevel),
  );
}

export function canSee(directory: Directory, project: Project, user: User): boolean {
  return user.admin || project.visibility !== 'private' || levelIn(directory, project, user) >= level.guest;
}

/** Private code is for Reporters and above; Guests see only the project's page. */
export function canReadCode(directory: Directory, project: Project, user: User): boolean {
  return user.admin || project.visibility !== 'private' || levelIn(directory, project, user) >= level.reporter;
}

function levelOf(grants: readonly Grant[], user: User): number {
  return Math.max(level.none, ...grants.filter((grant) => grant.userId === user.id).map((grant) => grant.accessLevel));
}

function lineage(directory: Directory, group: Group): Group[] {
  const parent = group.parentId === null ? undefined : directory.groups.get(group.parentId);
  return parent === undefined ? [group] : [group, ...lineage(directory, parent)];
}

function direct(directory: Directory, source: Source): Grant[] {
  const today = new Date().toISOString().slice(0, 10);
  return directory.members.filter(
    (member) => sameSource(member.source, source) && (member.expiresAt === null || member.expiresAt > today),
  );
}

/** Members of the invited group and of its parents, each capped by the share. Shares of shares do not count. */
function shared(directory: Directory, source: Source): Grant[] {
  const today = new Date().toISOString().slice(0, 10);
  const shares = directory.shares.filter(
    (share) => sameSource(share.source, source) && (share.expiresAt === null || share.expiresAt > today),
  );
  return shares.flatMap((share) => {
    const invited = directory.groups.get(share.groupId);
    const grants =
      invited === undefined
        ? []
        : lineage(directory, invited).flatMap((group) => direct(directory, { kind: 'group', id: group.id }));
    return grants.map((grant) => ({ ...grant, accessLevel: Math.min(grant.accessLevel, share.groupAccess) }));
  });
}
