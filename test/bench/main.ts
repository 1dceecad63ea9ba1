/**
 * npm run bench -- [--quick] [--only <regular expression>] [--json] [--write] [--rounds N] [--repositories N] [--gitlab plain|gitaly]
 *
 * Measures what people notice of a migration, against plain git on the same server in the same run, and says what must be reached.
 * Exit code: 0 measured, whatever came out; 2 wrong arguments; 3 it could not be measured.
 *
 *   npm run bench -- --quick --json
 *   npm run bench -- --only 'pushes|lag' --rounds 10
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../lab/toolchain';
import { svg } from './chart';
import { type Outcome, together } from './figures';
import { machine } from './machine';
import { readOptions, type BenchOptions } from './options';
import { page, terminalTable } from './page';
import { measurements } from './plan';
import { measureAll } from './run';

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
  const start = performance.now();
  const outcome = together(await measureAll(chosen, options, (line) => void process.stderr.write(`bench: ${line}\n`)));
  tell(outcome, options, (performance.now() - start) / 60_000);
  return 0;
}

function tell(outcome: Outcome, { json, write }: BenchOptions, minutes: number): void {
  process.stdout.write(`${terminalTable(outcome)}\n`);
  if (write) writePage(outcome, minutes);
  if (!json) return;
  const figures = outcome.figures.map(({ name, value, unit, must, aim, holds }) => ({ name, value, unit, must, aim, holds }));
  process.stdout.write(`${JSON.stringify({ figures, noise: outcome.noise, missing: outcome.missing })}\n`);
}

function writePage(outcome: Outcome, minutes: number): void {
  const { project } = tools();
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  mkdirSync(join(project, chartFolder), { recursive: true });
  for (const chart of outcome.charts) writeFileSync(join(project, chartFolder, `${chart.name}.svg`), svg(chart));
  const circumstances = { command, date: new Date().toISOString().slice(0, 16).replace('T', ' '), machine: machine(), minutes };
  writeFileSync(join(project, 'BENCHMARKS.md'), page(outcome, circumstances, chartFolder));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(3);
  },
);
