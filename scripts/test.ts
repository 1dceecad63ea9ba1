/**
 * Runs the tests in tiers: types, tidy, unit, agent, provider, tools, model, simulation, ports, git, system, gitaly,
 * chaos; and versions, which runs only when it is named.
 * Says the failures again at the end. Exit code: 0 all passed, 1 some failed, 2 wrong arguments or no such test.
 *
 *   npm test                                       all tiers but versions
 *   npm test -- unit git                           these tiers
 *   npm test -- test/git/push/both.test.ts unit    this file (or folder), and a tier
 *   npm test -- --only 'loses the race'            tests whose name matches this regular expression
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { choose, filesOf, holdsTest, tiers, type Choice } from './choosing';
import { Tally, type Outcome } from './tally';

const project = join(__dirname, '..');
const filesAtOnce = 2;
/** For one file: it is killed then, and counts as failed. */
const fileMs = 1_200_000;
/** Pure tests crash nobody: they share one process. */
const together = join(project, 'dist', 'unit.test.cjs');

function main(): void {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help === true)
    return console.log(
      `Usage: npm test -- [--only <regular expression>] [tier, file or folder …]\nTiers: ${Object.keys(tiers).join(', ')}`,
    );
  const choice = choose(project, positionals);
  const only = values.only === undefined ? null : pattern(values.only);
  if (typeof choice === 'string') return refuse(choice);
  if (typeof only === 'string') return refuse(only);
  void runTests(choice, only);
}

function refuse(sentence: string): void {
  console.error(sentence);
  process.exitCode = 2;
}

function pattern(text: string): RegExp | string {
  try {
    return new RegExp(text);
  } catch {
    return `Cannot use --only ${text}: it is no regular expression.`;
  }
}

async function runTests(choice: Choice, only: RegExp | null): Promise<void> {
  const tally = new Tally((line) => console.log(line));
  if (choice.tiers.includes('types') && only === null) checkTypes(tally);
  const files = choice.files.filter((file) => only === null || holdsTest(file, only));
  if (files.length > 0) await runFiles(files, only, tally);
  if (only !== null && tally.isEmpty()) return refuse(`Cannot find a test whose name matches ${only.source}.`);
  tally.close();
  process.exitCode = tally.isGreen() ? 0 : 1;
}

function checkTypes(tally: Tally): void {
  const start = performance.now();
  const tsc = spawnSync(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '-p', project], {
    encoding: 'utf8',
    cwd: project,
  });
  const ms = performance.now() - start;
  if (tsc.status === 0) tally.passed('types', 'all types are right', ms);
  else tally.failed('types', 'all types are right', `${tsc.stdout}${tsc.stderr}`);
}

/** What of node:test's events is read here: its own types say `any`. */
type TestEvent =
  | { readonly type: 'test:pass' | 'test:fail'; readonly data: Outcome }
  | {
      readonly type: 'test:stderr' | 'test:stdout';
      readonly data: { readonly file: string; readonly message: string };
    };

/**
 * Each file is a process of its own, so that one that crashes or hangs takes no other along; but for those of `unit`.
 */
async function runFiles(chosen: readonly string[], only: RegExp | null, tally: Tally): Promise<void> {
  const pure = filesOf(project, 'unit').filter((file) => chosen.includes(file));
  const files = [...(pure.length > 1 ? [putTogether(pure)] : pure), ...chosen.filter((file) => !pure.includes(file))];
  const silent = new Set(pure);
  const events = run({
    files,
    concurrency: filesAtOnce,
    timeout: fileMs,
    ...(only === null ? {} : { testNamePatterns: [only] }),
  });
  const nameOf = (file: string | undefined): string => relative(join(project, 'test'), file ?? project);
  for await (const { type, data } of events as AsyncIterable<TestEvent>) {
    if (type === 'test:pass' || type === 'test:fail') {
      silent.delete(data.file ?? '');
      tally.event(nameOf(data.file), data, only !== null);
    } else if (type === 'test:stderr' || type === 'test:stdout') tally.said(nameOf(data.file), data.message);
  }
  if (only === null) silent.forEach((file) => tally.failed(nameOf(file), 'the file as a whole', 'No test ran in it.'));
}

function putTogether(files: readonly string[]): string {
  mkdirSync(join(project, 'dist'), { recursive: true });
  writeFileSync(together, files.map((file) => `require(${JSON.stringify(file)});\n`).join(''));
  return together;
}

main();
