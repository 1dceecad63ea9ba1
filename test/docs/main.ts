/**
 * Makes the parts of pages that come from the code: tables of decisions, rooms and phases, and diagrams.
 *
 *   npm run docs              writes them
 *   npm run docs -- --check   only says which pages are out of date; exit code 1 when there are any
 *   npm run docs -- --picture 'npm run demo' <recorded.txt >docs/pictures/demo.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renewedPages } from './parts';
import { picture } from './picture';

const project = join(__dirname, '..', '..');
const read = (page: string): string => readFileSync(join(project, page), 'utf8');

function main(): number {
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, picture: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log("Usage: npm run docs -- [--check] [--picture '<the command whose output is on standard input>']");
    return 0;
  }
  if (values.picture !== undefined) {
    process.stdout.write(picture(values.picture, readFileSync(0, 'utf8')));
    return 0;
  }
  const stale = [...renewedPages(read)].filter(([page, text]) => text !== read(page));
  for (const [page, text] of stale) {
    if (values.check !== true) writeFileSync(join(project, page), text);
    console.log(values.check === true ? `${page} is out of date: run \`npm run docs\`.` : `${page} is made anew.`);
  }
  return values.check === true && stale.length > 0 ? 1 : 0;
}

process.exitCode = main();
