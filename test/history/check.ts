/** Judges a history: each promise by its own checker, with three answers. Pure. */
import type { History, Verdict } from './history';
import { checkNothingLost, checkOneOrder } from './order';
import { checkNobodyGuesses, checkNobodyHangs, checkOneEpoch } from './pushers';
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
  ].flatMap((checker) => checker(history));
}
