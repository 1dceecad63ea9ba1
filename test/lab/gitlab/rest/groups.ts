/** Groups. */
import { groupPath } from '../access';
import { groupUrl } from '../instance';
import type { Instance } from '../instance';
import { level } from '../model';
import type { DefaultProtection, Group, Visibility } from '../model';
import { deleteInSteps, restore } from './deletion';
import type { Fields } from './fields';
import { created, ok, paged } from './router';
import { badRequest, forbidden } from './refusal';
import type { Answer, Call, Routes } from './router';
import { group, groupNamed, isAdmin } from './scope';
import { sharedGroups } from './shares';

const visibilities: readonly Visibility[] = ['private', 'internal', 'public'];

export const groupRoutes: Routes = {
  'POST groups': createGroup,
  'GET groups': (call) =>
    paged(
      call,
      [...call.instance.world.groups.values()].map((each) => groupBody(call.instance, each)),
    ),
  'GET groups/:': (call) => ok(groupBody(call.instance, group(call))),
  'PUT groups/:': (call) => {
    const found = group(call, level.owner);
    change(found, call.fields);
    return ok(groupBody(call.instance, found));
  },
  'POST groups/:/transfer': transfer,
  'POST groups/:/restore': (call) => {
    const found = group(call, level.owner);
    restore(found);
    return created(groupBody(call.instance, found));
  },
  'DELETE groups/:': removeGroup,
};

function createGroup(call: Call): Answer {
  const { world } = call.instance;
  const [name, path] = [call.fields.needText('name'), call.fields.needText('path')];
  const parentId = call.fields.integer('parent_id') ?? null;
  if (parentId !== null) groupNamed(call, String(parentId), level.maintainer);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(path))
    throw badRequest("Failed to save group {:path=>[\"can contain only letters, digits, '_', '-' and '.'\"]}");
  if (isTaken(call.instance, parentId, path))
    throw badRequest('Failed to save group {:path=>["has already been taken"]}');
  const made = world.addGroup({
    name,
    path,
    parentId,
    visibility: call.fields.choice('visibility', visibilities) ?? 'private',
  });
  world.setMember({ kind: 'group', id: made.id }, call.user.id, level.owner);
  change(made, call.fields);
  return created(groupBody(call.instance, made));
}

function isTaken({ world }: Instance, parentId: number | null, path: string): boolean {
  const same = (other: string): boolean => other.toLowerCase() === path.toLowerCase();
  const users = [...world.users.values()].some((user) => parentId === null && same(user.username));
  return (
    users ||
    [...world.groups.values()].some((each) => each.parentId === parentId && same(each.path)) ||
    [...world.projects.values()].some((each) => each.namespaceId === parentId && same(each.path))
  );
}

function change(found: Group, fields: Fields): void {
  found.name = fields.text('name') ?? found.name;
  found.path = fields.text('path') ?? found.path;
  found.visibility = fields.choice('visibility', visibilities) ?? found.visibility;
  found.description = fields.has('description') ? (fields.text('description') ?? '') : found.description;
  found.defaultBranch = fields.text('default_branch') ?? found.defaultBranch;
  found.lfsEnabled = fields.flag('lfs_enabled') ?? found.lfsEnabled;
  found.requestAccessEnabled = fields.flag('request_access_enabled') ?? found.requestAccessEnabled;
  found.projectCreationLevel = fields.text('project_creation_level') ?? found.projectCreationLevel;
  found.defaultProtection = protectionFrom(fields) ?? found.defaultProtection;
}

/**
 * The object, or the older number: 0 none, 1 Developers push, 2 full, 3 Developers merge, 4 Developers push the first
 * time.
 */
function protectionFrom(fields: Fields): DefaultProtection | undefined {
  const given = fields.object('default_branch_protection_defaults');
  const legacy = fields.integer('default_branch_protection');
  if (given === undefined) return legacy === undefined ? undefined : protectionOfNumber(legacy);
  const levels = (name: string): number[] => given.list(name).map((row) => row.needInteger('access_level'));
  return {
    allowedToPush: given.has('allowed_to_push') ? levels('allowed_to_push') : [level.maintainer],
    allowedToMerge: given.has('allowed_to_merge') ? levels('allowed_to_merge') : [level.maintainer],
    allowForcePush: given.flag('allow_force_push') ?? false,
    developerCanInitialPush: given.flag('developer_can_initial_push') ?? false,
  };
}

function protectionOfNumber(number: number): DefaultProtection {
  const { developer, maintainer } = level;
  return {
    allowedToPush: [number <= 1 ? developer : maintainer],
    allowedToMerge: [number <= 1 || number === 3 ? developer : maintainer],
    allowForcePush: number === 0,
    developerCanInitialPush: number === 4,
  };
}

function numberOf({
  allowedToPush,
  allowedToMerge,
  allowForcePush,
  developerCanInitialPush,
}: DefaultProtection): number {
  const developersPush = allowedToPush.every((each) => each === level.developer);
  const developersMerge = allowedToMerge.every((each) => each === level.developer);
  if (developersPush && developersMerge) return allowForcePush ? 0 : 1;
  if (developerCanInitialPush) return 4;
  return developersMerge ? 3 : 2;
}

function groupBody(instance: Instance, found: Group): Record<string, unknown> {
  const { world } = instance;
  const protection = found.defaultProtection;
  const rows = (levels: readonly number[]): unknown[] => levels.map((access_level) => ({ access_level }));
  return {
    id: found.id,
    name: found.name,
    path: found.path,
    full_path: groupPath(world, found),
    full_name: groupPath(world, found),
    web_url: groupUrl(instance, found.id),
    visibility: found.visibility,
    parent_id: found.parentId,
    description: found.description,
    default_branch: found.defaultBranch,
    default_branch_protection: numberOf(protection),
    default_branch_protection_defaults: {
      allowed_to_push: rows(protection.allowedToPush),
      allowed_to_merge: rows(protection.allowedToMerge),
      allow_force_push: protection.allowForcePush,
      developer_can_initial_push: protection.developerCanInitialPush,
    },
    lfs_enabled: found.lfsEnabled,
    request_access_enabled: found.requestAccessEnabled,
    project_creation_level: found.projectCreationLevel,
    subgroup_creation_level: 'maintainer',
    share_with_group_lock: false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    auto_devops_enabled: null,
    emails_enabled: true,
    mentions_disabled: null,
    runners_token: null,
    created_at: found.createdAt,
    marked_for_deletion_on: found.markedForDeletionOn,
    shared_with_groups: sharedGroups(world, { kind: 'group', id: found.id }),
  };
}

function transfer(call: Call): Answer {
  const found = group(call, level.owner);
  found.parentId = call.fields.integer('group_id') ?? null;
  if (found.parentId !== null) groupNamed(call, String(found.parentId), level.owner);
  else if (!isAdmin(call.user)) throw forbidden();
  return created(groupBody(call.instance, found));
}

function removeGroup(call: Call): Promise<Answer> {
  const found = group(call, level.owner);
  const { world } = call.instance;
  const permanently = call.fields.flag('permanently_remove') === true;
  if (permanently && found.parentId === null)
    throw badRequest('`permanently_remove` option is only available for subgroups.');
  return deleteInSteps(call, {
    entry: found,
    fullPath: groupPath(world, found),
    remove: () => removeTree(call.instance, found.id),
  });
}

async function removeTree(instance: Instance, id: number): Promise<void> {
  const { world, repositories } = instance;
  for (const child of [...world.groups.values()].filter((each) => each.parentId === id))
    await removeTree(instance, child.id);
  for (const each of [...world.projects.values()].filter((inside) => inside.namespaceId === id)) {
    world.removeProject(each.id);
    await repositories.remove(each.id);
  }
  world.removeGroup(id);
  instance.keysChanged();
}
