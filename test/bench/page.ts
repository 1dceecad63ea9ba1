/** The figures as a table for a terminal and as BENCHMARKS.md. Pure. */
import { table } from '../../scripts/table';
import type { Figure, Outcome } from './figures';
import { reaches, together } from './figures';
import { latest, type Result } from './results';
import { shown } from './statistics';

/** Aligned lines: figure, value, what it must reach, what would be good, verdict. */
export function terminalTable({ figures, noise, missing }: Outcome): string {
  const rows = [
    ['FIGURE', 'VALUE', 'MUST', 'AIM', ''],
    ...figures.map((one) => [
      one.name,
      withUnit(one.value, one.unit),
      bound(one, one.must),
      bound(one, one.aim),
      verdict(one),
    ]),
  ];
  const noises = Object.entries(noise).map(([name, value]) => `noise: ${name}: ${shown(value)}`);
  return [table(rows), ...noises, ...missing.map(({ name, why }) => `not measured: ${name}: ${why}`)].join('\n');
}

export function verdict(one: Figure): string {
  if (one.must === null || one.aim === null) return '';
  if (!reaches(one.value, one.must, one.better)) return 'missed';
  return reaches(one.value, one.aim, one.better) ? 'aim reached' : 'holds';
}

function bound(one: Figure, value: number | null): string {
  return value === null ? '' : `${one.better === 'less' ? '≤' : '≥'} ${withUnit(value, one.unit)}`;
}

function withUnit(value: number, unit: string): string {
  return unit === '×' ? `${shown(value)} ×` : `${shown(value)} ${unit}`;
}

/** `charts` is the folder of the SVG files as the page sees it. */
export function page(results: readonly Result[], charts: string): string {
  const newest = together(results.map(({ runs }) => latest(runs)));
  return [
    '# Benchmarks',
    '',
    'Measured by `npm run bench -- --write`, which writes this page. Every ratio compares with a plain push (or fetch) to the same old server, taken in turns in the same run. The GitLab here is the lab’s stand-in, with real sshd and git on the same machine: its share of a push is smaller than that of a real GitLab, so what is ours weighs more here than in life. Where a measurement was repeated, the value is that of the last run, and those before it stand beside it; what the last run left out is shown from the run before that has it, with its date.',
    '',
    '| figure | value | before | must | aim | | what it means |',
    '|---|---|---|---|---|---|---|',
    ...results.flatMap(figureLines),
    '',
    '## Noise of the machine',
    '',
    'The same against the same, in the same run: a difference that is smaller than this says nothing.',
    '',
    '| what | value |',
    '|---|---|',
    ...Object.entries(newest.noise).map(([name, value]) => `| ${name} | ${shown(value)} |`),
    '',
    ...(newest.missing.length === 0
      ? []
      : ['## Not measured', '', ...newest.missing.map(({ name, why }) => `- ${name}: ${why}`), '']),
    ...newest.charts.flatMap(({ name, title }) => [`![${title}](${charts}/${name}.svg)`, '']),
    '## Runs',
    '',
    '| measurement | when (UTC) | minutes | command | on |',
    '|---|---|---|---|---|',
    ...results.flatMap(({ measurement, runs }) =>
      runs.map(
        (run) =>
          `| ${measurement} | ${run.date} | ${shown(run.minutes)} | \`${run.command.replaceAll('|', '\\|')}\` | ${Object.entries(
            run.machine,
          )
            .map(([name, value]) => `${name} ${value}`)
            .join(', ')} |`,
      ),
    ),
    '',
  ].join('\n');
}

function figureLines({ runs }: Result): string[] {
  return latest(runs).figures.map((one) => {
    const [last, ...before] = runs.flatMap(({ date, outcome }) =>
      outcome.figures.filter(({ name }) => name === one.name).map(({ value }) => ({ date, value })),
    );
    const when = last === undefined || last.date === runs[0].date ? '' : ` (${last.date})`;
    return `| ${one.name} | **${withUnit(one.value, one.unit)}**${when} | ${before.map(({ value }) => shown(value)).join(', ')} | ${bound(one, one.must)} | ${bound(one, one.aim)} | ${verdict(one)} | ${one.means} |`;
  });
}
