/**
 * One of the two sides went back in time, and a person says which one is right, ref by ref (11 of
 * docs/design/fence.md). Under hold and lock, with all pushes ended. Each step can be repeated after a kill: the fence
 * comes last, and until it is at GitLab nothing is sent, followed or taken.
 */
import { faults } from '../contract/faults';
import type { Phase } from '../contract/phase';
import { fenceRef, shownFence } from '../rules/fence';
import { showRef } from '../rules/refs';
import { atticUpdates, type Kept } from './attic';
import { differencesOf, readBothSides, type Difference } from './bothsides';
import { drain, lastRequestsOver } from './drain';
import { checkFence, type Fencing } from './fence';
import { releaseHold, requireHold, takeHold } from './hold';
import { lookAround } from './look';
import { heardByOwnHooks } from './ownhooks';
import { beginRequest, endRequest } from './requests';
import { sendUpdates } from './send';
import type { Unlock, World } from '../rules/ports';
import type { Fence, Hold, Oid, RefName, Update } from '../rules/values';

export interface Rejoining {
  /** Whose refs stay. */
  readonly keep: 'old' | 'gitlab';
  /** But of these the other side's. */
  readonly but: ReadonlySet<RefName>;
  /** By whose rules the repository goes on: old's own files may know an earlier one. */
  readonly phase: Phase;
}

export interface Meeting {
  /** The fence that GitLab shows. */
  readonly shown: Oid | null;
  readonly differences: readonly Difference[];
}

/** Both sides as they are. Throws `not-travelled` where they are where they left each other. */
export async function meet(world: World): Promise<Meeting> {
  const { fence } = world.journal.state();
  if (fence?.stopped !== true) throw faults.notTravelled({ path: world.config.path });
  const sides = await readBothSides(world.git, world.config.namespaces);
  return { shown: shownFence(fence, sides.gitlabSide.refs), differences: differencesOf(sides) };
}

/** Answers what went to the attic of old. Throws `rejoin-moved` where people moved a ref meanwhile. */
export async function rejoin(
  world: World,
  rejoining: Rejoining,
  progress: (text: string) => void,
): Promise<readonly RefName[]> {
  const before = world.journal.state();
  const taken = await takeHold(world, before);
  try {
    await drain(world, taken, before, progress);
    const hold = await lastRequestsOver(world, taken, progress);
    const lock = await world.journal.lock(world.limits.holdMs);
    if (lock === null)
      throw faults.busy({ what: `settle ${world.config.path}`, waitedMs: world.limits.holdMs, again: 'Try again' });
    try {
      return await rejoinUnder({ world, lock, phase: rejoining.phase }, rejoining, hold);
    } finally {
      lock.release();
    }
  } finally {
    await releaseHold(world, taken);
  }
}

async function rejoinUnder(fencing: Fencing, rejoining: Rejoining, hold: Hold): Promise<readonly RefName[]> {
  const { world, lock } = fencing;
  const { shown, differences } = await meet(world);
  const isOlds = ({ ref }: Difference): boolean => (rejoining.keep === 'old') !== rejoining.but.has(ref);
  await fetchAll(world, differences, lock);
  const attic = await keepAll(
    world,
    differences.map((one) => ({ ref: one.ref, value: isOlds(one) ? one.gitlab : one.old })),
    lock,
  );
  await sendAll(
    world,
    differences.filter(isOlds).map(({ ref, old, gitlab }) => ({ ref, before: gitlab, after: old })),
    lock,
  );
  await setAll(
    world,
    differences.filter((one) => !isOlds(one)).map(({ ref, old, gitlab }) => ({ ref, before: old, after: gitlab })),
    lock,
  );
  requireHold(world, hold);
  const seen = await meet(world);
  if (seen.differences.length > 0 || seen.shown !== shown) throw faults.rejoinMoved({ path: world.config.path });
  await writeDown(world, rejoining.phase, shown);
  await bringFence(fencing);
  return attic;
}

/** Objects only: what loses must be kept, and GitLab prunes it. */
async function fetchAll(world: World, differences: readonly Difference[], lock: Unlock): Promise<void> {
  const refs = differences.filter(({ gitlab }) => gitlab !== null).map(({ ref }) => ref);
  const words = refs.length === 0 ? null : await world.git.fetch(refs, lock);
  if (words !== null) throw faults.fetchFailed({ words });
}

async function keepAll(world: World, values: readonly Kept[], lock: Unlock): Promise<readonly RefName[]> {
  const lost = values.filter(({ value }) => value !== null);
  const updates = atticUpdates(world.clock.wall(), lost, '-rejoin');
  const failed = updates.length === 0 ? new Map<RefName, string>() : await world.git.setRefs(updates, lock);
  const [first] = failed;
  if (first !== undefined) throw faults.noAttic({ ref: showRef(first[0]), what: first[1] });
  return updates.map(({ ref }) => ref);
}

async function sendAll(world: World, updates: readonly Update[], lock: Unlock): Promise<void> {
  if (updates.length === 0) return;
  const tries = world.journal.tries();
  beginRequest(world, tries, updates);
  const sent = await sendUpdates(world, updates, null, lock);
  endRequest(world, tries, !sent.mayLand);
  if (sent.done.length === updates.length) return;
  const words = sent.unreachable ?? sent.troubles.map(({ ref, words: why }) => `${showRef(ref)}: ${why}`).join('; ');
  throw sent.stale.length > 0
    ? faults.rejoinMoved({ path: world.config.path })
    : faults.rejoinNotSent({ path: world.config.path, words });
}

async function setAll(world: World, updates: readonly Update[], lock: Unlock): Promise<void> {
  if (updates.length === 0) return;
  const failed = await heardByOwnHooks(world, updates, () => world.git.setRefs(updates, lock));
  world.ownHooks.start();
  const [first] = failed;
  if (first !== undefined) throw faults.notSetOnOld({ ref: showRef(first[0]), words: first[1] });
}

/** Whoever finds the fence that is about to go at GitLab finds all of this as well: so that goes with the state. */
async function writeDown(world: World, phase: Phase, shown: Oid | null): Promise<void> {
  const { old } = await readBothSides(world.git, world.config.namespaces);
  world.journal.writeAgreed(old);
  const { unanswered } = world.journal.tries();
  world.journal.writeTries({ sent: new Map(), late: new Map(), unanswered });
  const ended = world.journal.leases().filter(({ live }) => !live);
  world.journal.drop(new Map(ended.map(({ id }) => [id, 'all'])));
  world.journal.writeTroubles(world.journal.troubles().filter(({ kind }) => kind === 'travelled'));
  const next = world.fence.newValue();
  const settled = (fence: Fence): Fence => ({ ...fence, last: shown, proof: 'settled', next, former: [], gate: true });
  await world.journal.changeState((state) =>
    state.fence === null ? null : { ...state, phase, epoch: state.epoch + 1, fence: settled(state.fence) },
  );
  world.fence.setCopy(next.oid);
}

/** It counts when another look finds it, and GitLab as it was settled. */
async function bringFence(fencing: Fencing): Promise<void> {
  const { world, lock } = fencing;
  const { fence } = world.journal.state();
  if (fence?.next === undefined || fence.next === null) throw faults.rejoinMoved({ path: world.config.path });
  const change = { ref: fenceRef(fence), before: fence.last, after: fence.next };
  const answer = await world.git.pushFence(change, lock);
  if (answer.kind !== 'ok') throw faults.rejoinNotSent({ path: world.config.path, words: answer.words });
  if ((await checkFence(fencing, await lookAround(world))) !== 'go')
    throw faults.rejoinMoved({ path: world.config.path });
  world.journal.writeTroubles(world.journal.troubles().filter(({ kind }) => kind !== 'travelled'));
}

/** Those of `but` at which both sides are the same, or which neither has. */
export function needlessIn({ differences }: Meeting, but: ReadonlySet<RefName>): RefName[] {
  const names = new Set(differences.map(({ ref }) => ref));
  return [...but].filter((ref) => !names.has(ref)).sort();
}
