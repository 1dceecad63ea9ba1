/**
 * Whether a push may go to GitLab by the state as it is right before. Its hook read it too; but where that is another
 * account's process, what it says of the state is only words. Pure.
 */
import { phaseTable } from '../contract/phase';
import type { State } from './values';

export interface Present {
  readonly state: State;
  /** Since 1970, ms. */
  readonly wallMs: number;
  /** ISO times. */
  readonly brownouts: readonly { readonly from: string; readonly to: string }[];
}

/** `closed`: this phase takes no pushes. `moved`: the push began by the rules of another epoch. */
export type Stop = 'closed' | 'moved' | 'brownout';

/**
 * Null when a push that began at this epoch may be sent. A hold is not asked for: who took it waits for every push that
 * wrote its lease before it read the state (`isLetIn`).
 */
export function stopOf({ state, wallMs, brownouts }: Present, epoch: number | null): Stop | null {
  if (state.phase === 'refuse' || state.phase === 'retired') return 'closed';
  if (!isSending(state) || state.epoch !== epoch) return 'moved';
  const isBrownout = brownouts.some(({ from, to }) => Date.parse(from) <= wallMs && wallMs < Date.parse(to));
  return state.phase === 'warn' && isBrownout ? 'brownout' : null;
}

/** Whether a push to old goes to GitLab before it is acknowledged. */
function isSending({ phase }: State): boolean {
  return phaseTable[phase].toGitlab === 'write-through';
}

/** Whether a push may act at all: nobody changes the phase, and GitLab has heard of the last change. */
export function isLetIn({ hold, fence }: State): boolean {
  return hold === null && fence?.gate !== true;
}
