/**
 * Plants mistakes one after the other and shows after how many seeds the simulation caught each.
 *
 *   npm run mutants
 *   npm run mutants -- --only 'fence' --json
 */
import { parseArgs } from 'node:util';
import { hunt, type Hunt } from './hunt';
import { mutants } from './mutants';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return console.log('Usage: npm run mutants -- [--only <regular expression>] [--json]');
  const hunts: Hunt[] = [];
  for (const one of mutants.filter(({ name }) => new RegExp(values.only, 'i').test(name))) {
    const found = await hunt(one);
    hunts.push(found);
    console.log(
      `${found.caughtAfterSeeds === null ? `SURVIVED ${one.seedsMax} seeds` : `caught after ${String(found.caughtAfterSeeds).padStart(4)} seeds`}  ${found.name}`,
    );
    if (values.json !== true && found.story !== '') console.log(`    ${found.story.slice(0, 200)}`);
  }
  if (values.json === true)
    console.log(JSON.stringify({ mutants: hunts.map(({ name, caughtAfterSeeds }) => ({ name, caughtAfterSeeds })) }));
  process.exitCode = hunts.length > 0 && hunts.every(({ caughtAfterSeeds }) => caughtAfterSeeds !== null) ? 0 : 1;
}

void main();
