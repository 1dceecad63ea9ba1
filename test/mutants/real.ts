/**
 * Mistakes planted in the product itself (agent, hooks, stacks), each with the tests that must catch it: real git, real
 * hooks, a real sshd. `npm run mutants -- --real` plants them one after the other in a scratch copy.
 */
import { door } from './real/door';
import type { RealMutant } from './real/mutant';
import { protocol } from './real/protocol';
import { rooms } from './real/rooms';
import { fence } from './real/fence';
import { sendOn } from './real/sendon';
import { server } from './real/server';
import { stacks } from './real/stacks';

export const realMutants: readonly RealMutant[] = [
  ...door,
  ...protocol,
  ...rooms,
  ...fence,
  ...sendOn,
  ...server,
  ...stacks,
];
