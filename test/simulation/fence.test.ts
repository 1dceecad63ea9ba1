/**
 * With a fence at GitLab: no pass takes an acknowledged value from the last side that has it, and
 * nothing stops alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCrossing, printCrossing, searchCrossings } from './crossings';
import { fenceWorlds, type FenceWorld } from './fenceworlds';
import { runSeed } from './run';
import { aroundMoment, wrongIn } from './telling';

interface Seen {
  /** Seeds in which a side went back in time. */
  readonly travels: number;
  /** Seeds in which an old server found that a side is not where the other left it. */
  readonly stopped: number;
}

/** Seeds 1, 2, 3 …: always the same, so that a change is judged by itself. */
async function runAll(world: FenceWorld, seeds: number): Promise<Seen> {
  const results = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const result = await runSeed(seed, fenceWorlds[world]);
    const wrong = wrongIn(result);
    if (wrong !== null) assert.fail([`seed ${seed}: ${wrong.story}`, ...aroundMoment(result.story, wrong)].join('\n'));
    results.push(result);
  }
  return {
    travels: results.filter(({ faults }) => (faults.get('travels') ?? 0) > 0).length,
    stopped: results.filter(({ stopped }) => stopped).length,
  };
}

const quiet: readonly (readonly [FenceWorld, number, string])[] = [
  ['calm', 8, 'nothing goes wrong'],
  ['net', 8, 'processes die and answers are lost'],
  ['reboots', 8, 'old reboots'],
];

for (const [world, seeds, story] of quiet)
  test(`where ${story} and nobody goes back in time, no promise breaks and the fence stops nothing`, async () => {
    assert.deepEqual(await runAll(world, seeds), { travels: 0, stopped: 0 });
  });

const journeys: readonly (readonly [FenceWorld, number, string])[] = [
  ['travel', 8, 'a side goes back in time'],
  ['travelnet', 12, 'a side goes back in time while processes die and answers are lost'],
  ['journeys', 80, 'a side goes back in time right after something happened'],
];

for (const [world, seeds, story] of journeys)
  test(`where ${story}, no pass takes what only one side has`, async (t) => {
    const { travels, stopped } = await runAll(world, seeds);
    t.diagnostic(`${travels} of ${seeds} seeds with a journey, ${stopped} stopped`);
    // Journeys to where a side was already are not noticed, and need not be.
    assert.ok(stopped * 5 > travels && travels * 3 > seeds, `${travels} journeys, ${stopped} of them found`);
  });

test('no journey breaks anything, whenever the backup was made and whenever it comes', async (t) => {
  const seen = { found: 0, journeys: 0 };
  for (const seed of [1, 2])
    await searchCrossings(seed, 30, (crossing, { verdicts: [wrong], story }) => {
      if (wrong !== undefined)
        assert.fail(
          [`seed ${seed} --crossing ${printCrossing(crossing)}: ${wrong.story}`, ...aroundMoment(story, wrong)].join(
            '\n',
          ),
        );
      seen.journeys += 1;
      seen.found += story.some((line) => line.includes('as travelled')) ? 1 : 0;
    });
  t.diagnostic(`${seen.journeys} journeys, ${seen.found} of them found`);
  assert.ok(seen.found * 5 > seen.journeys, JSON.stringify(seen));
});

test('a journey is named as the command takes it', () => {
  const crossing = { journey: 'gitlab', backup: 120, at: 340 } as const;
  assert.deepEqual(parseCrossing(printCrossing(crossing)), crossing);
  assert.deepEqual(
    [parseCrossing('gitlab:1'), parseCrossing('mars:1:2'), parseCrossing('old:x:2')],
    [null, null, null],
  );
});
