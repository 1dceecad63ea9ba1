/**
 * Searches for histories that break a promise: many seeds, each a world of its own.
 *
 *   npm run simulate -- --seeds 1000
 *   npm run simulate -- --seeds 1 --seed 4711 --story
 */
import { parseArgs } from 'node:util';
import { runSeed } from './run';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' }, story: { type: 'boolean' }, json: { type: 'boolean' } } });
  const start = performance.now();
  let bad = 0, steps = 0, pushes = 0;
  for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.seeds); seed += 1) {
    const result = await runSeed(seed);
    steps += result.steps; pushes += result.pushes;
    const wrong = result.verdicts.filter(({ answer }) => answer !== 'valid');
    if (wrong.length > 0) { bad += 1; console.log(`seed ${seed}: ${wrong.slice(0, 3).map(({ promise, answer, story }) => `${promise} ${answer}: ${story}`).join('\n   ')}`); }
    if (values.story === true) console.log(result.story.join('\n'));
  }
  console.log(`${values.seeds} seeds, ${steps} steps, ${pushes} pushes, ${bad} bad, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

void main();
