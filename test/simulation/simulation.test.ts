/** Many seeds, each a world of its own, judged by the checkers: no promise breaks, and each kind of fault has fired. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultNames, faultsOfFence, type FaultName } from './options';
import { allowances, countUnknown, isTooMany, tellUnknown } from '../history/unknown';
import type { Verdict } from '../history/history';
import { runSeed } from './run';
import { tellFailing, wrongIn } from './telling';

/** Always the same, so that a change is judged by itself; others are for `npm run simulate -- --seed`. */
const [first, seeds] = [1, 500];

test(`no promise breaks in seeds ${first} to ${seeds}, and every kind of fault fires`, async (t) => {
  const fired = new Map<FaultName, number>();
  const verdicts: (readonly Verdict[])[] = [];
  let pushes = 0;
  for (let seed = first; seed < first + seeds; seed += 1) {
    const result = await runSeed(seed);
    const wrong = wrongIn(result);
    if (wrong !== null) assert.fail((await tellFailing(result, wrong)).lines.join('\n'));
    verdicts.push(result.verdicts);
    result.faults.forEach((times, name) => fired.set(name, (fired.get(name) ?? 0) + times));
    pushes += result.pushes;
  }
  const unknown = countUnknown(verdicts, allowances.simulation);
  t.diagnostic(`unknown: ${unknown.map(tellUnknown).join('; ') || 'none'}`);
  assert.deepEqual(unknown.filter(isTooMany).map(tellUnknown), [], 'what the checkers could not tell');
  assert.deepEqual(
    faultNames.filter((name) => fired.get(name) === undefined && !faultsOfFence.includes(name)),
    [],
    'faults that never fired',
  );
  assert.ok(pushes > seeds * 10, `only ${pushes} pushes`);
});

test('a seed replays exactly', async () => {
  const [one, other] = [await runSeed(7), await runSeed(7)];
  assert.deepEqual(one.story, other.story);
  assert.notDeepEqual(one.story, (await runSeed(8)).story);
});
