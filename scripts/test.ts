/**
 * Runs the tests in tiers: types, tidy, unit, provider, model, simulation, git, system, gitaly, chaos. Says the
 * failures again at the end.
 *
 *   npm test                              everything
 *   npm test -- unit git                  these tiers
 *   npm test -- --only 'loses the race'   tests whose name matches this regular expression
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { Tally, type Outcome } from './tally';

const project = join(__dirname, '..');
const filesAtOnce = 2;
/** For one file: it is killed then, and counts as failed. */
const fileMs = 1_200_000;

/** In the order in which they run; each names folders below test/, or single files. */
const tiers: Readonly<Record<string, readonly string[]>> = {
  types: [],
  tidy: ['tidy.test.ts'],
  unit: ['unit', 'history'],
  provider: ['provider'],
  model: ['model'],
  simulation: ['simulation', 'mutants'],
  git: ['git'],
  system: ['lab', 'system'],
  gitaly: ['gitaly'],
  chaos: ['chaos'],
};

function main(): void {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((tier) => !(tier in tiers));
  if (values.help === true || unknown.length > 0) {
    console.log(`Usage: npm test -- [--only <regular expression>] [${Object.keys(tiers).join('] [')}]`);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  void runTiers(positionals.length === 0 ? Object.keys(tiers) : positionals, values.only);
}

async function runTiers(chosen: readonly string[], only: string | undefined): Promise<void> {
  const tally = new Tally((line) => console.log(line));
  if (chosen.includes('types') && only === undefined) checkTypes(tally);
  const files = Object.keys(tiers)
    .filter((tier) => chosen.includes(tier))
    .flatMap(testFiles);
  if (files.length > 0) await runFiles(files, only, tally);
  tally.close();
  process.exitCode = tally.isGreen() ? 0 : 1;
}

/** All tests below the tier's folders; those directly in test/ that no other tier names belong to `tidy`. */
function testFiles(tier: string): string[] {
  const named = tiers[tier] ?? [];
  const loose =
    tier === 'tidy'
      ? readdirSync(join(project, 'test')).filter((name) => name.endsWith('.test.ts') && !named.includes(name))
      : [];
  return [...named, ...loose].flatMap((name) => testsBelow(join(project, 'test', name))).sort();
}

function testsBelow(path: string): string[] {
  if (path.endsWith('.test.ts')) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name));
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

/** Each file is a process of its own, so that one that crashes or hangs takes no other along. */
async function runFiles(files: string[], only: string | undefined, tally: Tally): Promise<void> {
  const pattern = only === undefined ? {} : { testNamePatterns: [new RegExp(only)] };
  const events = run({ files, concurrency: filesAtOnce, timeout: fileMs, ...pattern });
  const nameOf = (file: string | undefined): string => relative(join(project, 'test'), file ?? project);
  for await (const { type, data } of events as AsyncIterable<TestEvent>) {
    if (type === 'test:pass') tally.event(nameOf(data.file), data, only !== undefined);
    else if (type === 'test:fail') tally.event(nameOf(data.file), data, only !== undefined);
    else if (type === 'test:stderr' || type === 'test:stdout') tally.said(nameOf(data.file), data.message);
  }
}

main();
