/**
 * What old lost by following GitLab is given back: GitLab gets it, and old follows. Sent as `resolve --keep old` sends,
 * with the attic's value in the place of old's.
 */
import { faults } from '../contract/faults';
import { phaseTable } from '../contract/phase';
import { isSynced, showRef } from '../rules/refs';
import type { Unlock, World } from '../rules/ports';
import type { RefName } from '../rules/values';
import { keptRef } from './attic';
import { caseOf } from './case';
import { keepOld, type Case } from './settle';
import { dropTaken } from './taken';

/** Both sides as they are now, and what the attic offers. Throws where it cannot be given back. */
export async function caseToGiveBack(world: World, attic: RefName): Promise<Case> {
  const { phase } = world.journal.state();
  if (!phaseTable[phase].toOld) throw faults.giveBackPhase({ phase });
  const ref = keptRef(attic);
  const value = ref === null ? null : ((await world.git.oldSide()).refs.get(attic) ?? null);
  if (ref === null || value === null || !isSynced(ref, world.config.namespaces))
    throw faults.notInAttic({ attic: showRef(attic), path: world.config.path });
  const since = world.journal.taken().find((one) => one.attic === attic)?.at ?? '';
  const words = 'it is in the attic';
  const found = await caseOf(world, { ref, kind: 'unhooked', old: value, gitlab: null, agreed: null, since, words });
  if (found.gitlab === value) throw faults.givenBack({ ref: showRef(ref), value });
  if (!(await world.git.complete([value])))
    throw faults.atticIncomplete({ attic: showRef(attic), value, path: world.config.path });
  return found;
}

/** Answers what went to the attic for it. */
export async function giveBack(world: World, found: Case, attic: RefName, lock: Unlock): Promise<RefName[]> {
  const kept = await keepOld(world, found, lock);
  dropTaken(world, new Set([attic]));
  return kept;
}
