import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal } from '../../agent/rules/ports';
import { journalDoor, type JournalDoor, type JournalSetUp } from './journal';
import { killDifference, killingWords } from './journalkills';
import { bothRaise, killings, stories } from './journalsteps';
import { difference, type Doors, type Operation } from './kit/compare';
import { failureOf, wordsOf } from './kit/holds';
import { openRealJournal } from './realjournal';
import { openSimulatedJournal } from './simulatedjournal';

function doorsWith(open: () => JournalSetUp): Doors<JournalDoor> {
  return { real: async () => journalDoor(openRealJournal()), simulated: async () => journalDoor(open()) };
}

const told = {
  stories,
  check: (story: readonly Operation<JournalDoor>[]) => difference(story, doorsWith(openSimulatedJournal)),
  words: wordsOf,
};
const cutShort = {
  stories: killings,
  check: (story: Parameters<typeof killDifference>[0]) => killDifference(story, doorsWith(openSimulatedJournal)),
  words: killingWords,
};

test("the simulation's journal shows what the real one shows, whatever is done with it", async () => {
  assert.equal(await failureOf({ ...told, runs: 50 }), null);
});

test('killed in the midst of a call, both leave the same behind', async () => {
  assert.equal(await failureOf({ ...cutShort, runs: 20 }), null);
});

test('an operation of two at once is over when both are, also where one of them fails', async (t) => {
  const door = journalDoor(openRealJournal());
  t.after(() => door.close());
  await door.at.beginPush(1);
  door.at.fillDisk(true);
  await assert.rejects(async () => bothRaise.run(door), { code: 'ENOSPC' });
  // The disk is full for the agent at work, and for nobody else: neither is at work any more.
  door.at.write(1, 'control', 'enter 1.00\n');
  assert.deepEqual(
    door.at
      .journal('ada')
      .leases()
      .map(({ began }) => began.uptimeMs),
    [1_000],
  );
});

/** Simulated journals that the suite must reject; each is wrong in one thing. */
const mistaken: Readonly<Record<string, (journal: Journal) => Partial<Journal>>> = {
  'that forgets drops': () => ({ drop: () => undefined }),
  'that changes the state which it read before the lock': (journal) => ({
    changeState: (change) => {
      const before = journal.state();
      return journal.changeState(() => change(before));
    },
  }),
  'that keeps the end of a hold to the millisecond, which the file of the shims does not': (journal) => ({
    state: () => {
      const state = journal.state();
      return state.hold === null ? state : { ...state, hold: { ...state.hold, endUptimeMs: 61_234 } };
    },
  }),
};

for (const [what, change] of Object.entries(mistaken)) {
  test(`the suite rejects a journal ${what}`, async () => {
    const doors = doorsWith(() => openSimulatedJournal((journal) => ({ ...journal, ...change(journal) })));
    const check = (story: readonly Operation<JournalDoor>[]): Promise<string | null> => difference(story, doors);
    assert.match((await failureOf({ ...told, check, runs: 400, shrinkMs: 0 })) ?? 'nothing found', /^seed \d+\n/);
  });
}

test('the suite rejects a journal that forgets one lease after the other, and did not write down which', async () => {
  const oneByOne = (journal: Journal): Journal => ({
    ...journal,
    drop: (drops) => [...drops].forEach((entry) => journal.drop(new Map([entry]))),
  });
  const doors = doorsWith(() => openSimulatedJournal(oneByOne));
  const check = (story: Parameters<typeof killDifference>[0]): Promise<string | null> => killDifference(story, doors);
  assert.match((await failureOf({ ...cutShort, check, runs: 400, shrinkMs: 0 })) ?? 'nothing found', /^seed \d+\n/);
});
