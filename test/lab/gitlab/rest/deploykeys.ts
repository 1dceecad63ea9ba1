/** Deploy keys: one key, enabled in any number of projects, owned by the user whose token made it. */
import { levelIn } from '../access';
import { level } from '../model';
import type { DeployKeyUse, Key, Project } from '../model';
import { removeWhere } from '../world';
import { addKey, findKey, parseKey } from './keys';
import { created, gone, ok, paged } from './router';
import { badRequest, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { project } from './scope';

export const deployKeyRoutes: Routes = {
  'GET projects/:/deploy_keys': (call) => {
    const { id } = project(call, level.maintainer);
    return paged(
      call,
      call.instance.world.deployKeyUses.filter((use) => use.projectId === id).map((use) => body(call, use)),
    );
  },
  'POST projects/:/deploy_keys': add,
  'GET projects/:/deploy_keys/:': (call) => ok(body(call, useOf(call, project(call, level.maintainer)))),
  'PUT projects/:/deploy_keys/:': update,
  'DELETE projects/:/deploy_keys/:': remove,
  'POST projects/:/deploy_keys/:/enable': enable,
};

/** A key that is here already is answered as it is, whatever the new title and can_push say. */
function add(call: Call): Answer {
  const target = project(call, level.maintainer);
  const { world } = call.instance;
  const { fingerprint } = parseKey(call.fields.needText('key'));
  const present = findKey(world, fingerprint);
  if (present !== undefined && (present.kind === 'user' || !maySee(call, present)))
    throw badRequest({ deploy_key: { fingerprint_sha256: ['has already been taken'] } });
  const key = present ?? addKey(call, 'deploy', call.user);
  return created(body(call, join(call, { key, target, canPush: call.fields.flag('can_push') ?? false })));
}

function enable(call: Call): Answer {
  const target = project(call, level.maintainer);
  const key = call.instance.world.keys.get(Number(call.params[1]));
  if (key === undefined || key.kind !== 'deploy' || !maySee(call, key)) throw notFound('Deploy key');
  return created(body(call, join(call, { key, target, canPush: false })));
}

function join(
  { instance: { world } }: Call,
  { key, target, canPush }: { key: Key; target: Project; canPush: boolean },
): DeployKeyUse {
  const present = world.deployKeyUses.find((use) => use.keyId === key.id && use.projectId === target.id);
  if (present !== undefined) return present;
  const use: DeployKeyUse = { keyId: key.id, projectId: target.id, canPush };
  world.deployKeyUses.push(use);
  return use;
}

function update(call: Call): Answer {
  const use = useOf(call, project(call, level.maintainer));
  const { title, canPush } = { title: call.fields.text('title'), canPush: call.fields.flag('can_push') };
  if (title === undefined && canPush === undefined)
    throw badRequest('title, can_push are missing, at least one parameter must be provided');
  const key = call.instance.world.keys.get(use.keyId);
  if (key !== undefined && title !== undefined) key.title = title;
  use.canPush = canPush ?? use.canPush;
  return ok(body(call, use));
}

function remove(call: Call): Answer {
  const use = useOf(call, project(call, level.maintainer));
  const { world } = call.instance;
  removeWhere(world.deployKeyUses, (each) => each === use);
  world.dropUnusedDeployKeys();
  call.instance.keysChanged();
  return gone();
}

/** A key shows itself to its owner and to Maintainers of a project that has it. */
function maySee({ instance: { world }, user }: Call, key: Key): boolean {
  if (user.admin || key.ownerId === user.id) return true;
  return world.deployKeyUses.some((use) => {
    const used = world.projects.get(use.projectId);
    return use.keyId === key.id && used !== undefined && levelIn(world, used, user) >= level.maintainer;
  });
}

function useOf({ instance: { world }, params }: Call, target: Project): DeployKeyUse {
  const use = world.deployKeyUses.find((each) => each.projectId === target.id && each.keyId === Number(params[1]));
  if (use === undefined) throw notFound('Deploy key');
  return use;
}

function body({ instance: { world } }: Call, use: DeployKeyUse): Record<string, unknown> {
  const key = world.keys.get(use.keyId);
  if (key === undefined) throw notFound('Deploy key');
  return {
    id: key.id,
    title: key.title,
    key: key.key,
    fingerprint: key.fingerprint,
    fingerprint_sha256: key.fingerprint,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    can_push: use.canPush,
  };
}
