/** One trouble as it is now, for whoever settles it. */
import { faults } from '../contract/faults';
import { showRef } from '../rules/refs';
import { phaseTable } from '../contract/phase';
import { endedRecords, isLive, liveRefs } from '../rules/records';
import type { Case } from './settle';
import { requireFence } from './travel';
import { lostFrom } from './lost';
import type { World } from '../rules/ports';
import type { Trouble } from '../rules/values';

/** Both sides as they are now: what the trouble saw may be long ago. */
export async function caseOf(world: World, trouble: Trouble): Promise<Case> {
  const { ref } = trouble;
  const leases = world.journal.leases();
  if (isLive(liveRefs(leases), ref)) throw faults.refBusy({ ref: showRef(ref) });
  const oldSide = await world.git.oldSide();
  const old = oldSide.refs.get(ref) ?? null;
  const gitlabRefs = (await world.git.gitlabSide()).refs;
  requireFence(world, gitlabRefs);
  const gitlab = gitlabRefs.get(ref) ?? null;
  const { phase } = world.journal.state();
  const lost = await lostFrom(world, ref, endedRecords(leases).get(ref) ?? [], old);
  const ended = leases.filter(({ live }) => !live).map(({ id }) => id);
  // In the open phases the pass has put GitLab's value in the place of the one that no hook saw.
  const oldOffered = phaseTable[phase].toOld && trouble.kind === 'unhooked' ? trouble.old : old;
  const broken = oldSide.broken.includes(ref) || (await world.git.symbolicAmong([ref])).has(ref);
  return { trouble, phase, old, oldOffered, gitlab, lost, ended, broken };
}
