/** A change of phase: level, hold, drain, level, switch and release. */
import { ageMs, waitFor } from '../rules/time';
import type { Consent } from '../contract/contract';
import { blocksDrain } from '../rules/decide';
import { faults } from '../contract/faults/catalogue';
import { differences, forgetBeforeCopy, levelUnder } from './pass';
import { isLegalMove, phaseTable, type Phase } from '../contract/phase';
import { showRef } from '../rules/refs';
import { mayStillLand } from './requests';
import { mayLand, retireTries } from './tries';
import type { Unlock, World } from '../rules/ports';
import type { Hold, Lease, State, Trouble } from '../rules/values';

export interface Move {
  readonly to: Phase;
  readonly consent: Consent;
  readonly progress: (text: string) => void;
}

/** Looks between two steps of a wait, ms. */
const lookMs = 50;
const roundsMax = 20;

/** Repeating a finished move does nothing. Any failure before the switch leaves the repository in its phase. */
export async function changePhase(world: World, move: Move): Promise<State> {
  const before = await endExpiredHold(world);
  if (before.phase === move.to) return before;
  if (!isLegalMove(before.phase, move.to, move.consent.abandon))
    throw faults.illegalMove({ path: world.config.path, from: before.phase, to: move.to });
  if (before.phase === 'old') await olderPushesEnded(world, move);
  await levelWhilePushing(world, before, move);
  await requestsAnswered(world, move);
  const hold = await takeHold(world, before, move);
  try {
    await drain(world, hold, before, move);
    return await levelAndSwitch(world, hold, before, move);
  } catch (error) {
    await releaseHold(world, hold);
    throw error;
  }
}

/** Whoever finds an expired hold, or one whose owner is dead, ends it: back to the phase before. */
export function endExpiredHold(world: World): Promise<State> {
  return world.journal.changeState((state) =>
    state.hold !== null && isOver(world, state.hold) ? { ...state, hold: null } : null,
  );
}

function isOver(world: World, hold: Hold): boolean {
  return isExpired(world, hold) || world.isOwnerGone(hold);
}

function isExpired(world: World, hold: Hold): boolean {
  const now = world.clock.now();
  return hold.boot !== now.boot || now.uptimeMs >= hold.endUptimeMs;
}

/**
 * Pushes that began before the hooks were installed have no lease: the first copy waits for them, or ends them where
 * that was agreed to.
 */
async function olderPushesEnded(world: World, move: Move): Promise<void> {
  const ended = await waitFor(world.clock, world.limits.holdMs, lookMs, () => {
    const older = world.olderPushes();
    if (older.length > 0)
      move.progress(`waiting for ${older.length} pushes that began before the hooks were installed`);
    return older.length === 0;
  });
  if (ended) return;
  const older = world.olderPushes();
  if (!move.consent.endOlderPushes) throw faults.olderPushes({ path: world.config.path, pids: older });
  move.progress(`ending ${older.length} pushes that began before the hooks were installed`);
  await world.endOlderPushes();
}

/** The hold is short because almost everything is level before it begins. */
async function levelWhilePushing(world: World, before: State, move: Move): Promise<void> {
  const phase = before.phase === 'old' ? 'mirror' : before.phase;
  for (let round = 1; round <= roundsMax; round += 1) {
    const result = await underRepositoryLock(world, (lock) => {
      requireEpoch(world, world.journal.state(), before);
      if (before.phase === 'old') forgetBeforeCopy(world);
      return levelUnder(world, lock, phase);
    });
    refuseTroubles(world, result.troubles);
    if (result.open === 0) return;
    move.progress(`levelling: ${result.open} refs still differ`);
    await world.clock.sleep(lookMs * 4);
  }
}

/** Another change of phase may have ended while this one waited: the rules that it would level by are over. */
function requireEpoch(world: World, now: State, before: State): void {
  if (now.epoch !== before.epoch)
    throw faults.movedOn({ path: world.config.path, before: before.phase, now: now.phase });
}

async function underRepositoryLock<T>(world: World, work: (lock: Unlock) => Promise<T>): Promise<T> {
  const lock = await world.journal.lock(world.limits.holdMs);
  if (lock === null)
    throw faults.busy({
      what: `level ${world.config.path}`,
      waitedMs: world.limits.holdMs,
      again: 'Run `pulumi up` again',
    });
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

/** `unhooked` only informs; the others say that nobody knows which value is right. */
function refuseTroubles(world: World, troubles: readonly Trouble[]): void {
  const blocking = troubles.filter((trouble) => trouble.kind !== 'unhooked');
  if (blocking.length === 0) return;
  const listed = blocking.slice(0, 5).map((trouble) => ({ ...trouble, ref: showRef(trouble.ref) }));
  throw faults.troubles({ path: world.config.path, to: null, troubles: listed });
}

/**
 * Pushes whose outcome nobody knows may still land: GitLab's longest push must be over, counted from the end of their
 * clients, which may come while we wait.
 */
async function requestsAnswered(world: World, move: Move): Promise<void> {
  await waitFor(world.clock, world.limits.longestGitlabPushMs * 2, lookMs * 4, () => {
    const young = youngRequests(world);
    if (young > 0)
      move.progress(`waiting until ${young} ${young === 1 ? 'push' : 'pushes'} without an answer can no longer land`);
    return young === 0;
  });
}

/** Of people's pushes, and of the worker's. */
function youngRequests(world: World): number {
  const young = world.journal.leases().filter((lease) => mayStillLand(world, lease));
  return young.length + Number(mayLand(world));
}

async function takeHold(world: World, before: State, move: Move): Promise<Hold> {
  const now = world.clock.now();
  const hold: Hold = { id: world.newHoldId(), boot: now.boot, endUptimeMs: now.uptimeMs + world.limits.holdMs };
  const state = await world.journal.changeState((current) =>
    current.epoch === before.epoch && (current.hold === null || isOver(world, current.hold))
      ? { ...current, hold }
      : null,
  );
  requireEpoch(world, state, before);
  if (state.hold?.id !== hold.id) throw faults.held({ path: world.config.path });
  move.progress('holding new pushes');
  return hold;
}

/**
 * Every lease has ended, is waiting, or carries the new epoch. A push beyond its limit is ended first: a lease never
 * ends over a living process. In `old` a push may run without a lease where the disk took none: it is waited for as an
 * older one is.
 */
async function drain(world: World, hold: Hold, before: State, move: Move): Promise<void> {
  const drained = await waitFor(world.clock, world.limits.holdMs, lookMs, async () => {
    requireHold(world, hold);
    const blocking = world.journal.leases().filter((lease) => blocksDrain(lease, before.epoch + 1));
    for (const lease of blocking.filter(
      (candidate) => ageMs(world.clock.now(), candidate.began) > world.limits.leaseMs,
    ))
      await world.endProcesses(lease);
    const unwritten = before.phase === 'old' ? world.olderPushes() : [];
    const running = blocking.length + unwritten.length;
    if (running > 0) move.progress(`waiting for ${running} running pushes`);
    return running === 0;
  });
  if (!drained) throw holdLost(world, 'running pushes did not end in time');
}

function requireHold(world: World, hold: Hold): void {
  const state = world.journal.state();
  if (state.hold?.id !== hold.id || isExpired(world, hold)) throw holdLost(world, 'the hold ran out');
}

function holdLost(world: World, what: string): Error {
  return faults.holdExpired({ path: world.config.path, holdMs: world.limits.holdMs, what });
}

async function levelAndSwitch(world: World, hold: Hold, before: State, move: Move): Promise<State> {
  return underRepositoryLock(world, async (lock) => {
    const gitlabIsSide = move.to !== 'old' || before.phase !== 'mirror';
    if (gitlabIsSide) await levelHeld(world, lock, hold, { from: before.phase, to: move.to });
    if (youngRequests(world) > 0) throw holdLost(world, 'a push without an answer may still land');
    // Chosen before the switch: a push that goes on after it may end at once, and its records count.
    const closes = gitlabIsSide && !phaseTable[move.to].gitlabOpen;
    const settled = world.journal.leases().filter((lease) => !lease.live);
    const state = await switchAndRelease(world, hold, move.to);
    if (closes) forgetSettled(world, settled);
    return state;
  });
}

/**
 * Between a closed and an open phase nobody writes while the hold lasts, so every ref is compared again. Between two
 * open phases people go on pushing to GitLab: there, level means level with what the pass saw of GitLab.
 */
async function levelHeld(world: World, lock: Unlock, hold: Hold, move: { from: Phase; to: Phase }): Promise<void> {
  const stillOpen = phaseTable[move.from].gitlabOpen && phaseTable[move.to].gitlabOpen;
  for (let round = 1; round <= roundsMax; round += 1) {
    requireHold(world, hold);
    const result = await levelUnder(world, lock, move.from === 'old' ? 'mirror' : move.from);
    refuseTroubles(world, result.troubles);
    // In `mirror` only a look that found all level has asked whether old lost an acknowledged push.
    const asked = phaseTable[move.from].gitlabOpen || result.moved === 0;
    if (stillOpen ? result.open === 0 : asked && (await differences(world)).length === 0) return;
  }
  throw holdLost(world, `still different: ${(await differences(world)).slice(0, 5).map(showRef).join(', ')}`);
}

/**
 * A closed phase decides by agreed and by records; both sides are level now, and what ended before is over. Not before
 * the switch: when that fails, pushes have gone on that only their records explain. Killed here, the next pass forgets
 * the same, ref by ref.
 */
function forgetSettled(world: World, settled: readonly Lease[]): void {
  const tries = world.journal.tries();
  for (const ref of [...tries.sent.keys()]) retireTries(tries, ref);
  world.journal.writeTries(tries);
  world.journal.drop(new Map(settled.map(({ id }) => [id, 'all'])));
}

/** One rename, made only if the hold is still ours. */
async function switchAndRelease(world: World, hold: Hold, to: Phase): Promise<State> {
  const state = await world.journal.changeState((current) => {
    const ours = current.hold?.id === hold.id && !isExpired(world, hold);
    return ours ? { ...current, phase: to, epoch: current.epoch + 1, hold: null } : null;
  });
  if (state.phase !== to) throw holdLost(world, 'the hold ran out before the switch');
  if (to === 'old') world.journal.forget();
  world.log.write('phase-changed', { phase: to, epoch: state.epoch });
  return state;
}

async function releaseHold(world: World, hold: Hold): Promise<void> {
  await world.journal.changeState((state) => (state.hold?.id === hold.id ? { ...state, hold: null } : null));
}
