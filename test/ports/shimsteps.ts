/** Random stories of pushes to old through its phases, and the faults around them: as data, each with its words. */
import { fc } from '../property';
import type { Phase } from '../../agent/contract/phase';
import { phases } from '../../agent/contract/phase';
import { inTheWay } from '../../agent/rules/refs';
import type { RefName } from '../../agent/rules/values';
import type { Letter, Side } from './git';
import type { Operation } from './kit/compare';
import type { HoldKind, Meanwhile, Script, ShimDoor, ShimSetUp, Victim, Wish } from './shim';

type Step = Operation<ShimDoor>;

const main = 'refs/heads/main' as RefName;
const ref = fc.constantFrom(main, ...(['refs/heads/b', 'refs/heads/b/x', 'refs/tags/t'] as RefName[]));
const target = fc.option(fc.constantFrom<Letter>('A', 'B', 'C', 'D', 'E', 'F'), { freq: 5 });
const side = fc.constantFrom<Side>('old', 'gitlab');
/** Where it is `retired` the folder has another name, which neither door gives it. */
const phase = fc.constantFrom(...phases.filter((one) => one !== 'retired'));
/** Most of what the shims do themselves is there. */
const busy = fc.constantFrom<Phase>('mirror', 'both', 'both', 'warn');
const wishes = fc.uniqueArray(fc.record<Wish>({ ref, after: target }), {
  selector: (wish) => wish.ref,
  minLength: 1,
  maxLength: 3,
});

function happens(words: string, run: (at: ShimSetUp) => Promise<void>): Meanwhile & Step {
  return { words, run: (door: ShimSetUp | ShimDoor) => run('at' in door ? door.at : door) };
}

/** Names in each other's way cannot come to be. */
function set(where: Side, name: RefName, to: Letter | null): Meanwhile & Step {
  return happens(`somebody sets ${name} on ${where} to ${to ?? 'nothing'}`, async (at) => {
    if (to === null || inTheWay(await at.refs(where), name) === null) await at.set(where, name, to);
  });
}

const sets = fc.tuple(side, ref, target).map(([where, name, to]) => set(where, name, to));
const nothing = happens('nothing', () => Promise.resolve());

function phaseIs(to: Phase): Meanwhile & Step {
  return happens(`the phase is ${to} from now on`, (at) => at.setPhase(to));
}

/** How a hold ends under a push that waits for it. */
const heldEnds: fc.Arbitrary<Meanwhile> = fc.oneof(
  fc.constant(happens('the hold is let go of', (at) => at.endHold())),
  phase.map(phaseIs),
  fc.constant(happens('who took the hold dies', (at) => at.spoilHold('owner'))),
  fc.constant(happens('the hold runs out', (at) => at.spoilHold('time'))),
);

const gone = (isGone: boolean): Meanwhile & Step =>
  happens(`GitLab is ${isGone ? 'gone' : 'there'}`, (at) => at.gitlabGone(isGone));

const inHook: fc.Arbitrary<Meanwhile> = fc.oneof(
  fc.constant(nothing),
  phase.map(phaseIs),
  sets,
  sets,
  fc
    .constantFrom<Victim>('hook', 'receive-pack')
    .map((victim) => happens(`its ${victim} is killed`, (at) => at.kill(victim))),
);

const script = fc.record<Script>({
  atomic: fc.boolean(),
  odd: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  declined: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  held: heldEnds,
  inHook: fc.option(inHook, { freq: 2 }),
});

function wordsOf({ atomic, odd, declined, inHook }: Script, held: Meanwhile): string {
  return [
    atomic ? ', atomic' : '',
    odd ? ', which the agent judges' : '',
    declined ? ', which its own hook declines' : '',
    inHook === null ? '' : `; in its hook: ${inHook.words}`,
    `; should it be held: ${held.words}`,
  ].join('');
}

function push(all: readonly Wish[], how: Script): Step {
  return {
    words: `somebody pushes ${fc.stringify(all)}${wordsOf(how, how.held)}`,
    run: (door) => door.push(all, how),
  };
}

const pushes: fc.Arbitrary<Step> = fc.tuple(wishes, script).map(([all, how]) => push(all, how));

const faults: fc.Arbitrary<Step> = fc.oneof(
  fc.boolean().map(gone),
  fc.option(ref).map((name) => happens(`GitLab declines ${name ?? 'nothing'}`, (at) => at.declines(name))),
  fc
    .constantFrom<'before' | 'after' | 'never'>('before', 'after', 'never')
    .map((when) => happens(`answers are lost ${when} GitLab took it`, (at) => at.loseAnswers(when))),
  fc.constant(happens('leases cannot be written', unwritable)),
  fc.constant(happens('leases can be written', (at) => at.unwritable(false))),
  fc.boolean().map((on) => happens(`a pass ${on ? 'left' : 'leaves'} ${on ? 'a' : 'no'} ref`, (at) => at.skipped(on))),
);

/** A push without a lease cannot be seen to wait. */
async function unwritable(at: ShimSetUp): Promise<void> {
  if (!at.state().isHeld) await at.unwritable(true);
}

const holds: fc.Arbitrary<Step> = fc
  .constantFrom<HoldKind>('live', 'live', 'over', 'of another boot', 'of a dead owner')
  .map((kind) =>
    happens(`pushes are held, by a hold that is ${kind}`, async (at) => {
      await at.unwritable(false);
      await at.hold(kind);
    }),
  );

const pass: Step = {
  words: 'leases can be written, and a pass runs',
  run: async ({ at }) => {
    await at.unwritable(false);
    return at.pass();
  },
};

const marks: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(happens("somebody takes GitLab's mark away", (at) => at.markGitlab(false))),
  fc.constant(happens("GitLab's mark is put back", (at) => at.markGitlab(true))),
  fc.constant(happens('old was started anew', (at) => at.unseen())),
);

const agent: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(pass),
  fc.constant(happens('it is noted that nobody sends any more', (at) => at.noteGone())),
);

const begin = (first: Phase): Step[] => [set('old', main, 'A'), set('gitlab', main, 'A'), phaseIs(first)];

export const stories: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.oneof(busy, busy, phase),
    fc.array(fc.oneof(pushes, pushes, pushes, faults, holds, sets, phase.map(phaseIs), agent, marks), {
      minLength: 1,
      maxLength: 8,
      size: 'max',
    }),
  )
  .map(([first, all]) => [...begin(first), ...all]);
