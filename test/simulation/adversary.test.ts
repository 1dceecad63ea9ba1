/** P8: with nothing wrong but one who pushes without end, every move comes through in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultNames, type Changes } from './options';
import { runSeed } from './run';
import { tellFailing, wrongIn } from './telling';

const [first, seeds] = [1, 20];
const calm: Changes = Object.fromEntries(faultNames.map((name) => [name, 0]));

test(`one pusher keeps no move from happening in seeds ${first} to ${seeds}`, async () => {
  let moves = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const result = await runSeed(seed, { ...calm, adversary: true, moveEveryMs: 5_000 });
    const wrong = wrongIn(result);
    if (wrong !== null) assert.fail((await tellFailing(result, wrong)).lines.join('\n'));
    moves += result.story.filter((line) => /: \w+ → \w+, epoch/.test(line)).length;
  }
  assert.ok(moves > seeds, `only ${moves} changes of phase`);
});
