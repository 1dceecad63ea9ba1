/** Which project or group a call is about, and whether the caller may do it. What one may not see is not found. */
import { canSee, findGroup, findProject, levelIn, levelInGroup } from '../access';
import { level } from '../model';
import type { Group, Project, Source, User } from '../model';
import { forbidden, notFound } from './refusal';
import type { Call } from './router';

/** The project of the first path parameter. */
export function project(call: Call, needed: number = level.guest): Project {
  const { world } = call.instance;
  const found = findProject(world, call.params[0] ?? '');
  if (found === null || !canSee(world, found, call.user)) throw notFound('Project');
  if (needed > level.guest && !isAdmin(call.user) && levelIn(world, found, call.user) < needed) throw forbidden();
  return found;
}

/** The group of the first path parameter. */
export function group(call: Call, needed: number = level.guest): Group {
  return groupNamed(call, call.params[0] ?? '', needed);
}

export function groupNamed(call: Call, idOrPath: string, needed: number): Group {
  const { world } = call.instance;
  const found = findGroup(world, idOrPath);
  if (found === null || !canSeeGroup(call, found)) throw notFound('Group');
  if (needed > level.guest && !isAdmin(call.user) && levelInGroup(world, found, call.user) < needed) throw forbidden();
  return found;
}

export function source(kind: Source['kind'], call: Call, needed: number): Source {
  return kind === 'project' ? { kind, id: project(call, needed).id } : { kind, id: group(call, needed).id };
}

export function needAdmin(call: Call): void {
  if (!isAdmin(call.user)) throw forbidden();
}

export function isAdmin(user: User): boolean {
  return user.admin;
}

/** A member of a project in a private group sees the group too. */
function canSeeGroup({ instance: { world }, user }: Call, found: Group): boolean {
  if (isAdmin(user) || found.visibility !== 'private' || levelInGroup(world, found, user) > level.none) return true;
  return [...world.projects.values()].some(
    (each) => each.namespaceId === found.id && levelIn(world, each, user) > level.none,
  );
}
