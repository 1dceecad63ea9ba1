/** Mistakes in what becomes of pushes that no hook saw. */
import { planted, type RealMutant } from './mutant';

export const sendOn: readonly RealMutant[] = [
  planted(
    'P1',
    'a push that no hook saw is not sent on',
    ['agent/sync/pass.ts', '{ sends: true, ...options }', 'options'],
    ['git/push/sendon', 'alone is sent on'],
  ),
  planted(
    'P2',
    'what a pass took away from a branch may be sent on',
    [
      'agent/sync/sendon.ts',
      'return fresh.count === 0 || fresh.count < brought.count;',
      'return fresh.count > brought.count;',
    ],
    ['git/push/sendon', 'neither as it was nor with a commit on top'],
  ),
  planted(
    'P2',
    'a value that a killed pass set on old is taken for a push that no hook saw',
    ['agent/sync/sendon.ts', 'if (wasFollowed(followed, { ref, after: before })) return null;', ''],
    ['git/push/sendon', 'is not taken for a push'],
  ),
];
