/**
 * Makes the parts of pages that come from the code: tables of decisions, rooms and phases, and diagrams.
 *
 *   npm run docs              writes them
 *   npm run docs -- --check   only says which pages are out of date; exit code 2 when there are any
 *   npm run docs -- --picture 'npm run demo' <recorded.txt >docs/pictures/demo.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stalePages } from './page';
import { parts } from './parts';
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
  const stale = stalePages(parts, read);
  for (const { path, text } of stale) {
    if (values.check !== true) writeFileSync(join(project, path), text);
    console.log(values.check === true ? `stale    ${path}` : `written  ${path}`);
  }
  if (values.check !== true || stale.length === 0) return 0;
  console.error('Run `npm run docs`, and commit what it writes.');
  return 2;
}

process.exitCode = main();
