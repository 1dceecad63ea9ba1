/** The circuit breaker of a following pass: what would take tips of old away, and when that is too much. */
import { breaks } from '../rules/decide';
import type { World } from '../rules/ports';
import type { Update } from '../rules/values';
import type { Look } from './look';

/** Deletions, and updates whose old tip is no ancestor of the new one: without the attic that tip would be gone. */
export async function lossyUpdates(world: World, updates: readonly Update[]): Promise<Update[]> {
  const lossy: Update[] = [];
  for (const update of updates) {
    const { before, after } = update;
    if (before === null) continue;
    if (after === null || update.ref.startsWith('refs/tags/') || !(await world.git.isAncestor(before, after)))
      lossy.push(update);
  }
  return lossy;
}

/**
 * Why lossy updates may not be made; null when they may. A pass that stopped once stays so until a person lets it
 * through or GitLab has its refs back: else those who push to GitLab again would bring the number below the bound, and
 * the rest would be taken away after all. What waits for a push counts as well.
 */
export function stopReason(world: World, look: Look, lossy: readonly Update[], waits: boolean): string | null {
  const before = world.journal.troubles().find(({ kind }) => kind === 'stopped');
  if (before !== undefined && (lossy.length > 0 || waits)) return before.words;
  if (look.gitlab.size === 0 && look.old.size > 0 && lossy.length > 0) return 'GitLab shows no refs at all.';
  const { breakerShare, breakerRefs } = world.limits;
  if (!breaks(lossy.length, look.old.size, breakerShare, breakerRefs)) return null;
  return `GitLab would delete or rewind ${lossy.length} of ${look.old.size} refs.`;
}
