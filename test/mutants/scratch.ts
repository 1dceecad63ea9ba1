/** A copy of the project in which a mistake is planted and the named tests are run. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plantInto } from './planting';
import type { RealMutant } from './real/mutant';

const project = join(__dirname, '..', '..');
/**
 * A run of the named tests that takes longer is ended, and counts as not run. More than a file may take by itself
 * (scripts/test.ts): a mistake that makes its test hang is a failure that the runner counts.
 */
const runMs = 1_320_000;

/** What the named tests did; `failures` are the first lines of what failed. */
export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly output: string;
}

/** Caught: a named test fails with the mistake and none without it. */
export type Find =
  | { readonly kind: 'caught'; readonly by: readonly string[] }
  | { readonly kind: 'survived' }
  /** The tests do not pass without the mistake, or none of them ran: nothing is known. */
  | { readonly kind: 'unknown'; readonly words: string };

export class Scratch {
  private readonly folder = mkdtempSync(join(tmpdir(), 'gh-planted-'));
  /** Runs without a mistake, by what was run. */
  private readonly without = new Map<string, Promise<TestRun>>();

  /** `mutants` are all that will be hunted. */
  constructor(private readonly mutants: readonly RealMutant[]) {}

  /** Throws when the mistake cannot be planted. */
  async hunt({ edits, tests, only }: RealMutant): Promise<Find> {
    const before = await this.runWithout(tests, only);
    if (before.failed > 0 || before.passed === 0) return { kind: 'unknown', words: wordsOf(before) };
    const root = this.copy('planted');
    plantInto(root, edits);
    const run = await runTests(root, tests, only);
    if (run.failed > 0) return { kind: 'caught', by: run.failures };
    return run.passed > 0 ? { kind: 'survived' } : { kind: 'unknown', words: wordsOf(run) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One run for all mistakes that the same files must catch; where that is not green, one for each. */
  private async runWithout(tests: readonly string[], only: string): Promise<TestRun> {
    const beside = this.mutants.filter((mutant) => mutant.tests.join() === tests.join());
    const run = await this.runWhole(tests, beside.map((mutant) => `(?:${mutant.only})`).join('|'));
    return run.failed === 0 && run.passed > 0 ? run : this.runWhole(tests, only);
  }

  private runWhole(tests: readonly string[], only: string): Promise<TestRun> {
    const key = JSON.stringify([tests, only]);
    const known = this.without.get(key) ?? runTests(this.copy('whole'), tests, only);
    this.without.set(key, known);
    return known;
  }

  /** What git tracks or would track, with the packages and bundles of this clone: only what changed is bundled anew. */
  private copy(name: string): string {
    const root = join(this.folder, name);
    rmSync(root, { recursive: true, force: true });
    const listed = execFileSync(
      'git',
      ['-C', project, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        encoding: 'utf8',
      },
    );
    for (const path of listed.split('\0').filter((one) => one !== '' && existsSync(join(project, one)))) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      cpSync(join(project, path), join(root, path));
    }
    cpSync(join(project, 'dist'), join(root, 'dist'), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
    return root;
  }
}

async function runTests(root: string, tests: readonly string[], only: string): Promise<TestRun> {
  const output = await collect(root, [...tests, '--only', only]);
  const counts = /^(\d+) passed, (\d+) failed/m.exec(output);
  const failures = [...output.matchAll(/^FAIL {2}(.*)$/gm)].map(([, name = '']) => name);
  return {
    passed: Number(counts?.[1] ?? 0),
    failed: Number(counts?.[2] ?? 0),
    failures: [...new Set(failures)],
    output,
  };
}

/** In a group of its own: whatever it started goes with it. */
function collect(root: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['scripts/with-setup', 'scripts/test.ts', ...args], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const timer = setTimeout(() => endGroup(child.pid), runMs);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

function wordsOf({ passed, failures, output }: TestRun): string {
  if (failures.length > 0) return `it fails without the mistake as well: ${failures[0] ?? ''}`;
  return passed === 0 ? `no test ran: ${output.trimEnd().split('\n').slice(-3).join(' / ')}` : '';
}
