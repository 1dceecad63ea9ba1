/**
 * Rules of the fence (docs/design/fence.md) left out one at a time. The simulation must catch each in a world with a
 * fence; those that only the model finds are named in docs/testing/planting-a-mistake.md.
 */
import { fenceWorlds } from '../simulation/fenceworlds';
import type { Mutant } from './mutant';

export const fenceMutants: readonly Mutant[] = [
  {
    name: 'old follows before the fence has moved (FOLLOWMOVE)',
    changes: fenceWorlds.journeys,
    seedsMax: 300,
    edits: [{ file: 'agent/sync/steady.ts', from: `await moveFence(fencing, look);`, to: `` }],
  },
  {
    name: 'what GitLab answered for is followed away before a fence covers it (COVER)',
    changes: fenceWorlds.journeys,
    seedsMax: 900,
    edits: [
      {
        file: 'agent/sync/steady.ts',
        from: `if (world.limits.fence !== true) return new Set(); const asked`,
        to: `if (world.limits.fence === true) return new Set(); const asked`,
      },
    ],
  },
  {
    name: 'a missing fence is planted whatever else is wrong (PLANT)',
    changes: fenceWorlds.journeys,
    seedsMax: 300,
    edits: [
      {
        file: 'agent/sync/fence.ts',
        from: `return hangsOnIt && !(await isAsAgreed(world, look, lock)) ?`,
        to: `return hangsOnIt && lock === null ?`,
      },
    ],
  },
  {
    name: 'after a lost answer another fence goes than the one that was written down (PENDING)',
    changes: fenceWorlds.net,
    seedsMax: 60,
    edits: [
      {
        file: 'agent/rules/fence.ts',
        from: `return fence.next === null ? { ...fence, next } : fence;`,
        to: `return { ...fence, next };`,
      },
      {
        file: 'agent/sync/fence.ts',
        from: `(now.next === null ? withNext(now, world.fence.newValue()) : null)`,
        to: `withNext(now, world.fence.newValue())`,
      },
    ],
  },
];
