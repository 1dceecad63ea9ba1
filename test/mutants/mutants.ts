/** All planted mistakes that the simulation hunts, and what each is a test of. */
import { checkerMutants } from './checkers';
import { fenceMutants } from './fence';
import type { Mutant } from './mutant';
import { protocolMutants } from './protocol';
import { sayingMutants } from './saying';

/** Those that show at once are hunted to the end in each run of the tests, the others by `npm run mutants`. */
export const quickSeeds = 3;

/** `protocol`: the mistake is in the agent. `checkers`: it is in the simulation, and tests only what judges it. */
export type Tested = 'protocol' | 'checkers';

export const mutants: readonly (Mutant & { readonly tests: Tested })[] = [
  ...[...protocolMutants, ...sayingMutants, ...fenceMutants].map((one) => ({ ...one, tests: 'protocol' as const })),
  ...checkerMutants.map((one) => ({ ...one, tests: 'checkers' as const })),
];
