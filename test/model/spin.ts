/**
 * Runs SPIN on a model: the model becomes C, the C a program, and the program walks through every state that can be
 * reached.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { labFolder } from '../lab/folder';
import { markName, startProcess } from '../lab/processes';

export interface Verdict {
  readonly errors: number;
  /** False when the search was cut short: then no errors prove nothing. */
  readonly complete: boolean;
  /** What was violated, without blanks, macros expanded; null when nothing was. */
  readonly broken: string | null;
  readonly output: string;
}

export interface Search {
  readonly model: string;
  /** Definitions for the preprocessor, as -DNP=2. */
  readonly switches: readonly string[];
  /** More than a few million states. */
  readonly large: boolean;
}

interface Build {
  readonly compile: readonly string[];
  readonly search: readonly string[];
}

/**
 * Optimising takes a compiler ten seconds, and packing the states takes a search half as long again: both pay only
 * where there are many.
 */
const small: Build = { compile: ['-O0'], search: ['-m20000', '-w20'] };
const large: Build = { compile: ['-O2', '-DCOLLAPSE'], search: ['-m2000000'] };
const memoryMaxMb = 6_000;

/** The path of spin, or one sentence that says why there is none. */
export function findSpin(): { readonly path: string } | { readonly missing: string } {
  if (spawnSync('cc', ['--version']).error !== undefined) return { missing: 'There is no C compiler named cc.' };
  const { status, stdout, stderr } = spawnSync('bash', [join(__dirname, '../../scripts/setup-spin')], {
    encoding: 'utf8',
  });
  const path = stdout.trim();
  if (status === 0 && existsSync(path)) return { path };
  const said = /^setup: (Cannot .*?\.)(?: |$)/m.exec(stderr)?.[1];
  return { missing: said ?? `scripts/setup-spin ended with ${status}.` };
}

/** Stops at the first error. */
export async function search(t: TestContext, spin: string, space: Search): Promise<Verdict> {
  const lab = labFolder();
  t.after(() => lab.close());
  const surroundings = { cwd: lab.path, env: { PATH: process.env['PATH'], TMPDIR: lab.path, [markName]: lab.path } };
  const run = async (program: string, ...args: string[]): Promise<string> => {
    const started = startProcess(program, args, surroundings);
    const { code, signal } = await started.ended;
    if (code !== 0)
      throw new Error(`Cannot search the model as ${program} failed with ${signal ?? code}: ${started.output()}`);
    return started.output();
  };
  await run(spin, '-a', ...space.switches, space.model);
  const build = space.large ? large : small;
  await run(
    'cc',
    ...build.compile,
    '-w',
    '-DSAFETY',
    '-DVECTORSZ=2048',
    `-DMEMLIM=${memoryMaxMb}`,
    '-o',
    'pan',
    'pan.c',
  );
  return verdict(await run('./pan', ...build.search));
}

/** Reads what the program of SPIN 6 prints. */
export function verdict(output: string): Verdict {
  const errors = /errors: (\d+)/.exec(output)?.[1];
  if (errors === undefined) throw new Error(`Cannot read the verdict as there must be a count of errors: ${output}`);
  const broken = /^pan:1: (.*) \(at depth/m.exec(output)?.[1];
  return {
    errors: Number(errors),
    complete: !/Search not completed|max search depth/.test(output),
    broken: broken?.replaceAll(' ', '') ?? null,
    output,
  };
}
