/** How far GitLab is behind in `mirror`, as `status` tells it: what old has and both sides were not known to share. */
import { phaseTable } from '../contract/phase';
import { changesOf } from '../rules/records';
import { allNames, onlySynced } from '../rules/refs';
import { ageMs, sincePassMs } from '../rules/time';
import type { RepositoryConfig } from '../contract/configs';
import type { Clock, Git, Journal } from '../rules/ports';
import type { Lease, RefName } from '../rules/values';

/** All that it reads of a World. */
export interface Ledger {
  readonly config: Pick<RepositoryConfig, 'namespaces'>;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'state' | 'agreed' | 'leases' | 'lastPass'>;
  readonly git: Pick<Git, 'oldSide'>;
}

export interface Owed {
  readonly debts: number;
  /** Age of the oldest, ms; null without any. */
  readonly lagMs: number | null;
}

/** In the other phases nothing is owed: what reaches GitLab from old does so before its pusher is answered. */
export async function owedTo(world: Ledger): Promise<Owed> {
  const isMirrored = phaseTable[world.journal.state().phase].toGitlab === 'pass';
  const owed = isMirrored ? await debts(world) : [];
  return { debts: owed.length, lagMs: owed.length === 0 ? null : lag(world, world.journal.leases(), owed) };
}

/** Refs whose value on old is not the one that both sides were last known to share. */
async function debts(world: Ledger): Promise<RefName[]> {
  const old = onlySynced((await world.git.oldSide()).refs, world.config.namespaces);
  const agreed = onlySynced(world.journal.agreed() ?? new Map<RefName, never>(), world.config.namespaces);
  return allNames(old, agreed).filter((ref) => old.get(ref) !== agreed.get(ref));
}

/** Since the oldest push that left a debt; a change that no push made is at most as old as the last pass. */
function lag(world: Ledger, leases: readonly Lease[], owed: readonly RefName[]): number {
  const now = world.clock.now();
  const isOwed = new Set(owed);
  const witnesses = leases.filter((lease) => !lease.live && changesOf(lease).some(({ ref }) => isOwed.has(ref)));
  const lastPass = world.journal.lastPass();
  const ages = witnesses.map((lease) => ageMs(now, lease.began));
  if (ages.length > 0) return Math.max(...ages);
  return lastPass === null ? 0 : sincePassMs(lastPass, world.clock);
}
