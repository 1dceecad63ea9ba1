/** A change of phase: passes, hold, drain, passes under the hold, switch and release. */
import type { Consent } from '../contract/verbs';
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import { countsOnHooks, isLegalMove, phaseTable, type Phase } from '../contract/phase';
import { onlySynced, showRef } from '../rules/refs';
import { stopsMoves } from '../rules/trouble';
import { drain, lastRequestsOver, olderPushesEnded, requestsAnswered, youngRequests } from './drain';
import { endExpiredHold, holdLost, releaseHold, requireEpoch, requireHold, switchAndRelease, takeHold } from './hold';
import { differences, forgetBeforeCopy, passUnder, type PassResult } from './pass';
import { dropFence } from './dropfence';
import { moveFence } from './fence';
import { noteGoneClients, retireTries } from './requests';
import type { Unlock, World } from '../rules/ports';
import type { Hold, Lease, Refs, State, Trouble } from '../rules/values';

export interface Move {
  readonly to: Phase;
  readonly consent: Consent;
  readonly progress: (text: string) => void;
  /** What stays for people to do; by default it is only in the log. */
  readonly warn?: (text: string) => void;
}

interface Step {
  readonly from: Phase;
  readonly to: Phase;
}

/** Between two passes, ms. */
const againMs = 200;
const roundsMax = 20;

/** Repeating a finished move does nothing. Any failure before the switch leaves the repository in its phase. */
export async function changePhase(world: World, move: Move): Promise<State> {
  const before = await endExpiredHold(world);
  if (before.phase === move.to) return before.fence?.gate === true ? throughGate(world, move) : before;
  if (!isLegalMove(before.phase, move.to, move.consent.abandon))
    throw faults.illegalMove({ path: world.config.path, from: before.phase, to: move.to });
  if (before.phase === 'old') await olderPushesEnded(world, move.consent, move.progress);
  await levelFirst(world, before, move);
  await requestsAnswered(world, move.progress);
  const hold = await takeHold(world, before);
  move.progress('holding new pushes');
  try {
    await drain(world, hold, before, move.progress);
    return await passAndSwitch(world, await lastRequestsOver(world, hold, move.progress), before, move);
  } catch (error) {
    await releaseHold(world, hold);
    throw error;
  }
}

/** From `mirror` old is all there is to go by: a GitLab that gives no answer keeps nobody there. */
async function levelFirst(world: World, before: State, move: Move): Promise<void> {
  const lettingGo = before.phase === 'mirror' && move.to === 'old';
  try {
    await passWhilePushing(world, before, move);
  } catch (error) {
    if (!lettingGo || asFault(error).code !== 'gitlab-unreachable') throw error;
    move.progress('GitLab gives no answer: its copy stays as it is');
  }
  if (opensWriteThrough(before.phase, move.to)) await proveKey(world, before);
}

function opensWriteThrough(from: Phase, to: Phase): boolean {
  return phaseTable[from].toGitlab !== 'write-through' && phaseTable[to].toGitlab === 'write-through';
}

/** Before pushes hang on it: GitLab takes what the agent's key brings, as the fence shows. Throws `fence-declined`. */
function proveKey(world: World, before: State): Promise<void> {
  return underRepositoryLock(world, async (lock) => {
    requireEpoch(world, world.journal.state(), before);
    await moveFence({ world, lock, phase: before.phase }, await oldNow(world));
  });
}

/** The hold is short because almost everything is level before it begins. */
async function passWhilePushing(world: World, before: State, move: Move): Promise<void> {
  const phase = before.phase === 'old' ? 'mirror' : before.phase;
  for (let round = 1; round <= roundsMax; round += 1) {
    const result = await underRepositoryLock(world, (lock) => {
      requireEpoch(world, world.journal.state(), before);
      if (before.phase === 'old') forgetBeforeCopy(world);
      return passUnder(world, lock, phase, { eager: true });
    });
    refuseTroubles(world, result, { from: before.phase, to: move.to }, round);
    const open = result.open + unsetOf(result.troubles);
    if (open === 0) return;
    move.progress(`levelling: ${open} refs still differ`);
    await world.clock.sleep(againMs);
  }
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

/** Rounds in which a ref that old cannot set may be one that somebody just holds the lock of. */
const lockedRounds = 5;

/** A lock may be gone in a moment. */
function isTried({ kind }: Trouble): boolean {
  return kind === 'unset' || kind === 'unsent';
}

function unsetOf(troubles: readonly Trouble[]): number {
  return troubles.filter(({ kind }) => kind === 'unset').length;
}

/** Between two open phases a ref that is `doubtful` waits on as it did. */
function refuseTroubles(world: World, { troubles, hookless }: PassResult, { from, to }: Step, round: number): void {
  if (hookless !== null && countsOnHooks(from, to))
    throw faults.hookless({ what: `move ${world.config.path} to ${to}`, ...hookless });
  const waitsOn = ({ kind }: Trouble): boolean => kind === 'doubtful' && phaseTable[to].toOld;
  const blocking = troubles.filter(
    (one) => stopsMoves(one) && !waitsOn(one) && (!isTried(one) || round > lockedRounds),
  );
  if (blocking.length === 0) return;
  const listed = blocking.slice(0, 5).map((trouble) => ({ ...trouble, ref: showRef(trouble.ref) }));
  throw faults.troubles({ path: world.config.path, to: null, troubles: listed });
}

async function passAndSwitch(world: World, hold: Hold, before: State, move: Move): Promise<State> {
  return underRepositoryLock(world, async (lock) => {
    const gitlabIsSide = move.to !== 'old' || before.phase !== 'mirror';
    if (gitlabIsSide) await passUnderHold(world, lock, hold, { from: before.phase, to: move.to });
    const leases = world.journal.leases();
    noteGoneClients(world, leases);
    if (youngRequests(world, leases) > 0) throw holdLost(world, 'a push without an answer may still land');
    // Chosen before the switch: a push that goes on after it may end at once, and its records count.
    const closes = gitlabIsSide && !phaseTable[move.to].gitlabOpen;
    const ended = world.journal.leases().filter((lease) => !lease.live);
    const fence = world.journal.state().fence;
    const state = await switchAndRelease(world, hold, move.to);
    if (closes) forgetEnded(world, ended);
    const left = move.to === 'old' && fence !== null ? await dropFence({ world, lock }, fence) : null;
    if (left !== null) move.warn?.(left);
    if (state.fence?.gate === true) await moveFence({ world, lock, phase: move.to }, await oldNow(world));
    return world.journal.state();
  });
}

async function oldNow(world: World): Promise<{ readonly old: Refs }> {
  return { old: onlySynced((await world.git.oldSide()).refs, world.config.namespaces) };
}

/** A move that ended between its switch and the fence: a pass brings the fence there, and lets people in. */
async function throughGate(world: World, move: Move): Promise<State> {
  return underRepositoryLock(world, async (lock) => {
    const result = await passUnder(world, lock, move.to, { eager: true });
    refuseTroubles(world, result, { from: move.to, to: move.to }, 1);
    return world.journal.state();
  });
}

/**
 * Between a closed and an open phase nobody writes while the hold lasts, so every ref is compared again. Between two
 * open phases people go on pushing to GitLab: there, level means level with what the pass saw of GitLab.
 */
async function passUnderHold(world: World, lock: Unlock, hold: Hold, move: Step): Promise<void> {
  const stillOpen = phaseTable[move.from].gitlabOpen && phaseTable[move.to].gitlabOpen;
  for (let round = 1; round <= roundsMax; round += 1) {
    requireHold(world, hold);
    const result = await passUnder(world, lock, move.from === 'old' ? 'mirror' : move.from, { eager: true });
    refuseTroubles(world, result, move, round);
    // In `mirror` only a look that found all level has asked whether old lost an acknowledged push.
    const asked = phaseTable[move.from].gitlabOpen || result.moved === 0;
    if (stillOpen ? result.open + unsetOf(result.troubles) === 0 : asked && (await differences(world)).length === 0)
      return;
  }
  const refs = (await differences(world)).slice(0, 5).map(showRef);
  throw faults.stillDifferent({ path: world.config.path, refs });
}

/**
 * A closed phase decides by agreed and by records; both sides are level now, and what ended before is over. Not before
 * the switch: when that fails, pushes have gone on that only their records explain. Killed here, the next pass forgets
 * the same, ref by ref.
 */
function forgetEnded(world: World, ended: readonly Lease[]): void {
  const tries = world.journal.tries();
  for (const ref of [...tries.sent.keys()]) retireTries(tries, ref);
  world.journal.writeTries(tries);
  world.journal.drop(new Map(ended.map(({ id }) => [id, 'all'])));
}
