/**
 * Plants mistakes one after the other and shows what caught each: the simulation, and how many seeds it took; with
 * `--real` the named tests, which run against a copy of the project with the mistake in it.
 *
 *   npm run mutants
 *   npm run mutants -- --only 'fence' --json
 *   npm run mutants -- --real --only 'attic'
 */
import { parseArgs } from 'node:util';
import { hunt } from './hunt';
import { mutants } from './mutants';
import { realMutants } from './real';
import { Scratch, type Find } from './scratch';

interface Row {
  readonly name: string;
  readonly isCaught: boolean;
  /** For people: in front of the name. */
  readonly answer: string;
  /** What objected. */
  readonly story: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      real: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true)
    return console.log('Usage: npm run mutants -- [--real] [--only <regular expression>] [--json]');
  const rows: Row[] = [];
  for await (const row of (values.real === true ? huntReal : huntSimulated)(new RegExp(values.only, 'i'))) {
    rows.push(row);
    console.log(`${row.answer}  ${row.name}`);
    if (values.json !== true && row.story !== '') console.log(`    ${row.story.slice(0, 200)}`);
  }
  if (values.json === true) console.log(JSON.stringify({ mutants: rows }));
  console.log(`${rows.filter(({ isCaught }) => isCaught).length} of ${rows.length} planted mistakes were caught.`);
  process.exitCode = rows.length > 0 && rows.every(({ isCaught }) => isCaught) ? 0 : 1;
}

async function* huntSimulated(only: RegExp): AsyncGenerator<Row> {
  for (const mutant of mutants.filter(({ name }) => only.test(name))) {
    const { name, caughtAfterSeeds: seeds, story } = await hunt(mutant);
    const answer =
      seeds === null ? `SURVIVED ${mutant.seedsMax} seeds` : `caught after ${String(seeds).padStart(4)} seeds`;
    yield { name: `${name} (a test of the ${mutant.tests})`, isCaught: seeds !== null, answer, story };
  }
}

async function* huntReal(only: RegExp): AsyncGenerator<Row> {
  const chosen = realMutants.filter(({ name }) => only.test(name));
  const scratch = new Scratch(chosen);
  try {
    for (const mutant of chosen) {
      const found = await scratch.hunt(mutant);
      yield {
        name: mutant.name,
        isCaught: found.kind === 'caught',
        answer: answers[found.kind],
        story: storyOf(found),
      };
    }
  } finally {
    scratch.remove();
  }
}

const answers: Readonly<Record<Find['kind'], string>> = {
  caught: 'caught  ',
  survived: 'SURVIVED',
  unknown: 'UNKNOWN ',
};

function storyOf(found: Find): string {
  if (found.kind === 'caught')
    return `${found.by[0] ?? ''}${found.by.length > 1 ? ` and ${found.by.length - 1} more` : ''}`;
  return found.kind === 'unknown' ? found.words : '';
}

void main();
