/** Random operations of git on two repositories, and the faults around them: as data, each with its words. */
import { fc } from '../property';
import { inTheWay } from '../../agent/rules/refs';
import type { Oid, RefName } from '../../agent/rules/values';
import { letters, updatesOf, type GitDoor, type GitSetUp, type Letter, type Side, type Wish } from './git';
import type { Operation } from './kit/compare';

type Step = Operation<GitDoor>;

export const main = 'refs/heads/main' as RefName;
const alias = 'refs/heads/alias' as RefName;
const ref = fc.constantFrom(
  main,
  ...(['refs/heads/b', 'refs/heads/b/x', 'refs/heads/alias/x', 'refs/tags/t'] as RefName[]),
);
const letter = fc.constantFrom(...letters);
const target = fc.option(letter, { freq: 4 });
const side = fc.constantFrom<Side>('old', 'gitlab');
const tips = fc.uniqueArray(letter, { minLength: 1, maxLength: 2 });
const before = fc.oneof({ weight: 5, arbitrary: fc.constant('right' as const) }, { weight: 1, arbitrary: target });
const wishes = fc.uniqueArray(fc.record<Wish>({ ref, before, after: target }), {
  selector: (wish) => wish.ref,
  minLength: 1,
  maxLength: 3,
});

const shown = (value: unknown): string => fc.stringify(value);

/** Answers by value, with ids as letters. */
function ask(words: string, work: (at: GitSetUp) => Promise<unknown>): Step {
  return { words, run: async ({ at, named }) => named(await at.run(() => work(at))) };
}

function oids(at: GitSetUp, all: readonly Letter[]): Oid[] {
  return all.map((one) => at.oid(one));
}

export function push(all: readonly Wish[], atomic: boolean): Step {
  return {
    words: `pushes ${shown(all)}${atomic ? ', atomic' : ''}`,
    run: async ({ at }) => {
      const updates = await updatesOf(at, 'gitlab', all);
      if (updates.length === 0) return 'nothing to push';
      const answer = await at.run(() => at.git.push(updates, { atomic, lock: null }));
      return answer.kind === 'rejected' ? answer.refs : answer.kind;
    },
  };
}

function setRefs(all: readonly Wish[]): Step {
  return {
    words: `sets refs of old ${shown(all)}`,
    run: async ({ at }) => {
      const updates = await updatesOf(at, 'old', all);
      return updates.length === 0 ? [] : new Set((await at.run(() => at.git.setRefs(updates, null))).keys());
    },
  };
}

/** From the values that old has, as a push is judged. */
function trySet(all: readonly Wish[]): Step {
  return {
    words: `asks what is in the way of ${shown(all)}`,
    run: async ({ at }) => {
      const updates = await updatesOf(
        at,
        'old',
        all.map((wish) => ({ ...wish, before: 'right' as const })),
      );
      return updates.length === 0 ? null : ((await at.run(() => at.git.unsettable(updates)))?.ref ?? null);
    },
  };
}

export const looksAtGitlab = ask('looks at GitLab', ({ git }) => git.gitlabSide());

export function relation(one: Letter, two: Letter): Step {
  return ask(`asks whether ${one} and ${two} are related`, (at) => at.git.isRelated(at.oid(one), at.oid(two)));
}

export function containment(values: readonly Letter[], among: readonly Letter[]): Step {
  return ask(`asks which of ${shown(values)} are in none of ${shown(among)}`, (at) =>
    at.git.uncontained(oids(at, values), oids(at, among)),
  );
}

const asked: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(ask('looks at old', ({ git }) => git.oldSide())),
  fc.constant(
    ask('asks which names are symbolic', ({ git }) => git.symbolicAmong([main, alias, 'refs/heads/b' as RefName])),
  ),
  fc.constant(looksAtGitlab),
  tips.map((all) => ask(`asks what is missing of ${shown(all)}`, (at) => at.git.missing(oids(at, all)))),
  tips.map((all) => ask(`asks whether ${shown(all)} are connected`, (at) => at.git.connected(oids(at, all)))),
  tips.map((all) => ask(`asks whether ${shown(all)} are complete`, (at) => at.git.complete(oids(at, all)))),
  fc
    .tuple(letter, letter)
    .map(([one, two]) =>
      ask(`asks whether ${one} leads to ${two}`, (at) => at.git.isAncestor(at.oid(one), at.oid(two))),
    ),
  fc.tuple(letter, letter).map(([one, two]) => relation(one, two)),
);

const contained: fc.Arbitrary<Step> = fc.tuple(tips, tips).map(([values, among]) => containment(values, among));

const forward: fc.Arbitrary<Step> = fc
  .array(fc.tuple(letter, letter), { maxLength: 4 })
  .map((moves) =>
    ask(`asks which of ${moves.map((one) => one.join('→')).join(' ')} go forward`, (at) =>
      at.git.forward(moves.map(([before, after]) => ({ before: at.oid(before), after: at.oid(after) }))),
    ),
  );

const pushes: fc.Arbitrary<Step> = fc.tuple(wishes, fc.boolean()).map(([all, atomic]) => push(all, atomic));

const acts: fc.Arbitrary<Step> = fc.oneof(
  wishes.map(setRefs),
  wishes.map(setRefs),
  wishes.map(trySet),
  fc
    .uniqueArray(ref, { minLength: 1, maxLength: 2 })
    .map((all) => ask(`fetches ${shown(all)}`, async ({ git }) => (await git.fetch(all, null)) === null)),
  fc
    .constantFrom(main, 'refs/heads/b' as RefName)
    .map((branch) => ask(`sets HEAD to ${branch}`, ({ git }) => git.setHead(branch))),
  ref.map((one) => ({
    words: `moves ${one} aside`,
    run: async ({ at }: GitDoor) => ((await at.refs('old')).has(one) ? at.run(() => at.git.moveAside(one)) : undefined),
  })),
);

function fault(words: string, run: (at: GitSetUp) => Promise<void>): Step {
  return { words, run: ({ at }) => run(at) };
}

/** Names in each other's way cannot come to be. */
export function set(where: Side, name: RefName, to: Letter | null): Step {
  return fault(`somebody sets ${name} on ${where} to ${to ?? 'nothing'}`, async (at) => {
    if (to === null || !(await isTaken(at, where, name))) await at.set(where, name, to);
  });
}

/** By a name above or below it; another name of a branch is none that `refs` shows. */
async function isTaken(at: GitSetUp, where: Side, name: RefName): Promise<boolean> {
  const hidden = where === 'old' ? await at.run(() => at.git.symbolicAmong([alias])) : [];
  return inTheWay(new Set([...(await at.refs(where)).keys(), ...hidden]), name) !== null;
}

export function losesAnswers(when: 'before' | 'after' | 'never'): Step {
  return fault(`answers are lost ${when} GitLab took it`, (at) => at.loseAnswers(when));
}

export function loses(one: Letter): Step {
  return fault(`old loses ${one}`, (at) => at.lose(one));
}

export const otherName: Step = fault('main gets another name on old', async (at) => {
  if (!(await isTaken(at, 'old', alias))) await at.alias(alias);
});

const people: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(side, ref, target).map(([where, name, to]) => set(where, name, to)),
  letter.map((one) => fault(`old gets ${one}`, (at) => at.bring(one))),
);

const faults: fc.Arbitrary<Step> = fc.oneof(
  fc.boolean().map((gone) => fault(`GitLab is ${gone ? 'gone' : 'there'}`, (at) => at.gitlabGone(gone))),
  fc.option(ref).map((name) => fault(`GitLab declines ${name ?? 'nothing'}`, (at) => at.declines(name))),
  fc.constantFrom<'before' | 'after' | 'never'>('before', 'after', 'never').map(losesAnswers),
  fc
    .tuple(side, fc.constantFrom(main, 'refs/tags/t' as RefName), fc.boolean())
    .map(([where, name, on]) =>
      fault(`${name} on ${where} is ${on ? 'being written' : 'free'}`, (at) => at.lock(where, name, on)),
    ),
  letter.map(loses),
  fc.constant(otherName),
);

export const begin: readonly Step[] = [
  set('old', main, 'A'),
  set('gitlab', main, 'A'),
  fault('old gets F', (at) => at.bring('F')),
];

/** After `first`, which brings what a story is about near. */
export function stories(first: readonly Step[] = []): fc.Arbitrary<Step[]> {
  return fc
    .array(fc.oneof(asked, contained, forward, pushes, pushes, acts, people, faults), {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    })
    .map((all) => [...begin, ...first, ...all]);
}
