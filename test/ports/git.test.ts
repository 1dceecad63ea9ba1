import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Git } from '../../agent/rules/ports';
import type { Oid, RefName } from '../../agent/rules/values';
import { gitDoor, type GitDoor } from './git';
import { main, stories } from './gitsteps';
import { difference, type Operation } from './kit/compare';
import { failureOf, wordsOf } from './kit/holds';
import { startRealGits, type RealGits } from './realgit';
import { openSimulatedGit } from './simulatedgit';

let gits: RealGits;
before(async () => void (gits = await startRealGits()));
after(() => gits.close());

function failure(runs: number, change?: (git: Git) => Git, shrinkMs = 15_000): Promise<string | null> {
  const doors = { real: async () => gitDoor(gits.open()), simulated: async () => gitDoor(openSimulatedGit(change)) };
  const check = (story: readonly Operation<GitDoor>[]): Promise<string | null> => difference(story, doors);
  return failureOf({ stories, runs, shrinkMs, check, words: wordsOf });
}

test("the simulation's git answers what real git answers, and leaves the same refs", async () => {
  assert.equal(await failure(15), null);
});

/** Simulated gits that the suite must reject; each is wrong in one thing. */
const mistaken: Readonly<Record<string, (git: Git) => Partial<Git>>> = {
  'that takes a push without its leases': (git) => ({
    push: async (updates, options) => {
      const { refs } = await git.gitlabSide().catch(() => ({ refs: new Map<RefName, Oid>() }));
      return git.push(
        updates.map((update) => ({ ...update, before: refs.get(update.ref) ?? null })),
        options,
      );
    },
  }),
  'that knows no other name of a branch that is gone': (git) => ({
    symbolicAmong: async (refs) => ((await git.oldSide()).refs.has(main) ? git.symbolicAmong(refs) : new Set()),
  }),
  'that finds every commit in the refs of GitLab': () => ({ uncontained: () => Promise.resolve(new Set()) }),
  'that sees nothing in its way': () => ({ unsettable: () => Promise.resolve(null) }),
  'that takes whatever it is given': (git) => ({ fetch: async (refs, lock) => git.fetch(refs, lock).then(() => null) }),
  'that has every object': () => ({ missing: () => Promise.resolve(new Set()) }),
};

for (const [what, change] of Object.entries(mistaken)) {
  test(`the suite rejects a git ${what}`, async () => {
    assert.match((await failure(300, (git) => ({ ...git, ...change(git) }), 0)) ?? 'nothing found', /^seed \d+\n/);
  });
}
