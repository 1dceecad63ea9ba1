/** One fault at the worst moment: short runs in which all else is well, each with one fault at another point. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random';
import { denseWith, searchWorst, spread } from './searching';
import { runSeed } from './run';
import { tellFailing, wrongIn } from './telling';
import { parseWorst, worstFaults } from './worst';

/** Always the same; more of them are for `npm run simulate -- --worst`. */
const [seeds, points] = [[1, 2], 3] as const;

test(`no promise breaks by one fault at any of ${points} points of seeds ${seeds.join(' and ')}`, async () => {
  const fired = new Set<string>();
  for (const seed of seeds)
    await searchWorst(seed, points, async (_worst, result) => {
      const wrong = wrongIn(result);
      if (wrong !== null) assert.fail((await tellFailing(result, wrong)).lines.join('\n'));
      result.faults.forEach((_times, name) => fired.add(name));
    });
  assert.deepEqual([...fired].sort(), [...worstFaults].sort(), 'each fault is there in a run');
});

test('a run with a fault is, up to its point, the run without', async () => {
  const [plain, killed] = [await runSeed(1, denseWith(null)), await runSeed(1, denseWith({ fault: 'kill', at: 400 }))];
  const at = killed.story.findIndex((line) => line.includes('point 400'));
  assert.ok(at > 10, `the point is line ${at} of the story`);
  assert.deepEqual(killed.story.slice(0, at), plain.story.slice(0, at));
});

test('points are spread over the whole run, and all are taken where they are few', () => {
  assert.deepEqual(spread(3, 10, new Random(1)), [1, 2, 3]);
  const some = spread(1_000, 10, new Random(1));
  assert.deepEqual(
    some.map((point) => Math.ceil(point / 100)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

test('a fault at a point is named as the command takes it', () => {
  assert.deepEqual(parseWorst('kill:12'), { fault: 'kill', at: 12 });
  assert.deepEqual([parseWorst('kill'), parseWorst('fire:12'), parseWorst('kill:x')], [null, null, null]);
});
