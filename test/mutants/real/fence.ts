/** Mistakes in the fence that the search for journeys does not find: docs/testing/planting-a-mistake.md. */
import { planted, type RealMutant } from './mutant';

export const fence: readonly RealMutant[] = [
  planted(
    'P4',
    'a planted fence counts without another look (PLANTLOOK)',
    ['agent/sync/fence.ts', "if (fence.proof === 'sure') await finishMove", 'await finishMove'],
    ['simulation/planting', 'between the look that finds no fence and the planting'],
  ),
  planted(
    'P4',
    'a first copy begins where GitLab has the fence of another attachment (FOREIGN)',
    ['agent/sync/fence.ts', "world.journal.state().phase === 'old' && fence.last === null", 'fence.id === null'],
    ['simulation/planting', 'brings no branch back that GitLab has deleted'],
  ),
];
