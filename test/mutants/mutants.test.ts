/** The mistakes that show at once are hunted in every run; `npm run mutants` hunts all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hunt } from './hunt';
import { mutants } from './mutants';

const quickSeeds = 3;

for (const mutant of mutants) {
  test(`planted: ${mutant.name}`, async (t) => {
    const { caughtAfterSeeds, story } = await hunt({ ...mutant, seedsMax: quickSeeds });
    t.diagnostic(caughtAfterSeeds === null ? `not within ${quickSeeds} seeds` : `after ${caughtAfterSeeds}: ${story}`);
    assert.ok(mutant.seedsMax > quickSeeds || caughtAfterSeeds !== null);
  });
}
