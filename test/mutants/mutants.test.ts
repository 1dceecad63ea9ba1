/** The mistakes that show at once are hunted in every run; `npm run mutants` hunts all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hunt } from './hunt';
import { mutants, quickSeeds } from './mutants';

for (const mutant of mutants) {
  test(`planted (a test of the ${mutant.tests}): ${mutant.name}`, async (t) => {
    if (mutant.seedsMax > quickSeeds) return t.skip(`hunted by npm run mutants: needs up to ${mutant.seedsMax} seeds`);
    const { caughtAfterSeeds, story } = await hunt(mutant);
    assert.notEqual(caughtAfterSeeds, null, `survived ${quickSeeds} seeds`);
    return t.diagnostic(`after ${String(caughtAfterSeeds)}: ${story}`);
  });
}

test('a mistake in the simulation is called a test of the checkers, one in the agent a test of the protocol', () => {
  const isInSimulation = (file: string): boolean => file.startsWith('test/');
  for (const { name, tests, edits } of mutants)
    assert.equal(
      edits.some(({ file }) => isInSimulation(file)),
      tests === 'checkers',
      name,
    );
});
