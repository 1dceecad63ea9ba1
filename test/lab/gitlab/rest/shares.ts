/** Sharing a project or a group with a group. */
import { findGroup, groupPath } from '../access';
import { level } from '../model';
import type { Share, Source } from '../model';
import { removeWhere, sameSource } from '../world';
import type { World } from '../world';
import { created, gone } from './router';
import { conflict, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { groupNamed, source } from './scope';

export const shareRoutes: Routes = {
  'POST projects/:/share': (call) => share(call, source('project', call, level.maintainer)),
  'DELETE projects/:/share/:': (call) => unshare(call, source('project', call, level.maintainer)),
  'POST groups/:/share': (call) => share(call, source('group', call, level.owner)),
  'DELETE groups/:/share/:': (call) => unshare(call, source('group', call, level.owner)),
};

export function sharedGroups(world: World, from: Source): unknown[] {
  return world.shares
    .filter((each) => sameSource(each.source, from))
    .map((each) => {
      const group = findGroup(world, String(each.groupId));
      const path = group === null ? '' : groupPath(world, group);
      return {
        group_id: each.groupId,
        group_name: group?.name,
        group_full_path: path,
        group_access_level: each.groupAccess,
        expires_at: each.expiresAt,
      };
    });
}

function share(call: Call, from: Source): Answer {
  const { world, faults } = call.instance;
  const [groupId, groupAccess] = [call.fields.needInteger('group_id'), call.fields.needInteger('group_access')];
  groupNamed(call, String(groupId), level.guest);
  if (find(world, from, groupId) !== undefined) throw conflict('Group already shared with this group');
  world.keepLateView(faults.revocationDelayMs());
  const made: Share = { source: from, groupId, groupAccess, expiresAt: call.fields.text('expires_at') ?? null };
  world.shares.push(made);
  return created({
    id: world.nextId(),
    [`${from.kind}_id`]: from.id,
    group_id: groupId,
    group_access: groupAccess,
    expires_at: made.expiresAt,
    shared_with_groups: sharedGroups(world, from),
  });
}

function unshare(call: Call, from: Source): Answer {
  const { world, faults } = call.instance;
  const groupId = Number(call.params[1]);
  if (find(world, from, groupId) === undefined) throw notFound('Group Link');
  world.keepLateView(faults.revocationDelayMs());
  removeWhere(world.shares, (each) => each.groupId === groupId && sameSource(each.source, from));
  return gone();
}

function find(world: World, from: Source, groupId: number): Share | undefined {
  return world.shares.find((each) => each.groupId === groupId && sameSource(each.source, from));
}
