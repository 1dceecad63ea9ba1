/** One look: all that is read before a pass decides. It changes nothing; what is done with it are the passes. */
import { endedRecords, movingRefs, type EndedRecord, type LiveRefs } from '../rules/records';
import { readBothSides, type BothSides, type SideReaders } from './bothsides';
import type { World } from '../rules/ports';
import type { Lease, Oid, RefName, Refs } from '../rules/values';

export interface Look extends BothSides {
  readonly leases: readonly Lease[];
  readonly ended: Map<RefName, EndedRecord[]>;
  readonly live: LiveRefs;
  readonly agreed: Refs;
  /** Nothing was ever agreed. */
  readonly isFirst: boolean;
}

/**
 * Leases, old, GitLab, leases again, in this order: a record that ends later must not explain an older value, and a
 * push that ends between the first and the last may have moved anything. `readers`: a following pass first moves away
 * what git cannot read of old.
 */
export async function lookAround(world: World, readers: SideReaders = world.git): Promise<Look> {
  const leases = world.journal.leases();
  const sides = await readBothSides(readers, world.config.namespaces);
  const agreed = world.journal.agreed();
  return {
    ...sides,
    leases,
    ended: endedRecords(leases),
    live: movingRefs(leases, world.journal.leases()),
    agreed: agreed ?? new Map<RefName, Oid>(),
    isFirst: agreed === null,
  };
}
