/**
 * One pass after the rules of the repository's phase, under its lock. What the timer, the hooks and a change of phase
 * call.
 */
import { waitFor } from '../rules/time';
import { faults } from '../contract/faults';
import { followPass } from './follow';
import { mirrorPass } from './mirror';
import { phaseTable, type Phase } from '../contract/phase';
import { isLive, liveRefs } from '../rules/records';
import { differencesOf, readBothSides } from './bothsides';
import { endLeftRequest } from './requests';
import { settlePlan } from './ownhooks';
import { shortRef } from '../rules/refs';
import type { Unlock, World } from '../rules/ports';
import type { RefName, Trouble } from '../rules/values';

export interface PassResult {
  readonly open: number;
  /** Refs that this pass moved, or did not ask about in `mirror` because a push is on them. */
  readonly moved: number;
  readonly troubles: readonly Trouble[];
}

/** Waits for the lock at most `waitMs`; the phase is read after the lock was taken. */
export async function runPass(world: World, waitMs: number): Promise<PassResult> {
  const lock = await world.journal.lock(waitMs);
  if (lock === null) throw faults.busy({ what: 'run a pass', waitedMs: waitMs, again: 'Try again' });
  try {
    return await passUnder(world, lock, world.journal.state().phase);
  } finally {
    lock.release();
  }
}

/** How often a refused pusher's refs are looked at again, ms. */
const againMs = 200;

/**
 * Passes for a refused pusher. Null when old has GitLab's values of these refs now, else why not. Who won is often
 * still at work: GitLab has the new value, and old gets it a moment later. So passes go on until most of the time is
 * used.
 */
export async function healRefs(world: World, refs: readonly RefName[], waitMs: number): Promise<string | null> {
  let left: RefName[] = [];
  let stopped: string | null = null;
  const ended = await waitFor(world.clock, waitMs * 0.7, againMs, async () => {
    const { open, troubles } = await runPass(world, waitMs);
    left = open === 0 ? [] : (await differences(world)).filter((ref) => refs.includes(ref));
    stopped = troubles.find(({ kind }) => kind === 'stopped')?.words ?? null;
    return left.length === 0 || stopped !== null;
  });
  if (left.length === 0) return null;
  return ended ? stopped : whyNot(world, left);
}

function whyNot(world: World, left: readonly RefName[]): string {
  const live = liveRefs(world.journal.leases());
  const busy = left.filter((ref) => isLive(live, ref));
  return busy.length > 0
    ? `another push to ${busy.map(shortRef).join(', ')} is still running.`
    : `${left.map(shortRef).join(', ')} could not be set.`;
}

/**
 * Under the lock that the caller holds. Old and retired have nothing to bring anywhere; leases that ended are
 * forgotten. `exempt`: refs that a person lets through the circuit breaker.
 */
export async function passUnder(
  world: World,
  lock: Unlock,
  phase: Phase,
  exempt?: ReadonlySet<RefName>,
): Promise<PassResult> {
  try {
    return await passOfPhase(world, lock, phase, exempt);
  } finally {
    world.ownHooks.start();
  }
}

async function passOfPhase(
  world: World,
  lock: Unlock,
  phase: Phase,
  exempt: ReadonlySet<RefName> | undefined,
): Promise<PassResult> {
  const row = phaseTable[phase];
  // A push that no hook saw is the worst that can happen.
  const mended = phase === 'retired' ? [] : await world.mendHooks();
  if (mended.length > 0) world.log.write('hooks-mended', { mended });
  if (phase !== 'retired') await world.mendState();
  await settlePlan(world);
  endLeftRequest(world);
  if (row.toGitlab === 'pass') return mirrorPass(world, lock);
  if (row.toOld) return follow(world, lock, exempt);
  forgetBeforeCopy(world);
  return { open: 0, moved: 0, troubles: [] };
}

async function follow(world: World, lock: Unlock, exempt: ReadonlySet<RefName> | undefined): Promise<PassResult> {
  const { open, changed, troubles } = await followPass(world, lock, exempt);
  return { open, moved: changed.length, troubles };
}

/**
 * Before its first try a first copy needs no records: in `old` a push need not be written down, so what is written
 * there proves nothing. A copy that was cut off keeps them: they explain what moves until it is begun again.
 */
export function forgetBeforeCopy(world: World): void {
  if (world.journal.agreed() !== null || world.journal.tries().sent.size > 0) return;
  world.journal.drop(
    new Map(
      world.journal
        .leases()
        .filter((lease) => !lease.live)
        .map(({ id }) => [id, 'all']),
    ),
  );
}

/** Refs at which the two sides differ now. */
export async function differences(world: World): Promise<RefName[]> {
  return differencesOf(await readBothSides(world.git, world.config.namespaces)).map(({ ref }) => ref);
}
