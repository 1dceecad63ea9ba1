/** Judges a history: each promise by its own checker, with three answers. Pure. */
import type { History, Verdict } from './history';
import { checkNothingLost, checkOneOrder } from './order';
import { checkMovesArrive, checkNobodyGuesses, checkNobodyHangs, checkOneEpoch } from './pushers';
import { checkGivenBack, checkNothingTakenSilently, checkStatusSays } from './saying';
import { checkConvergence, checkDamage } from './sides';

export function check(history: History): Verdict[] {
  return [
    checkNothingLost,
    checkOneOrder,
    checkConvergence,
    checkDamage,
    checkOneEpoch,
    checkNobodyGuesses,
    checkNobodyHangs,
    checkMovesArrive,
    checkStatusSays,
    checkNothingTakenSilently,
    checkGivenBack,
  ].flatMap((checker) => checker(history));
}
