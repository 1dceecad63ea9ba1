import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundTests } from '../lab/around';
import type { Git } from '../../agent/rules/ports';
import type { Oid, RefName } from '../../agent/rules/values';
import { gitDoor, letters, refusedLetter, type GitDoor } from './git';
import { found } from './gitfound';
import { main, otherName, set, stories } from './gitsteps';
import { difference, type Operation } from './kit/compare';
import { failureOf, wordsOf } from './kit/holds';
import { startRealGits, type RealGits } from './realgit';
import { openSimulatedGit } from './simulatedgit';

let gits: RealGits;
aroundTests(async () => {
  gits = await startRealGits();
  return () => gits.close();
});

type Story = readonly Operation<GitDoor>[];

function compare(story: Story, change?: (git: Git) => Git): Promise<string | null> {
  return difference(story, {
    real: async () => gitDoor(gits.open()),
    simulated: async () => gitDoor(openSimulatedGit(change)),
  });
}

test("the simulation's git answers what real git answers, and leaves the same refs", async () => {
  const hold = { stories: stories(), runs: 15, shrinkMs: 15_000, words: wordsOf };
  assert.equal(await failureOf({ ...hold, check: (story) => compare(story) }), null);
});

for (const [what, story] of Object.entries(found))
  test(`both answer the same: ${what}`, async () => assert.equal(await compare(story), null));

test('many moves asked about at once are what each is alone, also where a commit is missing', async () => {
  const at = gits.open();
  const tips = letters.filter((letter) => letter !== refusedLetter);
  for (const letter of tips) await at.bring(letter);
  const moves = tips.flatMap((before) => tips.map((after) => ({ before: at.oid(before), after: at.oid(after) })));
  const alone = async (): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (const { before, after } of moves) answers.push(await at.git.isAncestor(before, after));
    return answers;
  };
  const whole = await alone();
  assert.equal(whole.filter((answer) => answer).length, 14);
  assert.deepEqual(await at.git.forward(moves), whole);
  for (const move of moves) assert.deepEqual(await at.git.forward([move]), [whole[moves.indexOf(move)]]);
  await at.lose('B');
  assert.deepEqual(await at.git.forward(moves), await alone());
  await at.close();
});

interface Mistake {
  readonly change: (git: Git) => Partial<Git>;
  /** Where a story begins, so that one of a few dozen comes to the mistake. */
  readonly first?: Story;
}

const b = 'refs/heads/b' as RefName;

/** Simulated gits that the suite must reject; each is wrong in one thing. */
const mistaken: Readonly<Record<string, Mistake>> = {
  'that takes a push without its leases': {
    change: (git) => ({
      push: async (updates, options) => {
        const { refs } = await git.gitlabSide().catch(() => ({ refs: new Map<RefName, Oid>() }));
        return git.push(
          updates.map((update) => ({ ...update, before: refs.get(update.ref) ?? null })),
          options,
        );
      },
    }),
  },
  'that knows no other name of a branch that is gone': {
    change: (git) => ({
      symbolicAmong: async (refs) => ((await git.oldSide()).refs.has(main) ? git.symbolicAmong(refs) : new Set()),
    }),
    first: [otherName, set('old', main, null)],
  },
  'that finds every commit in the refs of GitLab': {
    change: () => ({ uncontained: () => Promise.resolve(new Set()) }),
  },
  'that finds every move a forward one': {
    change: () => ({ forward: (moves) => Promise.resolve(moves.map(() => true)) }),
  },
  'that sees nothing in its way': {
    change: () => ({ unsettable: () => Promise.resolve(null) }),
    first: [set('old', b, 'B')],
  },
  'that takes whatever it is given': {
    change: (git) => ({ fetch: async (refs, lock) => git.fetch(refs, lock).then(() => null) }),
    first: [set('gitlab', b, 'G'), set('gitlab', main, 'G')],
  },
  'that has every object': { change: () => ({ missing: () => Promise.resolve(new Set()) }) },
};

for (const [what, { change, first = [] }] of Object.entries(mistaken)) {
  test(`the suite rejects a git ${what}`, async () => {
    const check = async (story: Story): Promise<string | null> => {
      const parting = await compare(story, (git) => ({ ...git, ...change(git) }));
      // A difference that is there without the mistake as well is none of its.
      return parting === null || (await compare(story)) !== null ? null : parting;
    };
    const failure = await failureOf({ stories: stories(first), runs: 300, shrinkMs: 0, check, words: wordsOf });
    assert.match(failure ?? 'nothing found', /^seed \d+\n/);
  });
}
