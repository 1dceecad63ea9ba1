/**
 * One lab that a test file walks through its story: real sshd, real git and real `pulumi`, and what every story does
 * again and again.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RepositoryStatus } from '../../agent/contract/views';
import type { Phase } from '../../agent/contract/phase';
import type { Seen } from '../lab/contract';
import { readRefs } from '../lab/demo/history';
import { type Lab, type LabOptions, startLab } from '../lab/lab';
import { type Started, startProcess, until } from '../lab/processes';
import { tools } from '../lab/toolchain';

type Setting = Record<string, unknown>;

/** Where nothing wakes it, the resident looks once a minute. */
const levelMs = 150_000;
/** Of the stand-in's administrator, who may write everywhere. */
export const rootId = 1;

export class Walk {
  constructor(readonly lab: Lab) {}

  /** The phase that the stack asks for: of all repositories, or of one. */
  choose(phase: Phase, repository?: string): void {
    this.lab.configure((settings) => {
      if (repository === undefined) settings['git-handover:phase'] = phase;
      else this.settingsOf(settings, repository)['phase'] = phase;
    });
  }

  change(repository: string, change: (setting: Setting) => void): void {
    this.lab.configure((settings) => change(this.settingsOf(settings, repository)));
  }

  private settingsOf(settings: Setting, repository: string): Setting {
    const repositories = settings['git-handover:repositories'] as Record<string, Setting>;
    return (repositories[repository] ??= {});
  }

  preview(...args: string[]): Promise<Seen> {
    return this.lab.pulumi('preview', ...quiet, ...args);
  }

  /** Without a preview of its own, which would double what it costs. */
  up(...args: string[]): Promise<Seen> {
    return this.lab.pulumi('up', '--yes', '--skip-preview', ...quiet, ...args);
  }

  beginUp(): Started {
    return this.lab.beginPulumi('up', '--yes', '--skip-preview', ...quiet);
  }

  destroy(): Promise<Seen> {
    return this.lab.pulumi('destroy', '--yes', '--skip-preview', ...quiet);
  }

  async moveTo(phase: Phase): Promise<void> {
    this.choose(phase);
    expectDone(await this.up());
  }

  /** An operator's command, such as `status`. */
  async script(name: string, ...args: string[]): Promise<Seen> {
    const file = join(tools().project, 'scripts', `${name}.ts`);
    const start = performance.now();
    const started = startProcess(
      process.execPath,
      ['--import', 'tsx', file, ...args, '--stack', 'lab', '--cwd', this.lab.project],
      { env: { ...this.lab.env }, cwd: tools().project },
    );
    const { code } = await started.ended;
    return { code: code ?? -1, output: started.output(), ms: performance.now() - start };
  }

  async status(repository: string): Promise<RepositoryStatus> {
    const { output } = await this.script('status', repository, '--json');
    const [found] = (JSON.parse(output) as { repositories: RepositoryStatus[] }).repositories;
    assert.ok(found, `the agent knows ${repository}: ${output}`);
    return found;
  }

  /** What the repository's owner would set by hand. */
  gitConfig(repository: string, ...args: string[]): void {
    execFileSync('git', ['config', '--file', join(this.lab.old.repositoryPath(repository), 'config'), ...args]);
  }

  /** Branches and tags on old, wherever the repository lies now. */
  oldRefs(repository: string): Record<string, string> {
    const place = this.lab.old.repositoryPath(repository);
    return sorted(readRefs(existsSync(place) ? place : `${place}.retired`));
  }

  async gitlabRefs(repository: string, project = projectOf(repository)): Promise<Record<string, string>> {
    return sorted(await this.lab.gitlab.refs(project));
  }

  /**
   * Waits until both sides are equal, and shows both when they do not become so. `tips`: where refs must be then, since
   * two sides that are equal may both have lost what was pushed.
   */
  async expectLevel(
    repository: string,
    tips: Readonly<Record<string, string>> = {},
    project = projectOf(repository),
  ): Promise<void> {
    const isLevel = async (): Promise<boolean> => {
      const [old, gitlab] = [this.oldRefs(repository), await this.gitlabRefs(repository, project)];
      return JSON.stringify(old) === JSON.stringify(gitlab);
    };
    await until('both sides to be level', isLevel, levelMs, 200).catch(() => undefined);
    const old = this.oldRefs(repository);
    assert.deepEqual(old, await this.gitlabRefs(repository, project));
    assert.deepEqual(Object.fromEntries(Object.keys(tips).map((ref) => [ref, old[ref]])), tips);
  }
}

const quiet = ['--stack', 'lab', '--non-interactive', '--color', 'never'];

export async function startWalk(t: TestContext, options: LabOptions): Promise<Walk> {
  const lab = await startLab(options);
  t.after(() => lab.close());
  return new Walk(lab);
}

/** The project of a repository under the lab's group. */
export function projectOf(repository: string): string {
  return `code/${repository.replace(/\.git$/, '')}`;
}

export function expectDone<T extends Seen>(seen: T): T {
  assert.equal(seen.code, 0, seen.output);
  return seen;
}

export function expectRefused(seen: Seen, ...words: readonly RegExp[]): void {
  assert.notEqual(seen.code, 0, `expected a refusal, got: ${seen.output}`);
  for (const pattern of words) assert.match(seen.output, pattern);
}

function sorted(refs: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...refs].sort(([a], [b]) => (a < b ? -1 : 1)));
}
