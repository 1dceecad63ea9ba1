/**
 * Mistakes that make `status` lie: hunted by the checkers of what it said (test/history/saying.ts); and one that is
 * found soon only where the fault comes at the worst moment.
 */
import { withPowers } from '../simulation/powers';
import { mutant, type Mutant } from './mutant';

export const sayingMutants: readonly Mutant[] = [
  mutant(
    'old follows what GitLab lost, and nobody reads of it',
    'agent/sync/taken.ts',
    [`if (fresh.length > 0) world.journal.writeTaken(`, `if (fresh.length > 1e9) world.journal.writeTaken(`],
    15,
  ),
  mutant(
    'status ends as if all were well, whatever it lists',
    'agent/contract/exits.ts',
    [`repositories.some((one) => one.troubles.length > 0) ? 2 : 0`, `repositories.length > 1e9 ? 2 : 0`],
    130,
  ),
  mutant(
    'what old cannot take is listed after the tenth try',
    'agent/rules/stuck.ts',
    [`const listedFrom = 2;`, `const listedFrom = 10;`],
    130,
  ),
  {
    ...mutant(
      'a pass that dies tells nobody what it took from a writer without hooks',
      'agent/sync/taken.ts',
      [
        `writeTaken(keptTaken([...others, ...fresh], at));`,
        `writeTaken(keptTaken([...others, ...fresh.filter(({ ref, before }) => !isOfNoHook(look, ref, before))], at));`,
      ],
      270,
    ),
    changes: withPowers,
  },
  {
    ...mutant(
      'what is given back is said to be given back, and is not sent',
      'agent/sync/giveback.ts',
      [
        `const kept = await keepOld(world, found, lock);`,
        `const kept: RefName[] = found.old === found.gitlab ? [] : await keepOld(world, found, lock);`,
      ],
      40,
    ),
    changes: withPowers,
  },
  {
    ...mutant(
      'the circuit breaker is off, at the worst moment',
      'agent/sync/follow.ts',
      [`const stop = await stopReason(`, `const stop = waits && !waits ? '' : null; await stopReason(`],
      2,
    ),
    points: 4,
  },
];
