/** A change of a ref that no push made: the web editor, merges, the API. */
import { pushed, refusalOf } from './pushes';
import type { Push } from './pushes';
import type { Instance } from './instance';
import type { Project, User } from './model';
import type { RefUpdate } from './repository';

/** Null when done, else why not. The write is a compare-and-set: a push that came between wins. */
export async function editRef(
  instance: Instance,
  { project, user, update }: { project: Project; user: User; update: RefUpdate },
): Promise<string | null> {
  const push: Push = { project, actor: { user, key: null }, protocol: 'web', updates: [update], quarantine: null };
  const refusal = await refusalOf(instance, push);
  if (refusal !== null) return refusal;
  instance.webEdits.add(update);
  try {
    if ((await instance.repositories.update(project.id, update, user)) === 'silent') pushed(instance, push, []);
  } finally {
    instance.webEdits.delete(update);
  }
  return null;
}
