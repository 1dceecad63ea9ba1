/** Writes the parts of the pages that are made from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stalePages } from './docs/page';
import { parts } from './docs/parts';

const usage = `
Writes what the pages below docs/ take from the code, between the markers "made from … by npm run docs" and "end".

  npm run docs -- [--check]

  npm run docs              writes what is stale
  npm run docs -- --check   only names the pages that are stale

Exit code: 0 all are up to date (now), 2 --check found a stale page.
`;

const project = join(__dirname, '..');

function main(): void {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) return console.log(usage.trim());
  const stale = stalePages(parts, (path) => readFileSync(join(project, path), 'utf8'));
  for (const { path, text } of stale) {
    if (values.check !== true) writeFileSync(join(project, path), text);
    console.log(`${values.check === true ? 'stale  ' : 'written'}  ${path}`);
  }
  if (values.check === true && stale.length > 0) {
    console.error('Run `npm run docs`, and commit what it writes.');
    process.exitCode = 2;
  }
}

main();
