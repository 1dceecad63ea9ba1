import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { difference, type Operation } from './kit/compare';
import { failureOf, wordsOf } from './kit/holds';
import type { Calm } from './kit/simulated';
import { startRealShims, type RealShims } from './realshim';
import { shimDoor, type ShimDoor } from './shim';
import { stories } from './shimsteps';
import { openSimulatedShim } from './simulatedshim';

let shims: RealShims;
before(async () => void (shims = await startRealShims()));
after(() => shims.close());

function failure(runs: number, change?: (calm: Calm) => void, shrinkMs = 15_000): Promise<string | null> {
  const doors = {
    real: async () => shimDoor(await shims.open()),
    simulated: async () => shimDoor(openSimulatedShim(change)),
  };
  const check = (story: readonly Operation<ShimDoor>[]): Promise<string | null> => difference(story, doors);
  return failureOf({ stories, runs, shrinkMs, check, words: wordsOf });
}

test("the simulation's hooks do what the installed ones do, and leave the same refs and leases", async () => {
  assert.equal(await failure(15), null);
});
