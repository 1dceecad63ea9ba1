/**
 * What the repository's own hooks hear of refs that we set on old: deploys and mails hang on them. Under the lock it is
 * only written down, in the order of the changes; who runs them holds no lock, and no pass waits.
 */
import type { World } from '../rules/ports';
import type { RefName, Update } from '../rules/values';

/** Sets refs by `set`, which answers those that did not change with git's words; what did is due afterwards. */
export async function heardByOwnHooks(
  world: World,
  updates: readonly Update[],
  set: () => Promise<ReadonlyMap<RefName, string>>,
): Promise<ReadonlyMap<RefName, string>> {
  if (updates.length === 0 || !world.config.hooksAfterPass || !world.ownHooks.isThere()) return set();
  await settlePlan(world);
  world.ownHooks.plan(updates);
  const failed = await set();
  world.ownHooks.due(updates.filter(({ ref }) => !failed.has(ref)));
  return failed;
}

/** A pass that was killed in between left its plan: what of it old shows has happened. */
export async function settlePlan(world: World): Promise<void> {
  const planned = world.ownHooks.planned();
  if (planned === null) return;
  const { refs } = await world.git.oldSide();
  const landed: Update[] = [];
  for (const update of planned) {
    const now = refs.get(update.ref) ?? null;
    if (now !== update.before && (await contains(world, now, update.after))) landed.push(update);
  }
  world.ownHooks.due(landed);
}

/** Somebody may have pushed on top of it since. */
async function contains({ git }: World, now: Update['after'], after: Update['after']): Promise<boolean> {
  if (now === after || now === null || after === null) return now === after;
  return (await git.missing([now, after])).size === 0 && git.isAncestor(after, now);
}
