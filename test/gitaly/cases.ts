/** Pushes and fetches that every kind of GitLab must answer alike. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen } from '../lab/contract';
import type { Fixture } from '../lab/gitlab/fixture';
import { rest } from '../lab/gitlab/restclient';
import { until } from '../lab/processes';
import type { Project } from './picture';

/** One kind's lab, a project of it whose `main` has one commit, and the agent's git in its clone. */
export interface Scene {
  readonly lab: Fixture;
  readonly project: Project;
  readonly git: (...args: string[]) => Promise<Seen>;
  readonly push: (...args: string[]) => Promise<Seen>;
  readonly commit: () => Promise<string>;
}

export interface Case {
  readonly name: string;
  /** The exit code of each answer. */
  readonly codes: readonly number[];
  /** Those that people see at the end, without `refs/`, each with a letter for its value. */
  readonly refs: readonly string[];
  /** Answers what the pusher saw, in order. */
  readonly run: (scene: Scene) => Promise<Seen[]>;
}

export function sceneOf(lab: Fixture, project: Project): Scene {
  const git = (...args: string[]): Promise<Seen> => lab.agent.git(project.work, ...args);
  return {
    lab,
    project,
    git,
    push: (...args) => git('push', ...args),
    commit: () => lab.agent.commit(project.work, 'more'),
  };
}

export async function inTurn(...steps: readonly (() => Promise<Seen>)[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const step of steps) seen.push(await step());
  return seen;
}

/** What upload-pack writes to its standard error comes beside what it sends, or not any more. */
export function withoutServerErrors(seen: Seen): Seen {
  return {
    ...seen,
    output: seen.output
      .split('\n')
      .filter((line) => !line.startsWith('fatal: git upload-pack:'))
      .join('\n'),
  };
}

/** Makes an object of the clone from its text, however wrong it is. */
export async function rawObject({ project, lab }: Scene, type: string, content: string): Promise<string> {
  const args = ['hash-object', '-t', type, '-w', '--literally', '--stdin'];
  return execFileSync('git', args, {
    cwd: project.work,
    env: lab.agent.env,
    input: Buffer.from(content, 'latin1'),
    encoding: 'utf8',
  }).trim();
}

export async function rawCommit(scene: Scene, author: string): Promise<string> {
  const tree = (await scene.git('rev-parse', 'HEAD^{tree}')).output.trim();
  return rawObject(scene, 'commit', `tree ${tree}\nauthor ${author}\ncommitter A <a@b> 1 +0000\n\nx\n`);
}

/** Changes a ref on GitLab's disk, as no client could. */
export function plant({ lab, project }: Scene, ...args: string[]): void {
  execFileSync('git', args, {
    cwd: lab.gitlab.repositoryPath(project.path),
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
  });
}

/** Begins a push, and moves the ref on GitLab once the push has brought its objects: the rules are slow meanwhile. */
export async function overtaken(scene: Scene, ref: string, value: string, ...args: string[]): Promise<Seen> {
  const { lab, project } = scene;
  const heal = lab.gitlab.misbehave({ kind: 'slow', stage: 'pre-receive', delayMs: 1_500, project: project.path });
  const pushing = scene.push(...args);
  await untilObjectsCome(lab, project.path);
  plant(scene, 'update-ref', ref, value);
  const seen = await pushing;
  heal();
  return seen;
}

/** A push has its objects in quarantine: its hooks come next. */
export async function untilObjectsCome({ gitlab }: Fixture, path: string): Promise<void> {
  const objects = join(gitlab.repositoryPath(path), 'objects');
  await until('the push to bring its objects', () =>
    readdirSync(objects).some((name) => name.startsWith('tmp_objdir-incoming-')),
  );
}

export async function protect(
  { lab, project }: Scene,
  name: string,
  fields: Record<string, unknown> = {},
): Promise<void> {
  await rest(lab.gitlab, `POST /projects/${project.id}/protected_branches`, { name, ...fields });
}
