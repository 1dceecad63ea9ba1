/**
 * What must be over before a repository may switch: pushes that are older than the hooks, those that run by the rules
 * of the present phase, and requests that GitLab never answered.
 */
import { ageMs, waitFor } from '../rules/time';
import { blocksDrain } from '../rules/decide';
import { faults } from '../contract/faults';
import { extendHold, holdLost, requireHold } from './hold';
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
 * that was agreed to. Only for those that are there now: the hooks are installed, and whoever comes later runs them, so
 * that steady pushes, which have no lease at first, keep no copy from beginning (P8).
 */
export async function olderPushesEnded(world: World, consent: Consent, progress: Progress): Promise<void> {
  const older = withoutLease(world);
  const ended = await waitFor(world.clock, world.limits.holdMs, lookMs, () => {
    const left = older().length;
    if (left > 0) progress(`waiting for ${left} pushes that began before the hooks were installed`);
    return left === 0;
  });
  if (ended) return;
  const pids = older();
  if (!consent.endOlderPushes) throw faults.olderPushes({ path: world.config.path, pids });
  progress(`ending ${pids.length} pushes that began before the hooks were installed`);
  await world.endOlderPushes(pids);
}

/** Those that have no lease now, each time as far as they still run without one. */
function withoutLease(world: World): () => number[] {
  const first = new Set(world.olderPushes());
  return () => world.olderPushes().filter((pid) => first.has(pid));
}

/**
 * Pushes whose outcome nobody knows may still land: GitLab's longest push must be over, counted from the end of their
 * clients. Waited for while people push, and only once: others may come without end, and the rest is waited for under
 * the hold (P8).
 */
export async function requestsAnswered(world: World, progress: Progress): Promise<void> {
  await waitFor(world.clock, world.limits.longestGitlabPushMs, lookMs * 4, () => nothingMayLand(world, progress));
}

/** A client that gave up may take a moment to be gone, ms. */
const goneMs = 1_000;

/**
 * Under the hold nobody sends, so what may still land now is the last: the hold lasts longer by GitLab's longest push
 * where there is something. Answers the hold.
 */
export async function lastRequestsOver(world: World, hold: Hold, progress: Progress): Promise<Hold> {
  if (nothingMayLand(world, progress)) return hold;
  const waitMs = world.limits.longestGitlabPushMs + goneMs;
  const longer = await extendHold(world, hold, waitMs);
  const over = await waitFor(world.clock, waitMs, lookMs * 4, () => {
    requireHold(world, longer);
    return nothingMayLand(world, progress);
  });
  if (!over) throw holdLost(world, 'a push without an answer may still land');
  return longer;
}

function nothingMayLand(world: World, progress: Progress): boolean {
  const leases = world.journal.leases();
  noteGoneClients(world, leases);
  const young = youngRequests(world, leases);
  if (young > 0)
    progress(`waiting until ${young} ${young === 1 ? 'push' : 'pushes'} without an answer can no longer land`);
  return young === 0;
}

/** Requests that may still land: of people's pushes, and of the mirror pass. */
export function youngRequests(world: World, leases: readonly Lease[]): number {
  const young = leases.filter((lease) => pushMayLand(world, lease));
  return young.length + Number(ownMayLand(world));
}

/**
 * Every lease has ended, is waiting, or carries the new epoch. A push beyond its limit is ended first: a lease never
 * ends over a living process. In `old` a push may run without a lease where the disk took none: it is waited for as an
 * older one is, if it was there when the hold began; whoever came later has seen the hold.
 */
export async function drain(world: World, hold: Hold, before: State, progress: Progress): Promise<void> {
  const older = before.phase === 'old' ? withoutLease(world) : (): number[] => [];
  const drained = await waitFor(world.clock, world.limits.holdMs, lookMs, async () => {
    requireHold(world, hold);
    const blocking = world.journal.leases().filter((lease) => blocksDrain(lease, before.epoch + 1));
    for (const lease of blocking.filter(
      (candidate) => ageMs(world.clock.now(), candidate.began) > world.limits.leaseMs,
    ))
      await world.endProcesses(lease);
    const running = blocking.length + older().length;
    if (running > 0) progress(`waiting for ${running} running pushes`);
    return running === 0;
  });
  if (!drained) throw holdLost(world, 'running pushes did not end in time');
}
