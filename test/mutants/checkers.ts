/**
 * Mistakes in the simulated shim, operator and pushers. They say nothing about the product, whose own shim and operator
 * stay as they are: they show that the checkers see what such a mistake does. Its like in the product is planted by
 * `npm run mutants -- --real`.
 */
import { mutant, type Mutant } from './mutant';

export const checkerMutants: readonly Mutant[] = [
  {
    name: 'a push reads the phase before it writes its lease (READFIRST)',
    seedsMax: 3000,
    edits: [
      {
        file: 'test/simulation/shim.ts',
        from: `if (!(yield* writeLease(session)) &&`,
        to: `const early = old.state; yield* pause(sim, hook); if (!(yield* writeLease(session)) &&`,
      },
      {
        file: 'test/simulation/shim.ts',
        from: `const state = yield* act(session);`,
        to: `const state = early.hold === null && note(session, 'act ' + early.epoch + ' ' + early.phase) ? early : yield* act(session);`,
      },
    ],
  },
  {
    name: 'a push is sent again after an unknown outcome (RESEND)',
    seedsMax: 300,
    edits: [
      {
        file: 'agent/sync/push.ts',
        from: `if (answer.kind !== 'not-sent') return lookAfter`,
        to: `if (answer.kind !== 'not-sent' && answer.kind !== 'no-answer') return lookAfter`,
      },
      {
        file: 'test/simulation/thinking.ts',
        from: `answer === null || answer.kind === 'not-sent' ?`,
        to: `answer === null || answer.kind === 'not-sent' || answer.kind === 'no-answer' ?`,
      },
    ],
  },
  mutant(
    'a refused push keeps its witness (WITNESS)',
    'test/simulation/ownlease.ts',
    [`note(session, 'refused');\n  forget(session);`, ``],
    300,
  ),
  mutant(
    'no grace on the way back (GRACE)',
    'test/simulation/operator.ts',
    [`yield limits.longestGitlabPushMs;`, `yield 1;`],
    300,
  ),
  {
    name: 'heal inside the quarantine',
    seedsMax: 100,
    edits: [
      {
        file: 'test/simulation/thinking.ts',
        from: `function heal({ sim, old, hook }: Session`,
        to: `function heal({ sim, old, hook, quarantine }: Session`,
      },
      {
        file: 'test/simulation/thinking.ts',
        from: `healRefs(openWorld(sim, old, agent), refs, healMs)`,
        to: `healRefs(openWorld(sim, old, agent, { quarantine, serves: null }), refs, healMs)`,
      },
    ],
  },
  mutant(
    'people are let in before the switch',
    'test/simulation/operator.ts',
    [
      `const outcome = yield* change(sim, old, to);`,
      `if (phaseTable[to].gitlabOpen) openGitlab(sim);\n  const outcome = yield* change(sim, old, to);`,
    ],
    3,
  ),
  mutant(
    'after a hold a push goes on by what it read before',
    'test/simulation/shim.ts',
    [
      `if (words !== null) return refused(session, words);`,
      `return note(session, 'act ' + state.epoch + ' ' + state.phase) ? state : refused(session, unwritable);`,
    ],
    12,
  ),
];
