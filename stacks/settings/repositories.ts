/** Each repository with everything decided: what the agent is told, its phase and what its operator agreed to. Pure. */
import { posix } from 'node:path';
import type { RepositoryConfig } from '../../agent/contract/configs';
import type { Consent } from '../../agent/contract/verbs';
import type { Phase } from '../../agent/contract/phase';
import type { Mistake } from './mistakes';
import { defaultProject, projectPathFault, repositoryPath } from './paths';
import type { Written, WrittenRepository } from './schema';

export interface RepositorySettings {
  /** The key in the configuration, which also names the resources. */
  readonly key: string;
  readonly config: RepositoryConfig;
  readonly phase: Phase;
  readonly consent: Consent;
  /** Null: GitLab's default branch follows old's HEAD. */
  readonly defaultBranch: string | null;
  /** Full path of the group or subgroup that holds the project. */
  readonly namespace: string;
  /** Last part of the project's path. */
  readonly name: string;
}

/** Mistakes are added to `mistakes`; a repository that has one is left out. */
export function resolveRepositories(written: Written, mistakes: Mistake[]): RepositorySettings[] {
  const resolved = Object.entries(written.repositories).flatMap(([key, one]) =>
    resolveOne(written, key, one, mistakes),
  );
  mistakes.push(...doubles(resolved, (one) => one.config.path, 'the same path on the old server'));
  mistakes.push(...doubles(resolved, (one) => one.config.project.toLowerCase(), 'the same GitLab project'));
  return resolved.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function resolveOne(written: Written, key: string, one: WrittenRepository, mistakes: Mistake[]): RepositorySettings[] {
  const path = repositoryPath(written.server.root, key);
  if (path === null) {
    mistakes.push({
      path: ['repositories', key],
      message:
        'expected a path below server.root, or an absolute one, without "..", control characters and spaces at the end',
    });
    return [];
  }
  const below = path.startsWith(`${written.server.root}/`)
    ? path.slice(written.server.root.length + 1)
    : posix.basename(path);
  const project = one.project ?? defaultProject(below);
  const fault =
    project === null
      ? 'missing, and the name of the repository leaves nothing that GitLab takes as a path'
      : projectPathFault(project);
  if (fault !== null) mistakes.push({ path: ['repositories', key, 'project'], message: fault });
  return project === null || fault !== null ? [] : [settingsOf(written, { key, path, project }, one)];
}

function settingsOf(
  written: Written,
  at: { key: string; path: string; project: string },
  one: WrittenRepository,
): RepositorySettings {
  const { group } = written.gitlab;
  const project = `${group.path}/${at.project}`;
  return {
    key: at.key,
    config: {
      path: at.path,
      project,
      gitlabUrl: sshUrl(written, project),
      peopleUrl: peopleUrl(written, project),
      namespaces: one.namespaces,
      waivedNamespaces: one.waivedNamespaces,
      hooksAfterPass: one.hooksAfterPass,
      ciSkip: one.ciSkip,
      brownouts: one.brownouts,
      ...(one.otherFences.length === 0 ? {} : { otherFences: one.otherFences }),
    },
    phase: one.phase ?? written.phase,
    consent: {
      abandon: one.abandon,
      unhookedWriters: one.acknowledgeUnhookedWriters,
      endOlderPushes: one.endOlderPushes,
    },
    defaultBranch: one.defaultBranch ?? null,
    namespace: posix.dirname(project),
    name: posix.basename(project),
  };
}

/** GitLab's SSH as the configuration names it; by default the host of its web address. */
export function sshHost({ gitlab }: Written): string {
  return gitlab.sshHost ?? new URL(gitlab.url).hostname;
}

function sshUrl(written: Written, project: string): string {
  return `ssh://${written.gitlab.sshUser}@${sshHost(written)}:${written.gitlab.sshPort}/${project}.git`;
}

/** The short form where it says the same: it is what GitLab itself shows. */
function peopleUrl(written: Written, project: string): string {
  const { peopleUrl: template, sshPort, sshUser } = written.gitlab;
  if (template !== undefined) return template.replaceAll('{project}', project);
  return sshPort === 22 ? `${sshUser}@${sshHost(written)}:${project}.git` : sshUrl(written, project);
}

function doubles(all: readonly RepositorySettings[], of: (one: RepositorySettings) => string, what: string): Mistake[] {
  const first = new Map<string, string>();
  return all.flatMap((one) => {
    const other = first.get(of(one));
    if (other === undefined) first.set(of(one), one.key);
    return other === undefined
      ? []
      : [
          {
            path: ['repositories', one.key],
            message: `expected one entry for each repository and project: this is ${what} as repositories[${JSON.stringify(other)}]`,
          },
        ];
  });
}
