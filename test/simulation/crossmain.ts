/**
 * Searches for journeys in time that break something (crossings.ts): each seed is one short run, gone through again
 * with many journeys, each from another backup at another point.
 *
 *   npm run crossings -- --seeds 20 --journeys 60
 *   npm run crossings -- --seed 3 --crossing gitlab:120:340      # one of them, told whole
 */
import { parseArgs } from 'node:util';
import { parseCrossing, printCrossing, runCrossing, searchCrossings, type CrossingResult } from './crossings';

const usage =
  'Usage: npm run crossings -- [--seeds <how many>] [--seed <the first>] [--journeys <in each>] [--crossing <journey>:<backup>:<point>]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      journeys: { type: 'string', default: '60' },
      crossing: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [count, first, journeys] = [Number(values.seeds), Number(values.seed), Number(values.journeys)];
  const crossing = values.crossing === undefined ? null : parseCrossing(values.crossing);
  const isOdd = ![count, first, journeys].every(Number.isInteger) || (values.crossing !== undefined && !crossing);
  if (values.help === true || isOdd) {
    console.log(usage);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  console.log(`crossings: seeds ${first} to ${first + count - 1}`);
  const sum = { runs: 0, wrong: 0 };
  const judge = (seed: number, name: string, { verdicts }: CrossingResult): void => {
    sum.runs += 1;
    sum.wrong += verdicts.length > 0 ? 1 : 0;
    for (const { promise, story } of verdicts)
      console.log(`seed ${seed}, --crossing ${name}, breaks ${promise}: ${story}`);
  };
  if (crossing !== null) {
    const result = await runCrossing(first, crossing);
    console.log(result.story.join('\n'));
    judge(first, printCrossing(crossing), result);
  } else
    for (let seed = first; seed < first + count; seed += 1)
      await searchCrossings(seed, journeys, (one, result) => judge(seed, printCrossing(one), result));
  console.log(`crossings: ${sum.runs} journeys, ${sum.wrong} of them break something`);
  process.exitCode = sum.wrong === 0 ? 0 : 1;
}

void main();
