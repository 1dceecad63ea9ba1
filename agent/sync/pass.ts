/**
 * One pass after the rules of the repository's phase, under its lock. What the timer, the hooks and a change of phase
 * call.
 */
import { waitFor } from '../rules/time';
import { faults } from '../contract/faults';
import { followPass, type FollowOptions } from './follow';
import { mirrorPass } from './mirror';
import { phaseTable, type Phase } from '../contract/phase';
import { isLive, liveRefs } from '../rules/records';
import { isStuckKind } from '../rules/stuck';
import { differencesOf, readBothSides } from './bothsides';
import { endLeftRequest } from './requests';
import { settlePlan } from './ownhooks';
import { shortRef } from '../rules/refs';
import type { Hookless, Unlock, World } from '../rules/ports';
import type { RefName, Trouble } from '../rules/values';

export interface PassResult {
  readonly open: number;
  /** Refs that this pass moved, or did not ask about in `mirror` because a push is on them. */
  readonly moved: number;
  readonly troubles: readonly Trouble[];
  /** Git would not run the hooks: then no phase may be entered that counts on them. */
  readonly hookless: Hookless | null;
}

/**
 * Waits for the lock at most `waitMs`; the phase is read after the lock was taken. `options`: of a following pass.
 */
export async function runPass(world: World, waitMs: number, options?: FollowOptions): Promise<PassResult> {
  const lock = await world.journal.lock(waitMs);
  if (lock === null) throw faults.busy({ what: 'run a pass', waitedMs: waitMs, again: 'Try again' });
  try {
    return await passUnder(world, lock, world.journal.state().phase, { sends: true, ...options });
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
    const listed = troubles.filter(({ ref, kind }) => (isStuckKind(kind) || kind === 'doubtful') && refs.includes(ref));
    const stop = troubles.find(({ kind }) => kind === 'stopped' || kind === 'travelled');
    // A pass that stops leaves nothing open, and brings nothing.
    const differ = open > 0 || listed.length > 0 || stop !== undefined;
    left = differ ? (await differences(world)).filter((ref) => refs.includes(ref)) : [];
    stopped = stop?.words ?? notTaken(listed);
    return left.length === 0 || stopped !== null;
  });
  if (left.length === 0) return null;
  return ended ? stopped : whyNot(world, left);
}

/** Git's words are for the administrator. */
function notTaken(listed: readonly Trouble[]): string | null {
  const names = (kinds: (trouble: Trouble) => boolean): string =>
    listed
      .filter(kinds)
      .map(({ ref }) => shortRef(ref))
      .join(', ');
  const stuck = names(({ kind }) => isStuckKind(kind));
  if (stuck !== '') return `git on this server cannot take ${stuck}.`;
  const doubtful = names(({ kind }) => kind === 'doubtful');
  if (doubtful === '') return null;
  return `whether GitLab has the commits of ${doubtful} that are here is not known yet. Try again later, or ask the administrator.`;
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
 * forgotten. `options`: of a following pass.
 */
export async function passUnder(
  world: World,
  lock: Unlock,
  phase: Phase,
  options?: FollowOptions,
): Promise<PassResult> {
  try {
    return await passWithHooks(world, lock, phase, options);
  } finally {
    world.ownHooks.start();
  }
}

async function passWithHooks(
  world: World,
  lock: Unlock,
  phase: Phase,
  options: FollowOptions | undefined,
): Promise<PassResult> {
  const hookless = phase === 'retired' ? null : await mendHooks(world);
  if (phase !== 'retired') await world.mendState();
  await settlePlan(world);
  endLeftRequest(world);
  return { ...(await passOfPhase(world, lock, phase, options)), hookless };
}

/** A push that no hook saw is the worst that can happen. */
async function mendHooks(world: World): Promise<Hookless | null> {
  const { mended, hookless } = await world.mendHooks();
  if (mended.length > 0) world.log.write('hooks-mended', { mended });
  return hookless;
}

type Brought = Omit<PassResult, 'hookless'>;

async function passOfPhase(
  world: World,
  lock: Unlock,
  phase: Phase,
  options: FollowOptions | undefined,
): Promise<Brought> {
  const row = phaseTable[phase];
  if (row.toGitlab === 'pass') return mirrorPass(world, lock);
  if (row.toOld) return follow(world, lock, options);
  forgetBeforeCopy(world);
  return { open: 0, moved: 0, troubles: [] };
}

async function follow(world: World, lock: Unlock, options: FollowOptions | undefined): Promise<Brought> {
  const { open, changed, troubles } = await followPass(world, lock, options);
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
