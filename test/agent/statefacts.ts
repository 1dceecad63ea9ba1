/** What a state file holds beside the state, where a test does not care. */
import type { ShimFacts } from '../../agent/rules/statefile';

export const facts: ShimFacts = {
  folder: '/f',
  node: '/n',
  url: 'ssh://x',
  ciSkip: true,
  holdMs: 1000,
  leaseMs: 1000,
  connectMs: 1000,
  mirrorAfterRestart: 'take',
  brownouts: [],
};
