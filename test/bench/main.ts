/**
 * npm run bench -- [--quick] [--only <regular expression>] [--json] [--write] [--rounds N] [--repositories N] [--gitlab plain|gitaly]
 *
 * Measures what people notice of a migration, against plain git on the same server in the same run, and says what must be reached.
 * Exit code: 0 measured, whatever came out; 2 wrong arguments; 3 it could not be measured.
 *
 *   npm run bench -- --quick --json
 *   npm run bench -- --write --only refs        takes these figures anew and writes BENCHMARKS.md, with the others as they were
 *   npm run bench -- --only 'pushes|lag' --rounds 10
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../lab/toolchain';
import { svg } from './chart';
import { usualKind } from '../lab/gitlab/kind';
import { labelled, together } from './figures';
import { machine } from './machine';
import { readOptions, type BenchOptions } from './options';
import { page, terminalTable } from './page';
import { measurements } from './plan';
import { keepResult, readResults } from './results';
import { measureAll, type Measured } from './run';

const usage = 'npm run bench -- [--quick] [--only <regular expression>] [--json] [--write] [--rounds N] [--repositories N] [--gitlab plain|gitaly]';
const chartFolder = 'docs/benchmarks';

async function main(): Promise<number> {
  const asked = readOptions(process.argv.slice(2));
  if (asked.kind !== 'run') {
    process.stdout.write(`${asked.kind === 'wrong' ? `${asked.why}\n` : ''}${usage}\n\n${measurements.map(({ name, about, quick }) => `  ${name.padEnd(12)}${about}${quick ? ' (also --quick)' : ''}\n`).join('')}`);
    return asked.kind === 'help' ? 0 : 2;
  }
  const { options } = asked;
  const chosen = measurements.filter(({ name, quick }) => (options.only === null ? !options.quick || quick : options.only.test(name)));
  if (chosen.length === 0) {
    process.stdout.write(`Nothing is called so. There are: ${measurements.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  const measured = await measureAll(chosen, options, (line) => void process.stderr.write(`bench: ${line}\n`));
  tell(usualKind() === 'plain' ? measured : measured.map((one) => ({ ...one, name: ofGitaly(one.name), outcome: labelled('Gitaly', one.outcome) })), options);
  return 0;
}

function ofGitaly(measurement: string): string {
  return `${measurement}-gitaly`;
}

function tell(measured: readonly Measured[], { json, write }: BenchOptions): void {
  const outcome = together(measured.map((one) => one.outcome));
  process.stdout.write(`${terminalTable(outcome)}\n`);
  if (write) writePage(measured);
  if (!json) return;
  const figures = outcome.figures.map(({ name, value, unit, must, aim, holds }) => ({ name, value, unit, must, aim, holds }));
  process.stdout.write(`${JSON.stringify({ figures, noise: outcome.noise, missing: outcome.missing })}\n`);
}

/** The page tells what was measured last, also what this run left out. */
function writePage(measured: readonly Measured[]): void {
  const { project } = tools();
  const folder = join(project, chartFolder);
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  for (const { name, outcome, minutes } of measured) keepResult(folder, name, { date, command, minutes, machine: machine(), outcome });
  const results = readResults(folder, measurements.flatMap(({ name }) => [name, ofGitaly(name)]));
  for (const chart of results.flatMap(({ runs: [newest] }) => newest.outcome.charts)) writeFileSync(join(folder, `${chart.name}.svg`), svg(chart));
  writeFileSync(join(project, 'BENCHMARKS.md'), page(results, chartFolder));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(3);
  },
);
