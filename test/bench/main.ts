/**
 * npm run bench -- [--quick] [--only <regular expression>] [--json] [--write] [--rounds N] [--repositories N] [--gitlab
 * plain|gitaly]
 *
 * Measures what people notice of a migration, against plain git on the same server in the same run, and says what must
 * be reached. Exit code: 0 measured, whatever came out; 2 wrong arguments; 3 it could not be measured.
 *
 *   npm run bench -- --quick --json
 *   npm run bench -- --write --only refs        writes BENCHMARKS.md with these figures taken anew
 *   npm run bench -- --only 'pushes|lag' --rounds 10
 */
import { join } from 'node:path';
import { tools } from '../lab/toolchain';
import { svg } from './chart';
import { usualKind } from '../lab/gitlab/kind';
import { labelled, together } from './figures';
import { machine } from './machine';
import { readOptions, type BenchOptions } from './options';
import { page, terminalTable } from './page';
import { measurements } from './plan';
import { keepResult, latest, readResults, replaceFile } from './results';
import { measureAll, type Measured } from './run';

const usage =
  'npm run bench -- [--quick] [--only <regular expression>] [--json] [--write] [--rounds N] [--repositories N] [--gitlab plain|gitaly]';
const chartFolder = 'docs/benchmarks';

async function main(): Promise<number> {
  const asked = readOptions(process.argv.slice(2));
  if (asked.kind !== 'run') {
    process.stdout.write(
      `${asked.kind === 'wrong' ? `${asked.why}\n` : ''}${usage}\n\n${measurements.map(({ name, about, quick }) => `  ${name.padEnd(12)}${about}${quick ? ' (also --quick)' : ''}\n`).join('')}`,
    );
    return asked.kind === 'help' ? 0 : 2;
  }
  const { options } = asked;
  const chosen = measurements.filter(({ name, quick }) =>
    options.only === null ? !options.quick || quick : options.only.test(name),
  );
  if (chosen.length === 0) {
    process.stdout.write(`Nothing is called so. There are: ${measurements.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
  tell((await measureAll(chosen, options, say, (one) => options.write && keep(named(one)))).map(named), options);
  return 0;
}

function named(one: Measured): Measured {
  return usualKind() === 'plain' ? one : { ...one, name: ofGitaly(one.name), outcome: labelled('Gitaly', one.outcome) };
}

function ofGitaly(measurement: string): string {
  return `${measurement}-gitaly`;
}

function tell(measured: readonly Measured[], { json }: BenchOptions): void {
  const outcome = together(measured.map((one) => one.outcome));
  process.stdout.write(`${terminalTable(outcome)}\n`);
  if (!json) return;
  const figures = outcome.figures.map(({ name, value, unit, must, aim, holds }) => ({
    name,
    value,
    unit,
    must,
    aim,
    holds,
  }));
  process.stdout.write(`${JSON.stringify({ figures, noise: outcome.noise, missing: outcome.missing })}\n`);
}

/** The page tells what was measured last, also what this run left out. */
function keep({ name, outcome, minutes }: Measured): void {
  const { project } = tools();
  const folder = join(project, chartFolder);
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  keepResult(folder, name, { date, command, minutes, machine: machine(), outcome });
  const results = readResults(
    folder,
    measurements.flatMap((one) => [one.name, ofGitaly(one.name)]),
  );
  for (const chart of results.flatMap(({ runs }) => latest(runs).charts))
    replaceFile(join(folder, `${chart.name}.svg`), svg(chart));
  replaceFile(join(project, 'BENCHMARKS.md'), page(results, chartFolder));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(3);
  },
);
