/** What the repository's own hooks are to hear: two changes that follow each other can be heard as one push. Pure. */
import type { RefName, Update } from './values';

/** What both did, one after the other; a ref that is back where it began is not in it. */
export function foldUpdates(earlier: readonly Update[], later: readonly Update[]): Update[] {
  const folded = new Map<RefName, Update>(earlier.map((update) => [update.ref, update]));
  for (const update of later) folded.set(update.ref, { ...update, before: (folded.get(update.ref) ?? update).before });
  return [...folded.values()].filter(({ before, after }) => before !== after);
}
