/**
 * The tools that contributors know, over the project's files: what one of them prints is the message of its failure.
 */
import { execFile, type ExecFileException } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reach } from './imports';
import { isShell, type Source } from './source';

/** Null: nothing to mend. Else what the tool printed. */
export type Complaint = string | null;

const outputMaxBytes = 16 * 1024 * 1024;

export function prettier(project: string): Promise<Complaint> {
  return node(project, 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
}

/**
 * eslint takes half a minute for all files. What it says of one hangs on that file, on what it imports and on the
 * settings: those that were clean so before are not looked at again.
 */
export async function eslint(project: string, sources: readonly Source[]): Promise<Complaint> {
  const file = join(project, 'dist/lint.json');
  const keys = lintKeys(sources);
  const clean = new Set(knownClean(file));
  const paths = [...keys].filter(([, key]) => !clean.has(key)).map(([path]) => path);
  if (paths.length === 0) return null;
  const complaint = await node(project, 'eslint/bin/eslint.js', ['--max-warnings', '0', '--', ...paths]);
  const dirty = paths.filter((path) => complaint?.includes(`${join(project, path)}\n`));
  // A complaint of no file: eslint itself failed, and looked at none.
  if (complaint !== null && dirty.length === 0) return complaint;
  mkdirSync(join(project, 'dist'), { recursive: true });
  writeFileSync(file, JSON.stringify([...keys].filter(([path]) => !dirty.includes(path)).map(([, key]) => key)));
  return complaint;
}

/** For each file that is linted. */
export function lintKeys(sources: readonly Source[]): Map<string, string> {
  const settings = sources.filter(({ path }) =>
    /^(?:eslint\.config\.mjs|tsconfig\.json|package-lock\.json)$/.test(path),
  );
  const texts = new Map(sources.map(({ path, text }) => [path.replace(/(?:\.d)?\.ts$/, ''), digest(text)]));
  const below = reach(sources);
  const linted = sources.filter(({ path }) => path.endsWith('.ts') && !/^(?:sdks|test\/data)\//.test(path));
  return new Map(
    linted.map(({ path }) => {
      const parts = [...below(path)].sort().map((name) => texts.get(name) ?? '');
      return [path, digest([path, ...settings.map(({ text }) => text), ...parts].join('\0'))];
    }),
  );
}

/** Empty where nothing is known, or where a run broke off while it wrote. */
function knownClean(file: string): string[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as string[];
  } catch {
    return [];
  }
}

export async function shfmt(project: string, sources: readonly Source[]): Promise<Complaint> {
  const [program] = await shellTools(project);
  const complaint = await run(project, program, ['--diff', ...shells(sources)]);
  return complaint === null ? null : `${complaint}\nMend it: ${program} --write ${shells(sources).join(' ')}`;
}

export async function shellcheck(project: string, sources: readonly Source[]): Promise<Complaint> {
  const [, program] = await shellTools(project);
  return run(project, program, ['--format', 'gcc', ...shells(sources)]);
}

function shells(sources: readonly Source[]): string[] {
  return sources.filter(isShell).map(({ path }) => path);
}

async function shellTools(project: string): Promise<readonly [shfmt: string, shellcheck: string]> {
  const { output, failed } = await started(project, 'bash', ['scripts/setup-shell-tools']);
  const [shfmtPath, shellcheckPath] = output.trim().split('\n').slice(-2);
  if (failed || shfmtPath === undefined || shellcheckPath === undefined) throw new Error(output);
  return [shfmtPath, shellcheckPath];
}

function node(project: string, program: string, args: readonly string[]): Promise<Complaint> {
  return run(project, process.execPath, [join(project, 'node_modules', program), ...args]);
}

async function run(project: string, program: string, args: readonly string[]): Promise<Complaint> {
  const { output, failed } = await started(project, program, args);
  return failed ? output : null;
}

function started(
  project: string,
  program: string,
  args: readonly string[],
): Promise<{ readonly output: string; readonly failed: boolean }> {
  return new Promise((resolve) => {
    const ended = (error: ExecFileException | null, stdout: string, stderr: string): void =>
      resolve({ output: `${stderr}${stdout}` || (error?.message ?? ''), failed: error !== null });
    execFile(program, args, { cwd: project, encoding: 'utf8', maxBuffer: outputMaxBytes }, ended);
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
