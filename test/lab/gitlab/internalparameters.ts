/** What the hooks and gitlab-shell send, read: who pushes what to which project. */
import { projectPath } from './access';
import type { Instance } from './instance';
import type { Actor } from './model';
import type { Push } from './pushes';
import type { RefUpdate } from './repository';

export type Parameters = ReadonlyMap<string, string>;

export function pushOf(instance: Instance, parameters: Parameters, changes: string): Push | null {
  const project = instance.world.projects.get(Number((parameters.get('gl_repository') ?? '').replace('project-', '')));
  const actor = actorOf(instance, parameters);
  if (project === undefined || actor === null) return null;
  return {
    project,
    actor,
    protocol: parameters.get('protocol') === 'web' ? 'web' : 'ssh',
    updates: parseChanges(changes),
    quarantine: quarantineOf(parameters.get('env')),
  };
}

export function projectOf({ world }: Instance, parameters: Parameters): string {
  const project = world.projects.get(Number((parameters.get('gl_repository') ?? '').replace('project-', '')));
  return project === undefined ? '' : projectPath(world, project);
}

export function parseChanges(text: string): RefUpdate[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ before: line.slice(0, 40), after: line.slice(41, 81), ref: line.slice(82) }));
}

export function quarantineOf(env: string | undefined): string | null {
  if (env === undefined || env === '') return null;
  const folder = (JSON.parse(env) as Record<string, unknown>)['GIT_OBJECT_DIRECTORY_RELATIVE'];
  return typeof folder === 'string' ? folder : null;
}

/** By key_id, user_id, or by gl_id (identifier) as the hooks know it. */
export function actorOf({ world }: Instance, parameters: Parameters): Actor | null {
  const glId = parameters.get('gl_id') ?? parameters.get('identifier') ?? '';
  const keyId = parameters.get('key_id') ?? /^key-(\d+)$/.exec(glId)?.[1];
  const key = keyId === undefined ? undefined : world.keys.get(Number(keyId));
  const userId = parameters.get('user_id') ?? /^user-(\d+)$/.exec(glId)?.[1];
  const user = world.users.get(key === undefined ? Number(userId) : key.ownerId);
  return user === undefined ? null : { user, key: key ?? null };
}
