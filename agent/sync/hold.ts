/**
 * The hold of a change of phase: while it lasts, new pushes wait. It ends by itself, so that no change that died can
 * keep pushes waiting; and only the change whose hold it still is may switch.
 */
import { mayHold } from '../rules/decide';
import { withGate } from './fence';
import { faults } from '../contract/faults';
import type { World } from '../rules/ports';
import type { Phase } from '../contract/phase';
import type { Hold, State } from '../rules/values';

/** Holds new pushes, if the repository is where the change began, and no other change holds them. */
export async function takeHold(world: World, before: State): Promise<Hold> {
  const now = world.clock.now();
  const hold: Hold = { id: world.newHoldId(), boot: now.boot, endUptimeMs: now.uptimeMs + world.limits.holdMs };
  const state = await world.journal.changeState((current) =>
    mayHold(current, before.epoch, (other) => isOver(world, other)) ? { ...current, hold } : null,
  );
  requireEpoch(world, state, before);
  if (state.hold?.id !== hold.id) throw faults.held({ path: world.config.path });
  return hold;
}

/** Another change of phase may have ended while this one waited: the rules of its passes are over. */
export function requireEpoch(world: World, now: State, before: State): void {
  if (now.epoch !== before.epoch)
    throw faults.movedOn({ path: world.config.path, before: before.phase, now: now.phase });
}

export function requireHold(world: World, hold: Hold): void {
  const state = world.journal.state();
  if (state.hold?.id !== hold.id || isExpired(world, hold)) throw holdLost(world, 'the hold ran out');
}

export function holdLost(world: World, what: string): Error {
  return faults.holdExpired({ path: world.config.path, holdMs: world.limits.holdMs, what });
}

/** One rename, made only if the hold is still ours. */
export async function switchAndRelease(world: World, hold: Hold, to: Phase): Promise<State> {
  const state = await world.journal.changeState((current) => {
    const ours = current.hold?.id === hold.id && !isExpired(world, hold);
    return ours
      ? { ...current, phase: to, epoch: current.epoch + 1, hold: null, fence: withGate(world, current, to) }
      : null;
  });
  if (state.phase !== to) throw holdLost(world, 'the hold ran out before the switch');
  if (to === 'old') world.journal.forget();
  world.log.write('phase-changed', { phase: to, epoch: state.epoch });
  return state;
}

/** It lasts so much longer, if it is still ours: what is waited for under it has a bound of its own. Answers it. */
export async function extendHold(world: World, hold: Hold, byMs: number): Promise<Hold> {
  const longer: Hold = { ...hold, endUptimeMs: hold.endUptimeMs + byMs };
  await world.journal.changeState((current) => {
    if (current.hold?.id !== hold.id || isExpired(world, hold)) throw holdLost(world, 'the hold ran out');
    return { ...current, hold: longer };
  });
  return longer;
}

export async function releaseHold(world: World, hold: Hold): Promise<void> {
  await world.journal.changeState((state) => (state.hold?.id === hold.id ? { ...state, hold: null } : null));
}

/** Whoever finds an expired hold, or one whose owner is dead, ends it: back to the phase before. */
export function endExpiredHold(world: World): Promise<State> {
  return world.journal.changeState((state) =>
    state.hold !== null && isOver(world, state.hold) ? { ...state, hold: null } : null,
  );
}

export function isOver(world: World, hold: Hold): boolean {
  return isExpired(world, hold) || world.isOwnerGone(hold);
}

function isExpired(world: World, hold: Hold): boolean {
  const now = world.clock.now();
  return hold.boot !== now.boot || now.uptimeMs >= hold.endUptimeMs;
}
