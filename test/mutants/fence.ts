/**
 * Rules of the fence (docs/design/fence.md) left out one at a time. The simulation must catch each in a world with a
 * fence; those that only the model finds are named in docs/testing/planting-a-mistake.md.
 * `crossings`: a seed is so many journeys.
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
  {
    name: 'old follows after one look, though GitLab may have gone back before the fence moved (RELOOK)',
    crossings: 60,
    seedsMax: 15,
    edits: [
      {
        file: 'agent/sync/steady.ts',
        from: `const second = await lookAround(world, readers); const after = await checkFence(fencing, second);`,
        to: `const second = look; const after = 'go' as Passage;`,
      },
      {
        file: 'agent/sync/steady.ts',
        from: `import { checkFence, moveFence, type Fencing } from './fence';`,
        to: `import { checkFence, moveFence, type Fencing, type Passage } from './fence';`,
      },
    ],
  },
  {
    name: 'a change of phase leaves the fence where it was (FLIPMOVE)',
    crossings: 60,
    seedsMax: 5,
    edits: [
      {
        file: 'agent/sync/fence.ts',
        from: `return { ...withNext(state.fence, world.fence.newValue()), gate: true };`,
        to: `return state.fence;`,
      },
    ],
  },
  {
    name: 'a move that was cut off before its fence is called done when it is repeated (GATE)',
    crossings: 60,
    seedsMax: 15,
    edits: [
      {
        file: 'agent/sync/phasechange.ts',
        from: `return before.fence?.gate === true ? throughGate(world, move) : before;`,
        to: `return before;`,
      },
      {
        file: 'agent/sync/phasechange.ts',
        from: `if (state.fence?.gate === true) await moveFence({ world, lock, phase: move.to }, await oldNow(world));`,
        to: ``,
      },
    ],
  },
  {
    name: 'values go to GitLab before the fence does (SENDMOVE)',
    crossings: 60,
    seedsMax: 5,
    edits: [
      { file: 'agent/sync/mirror.ts', from: `await moveFence(fencing, look); beginRequest`, to: `beginRequest` },
      {
        file: 'agent/sync/mirror.ts',
        from: `endRequest(world, look.tries, !sent.mayLand); return sent;`,
        to: `endRequest(world, look.tries, !sent.mayLand); await moveFence(fencing, look); return sent;`,
      },
    ],
  },
  {
    name: "the repository's own copy of the fence is not looked at (REPO)",
    crossings: 60,
    seedsMax: 5,
    edits: [
      {
        file: 'agent/rules/fence.ts',
        from: `shown === fence.last && (!isClosed || copy === fence.last)`,
        to: `shown === fence.last`,
      },
      {
        file: 'agent/rules/fence.ts',
        from: `const isCopied = !isClosed || copy === fence.last || copy === fence.next.oid;`,
        to: `const isCopied = true;`,
      },
      {
        file: 'agent/sync/fence.ts',
        from: `if (!phaseTable[phase].toOld) {`,
        to: `if (next.oid === null) {`,
      },
    ],
  },
  {
    name: 'a missing fence is planted though no look since the start of old found it (STRAY)',
    crossings: 60,
    seedsMax: 10,
    edits: [
      {
        file: 'agent/rules/fence.ts',
        from: `fence.proof !== 'settled' && fence.seen === now.boot && isAsAgreed`,
        to: `fence.proof !== 'settled' && isAsAgreed`,
      },
    ],
  },
];
