/** What old has lost of one ref: acknowledged values that nothing took on. */
import { areOrdered, lostValues, type EndedRecord } from '../rules/records';
import type { World } from '../rules/ports';
import type { Oid, RefName } from '../rules/values';

/**
 * Acknowledged values of a ref that are gone. A branch may have come on by a writer without hooks: what it contains is
 * not lost.
 */
export async function lostFrom(
  world: World,
  ref: RefName,
  ended: readonly EndedRecord[],
  present: Oid | null,
): Promise<(Oid | null)[]> {
  const lost: (Oid | null)[] = [];
  const isOrdered = areOrdered(ended, world.clock.now().boot);
  const listed = isOrdered
    ? []
    : (world.journal.troubles().find((trouble) => trouble.ref === ref && trouble.kind === 'damaged')?.lost ?? []);
  for (const value of lostValues(ended, present, isOrdered, listed)) {
    const contained =
      value !== null &&
      present !== null &&
      !ref.startsWith('refs/tags/') &&
      (await world.git.isAncestor(value, present));
    if (!contained) lost.push(value);
  }
  return lost;
}
