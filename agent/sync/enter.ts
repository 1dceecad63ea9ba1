/**
 * What a shim does before it acts, once more, by a process that need not take the shim's word: lease, then state; a
 * hold is waited for.
 */
import { isLetIn } from '../rules/authority';
import { timedLine } from '../rules/leasefile';
import { waitFor } from '../rules/time';
import { endExpiredHold, isOver } from './hold';
import type { PushContext, World } from '../rules/ports';

/** Between two looks at a hold, ms. */
const lookMs = 100;
const graceMs = 10_000;

/** What a pusher reads where a hold takes longer than it should. */
const tooLong =
  'This repository is being moved to its next phase, which takes longer\nthan it should. Nothing was taken. Push again in a minute.';

/**
 * Null once its lease acts by the rules of the state that was read under it. While it waits, no change of phase waits
 * for it.
 */
export async function enterAgain({ world, lease }: PushContext): Promise<string | null> {
  const endMs = 2 * world.limits.holdMs + graceMs;
  for (;;) {
    lease.note(timedLine('enter', world.clock.now()), false);
    const state = world.journal.state();
    if (isLetIn(state)) {
      lease.note(`act ${state.epoch} ${state.phase}`, false);
      return null;
    }
    lease.note('wait', false);
    if (!(await waitFor(world.clock, endMs, lookMs, () => isLetInNow(world)))) return tooLong;
  }
}

async function isLetInNow(world: World): Promise<boolean> {
  const state = world.journal.state();
  if (state.hold !== null && isOver(world, state.hold)) await endExpiredHold(world);
  return isLetIn(state);
}
