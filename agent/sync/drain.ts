/**
 * What must be over before a repository may switch: pushes that are older than the hooks, those that run by the rules
 * of the present phase, and requests that GitLab never answered.
 */
import { ageMs, waitFor } from '../rules/time';
import { blocksDrain } from '../rules/decide';
import { faults } from '../contract/faults';
import { holdLost, requireHold } from './hold';
import { noteGoneClients, ownMayLand, pushMayLand } from './requests';
import type { Consent } from '../contract/verbs';
import type { World } from '../rules/ports';
import type { Hold, Lease, State } from '../rules/values';

/** Tells whoever waits what is waited for. */
type Progress = (text: string) => void;

/** Between two looks of a wait, ms. */
const lookMs = 50;

/**
 * Pushes that began before the hooks were installed have no lease: the first copy waits for them, or ends them where
 * that was agreed to.
 */
export async function olderPushesEnded(world: World, consent: Consent, progress: Progress): Promise<void> {
  const ended = await waitFor(world.clock, world.limits.holdMs, lookMs, () => {
    const older = world.olderPushes();
    if (older.length > 0) progress(`waiting for ${older.length} pushes that began before the hooks were installed`);
    return older.length === 0;
  });
  if (ended) return;
  const older = world.olderPushes();
  if (!consent.endOlderPushes) throw faults.olderPushes({ path: world.config.path, pids: older });
  progress(`ending ${older.length} pushes that began before the hooks were installed`);
  await world.endOlderPushes();
}

/**
 * Pushes whose outcome nobody knows may still land: GitLab's longest push must be over, counted from the end of their
 * clients, which may come while we wait.
 */
export async function requestsAnswered(world: World, progress: Progress): Promise<void> {
  await waitFor(world.clock, world.limits.longestGitlabPushMs * 2, lookMs * 4, () => {
    const leases = world.journal.leases();
    noteGoneClients(world, leases);
    const young = youngRequests(world, leases);
    if (young > 0)
      progress(`waiting until ${young} ${young === 1 ? 'push' : 'pushes'} without an answer can no longer land`);
    return young === 0;
  });
}

/** Requests that may still land: of people's pushes, and of the mirror pass. */
export function youngRequests(world: World, leases: readonly Lease[]): number {
  const young = leases.filter((lease) => pushMayLand(world, lease));
  return young.length + Number(ownMayLand(world));
}

/**
 * Every lease has ended, is waiting, or carries the new epoch. A push beyond its limit is ended first: a lease never
 * ends over a living process. In `old` a push may run without a lease where the disk took none: it is waited for as an
 * older one is.
 */
export async function drain(world: World, hold: Hold, before: State, progress: Progress): Promise<void> {
  const drained = await waitFor(world.clock, world.limits.holdMs, lookMs, async () => {
    requireHold(world, hold);
    const blocking = world.journal.leases().filter((lease) => blocksDrain(lease, before.epoch + 1));
    for (const lease of blocking.filter(
      (candidate) => ageMs(world.clock.now(), candidate.began) > world.limits.leaseMs,
    ))
      await world.endProcesses(lease);
    const unwritten = before.phase === 'old' ? world.olderPushes() : [];
    const running = blocking.length + unwritten.length;
    if (running > 0) progress(`waiting for ${running} running pushes`);
    return running === 0;
  });
  if (!drained) throw holdLost(world, 'running pushes did not end in time');
}
