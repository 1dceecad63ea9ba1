/**
 * Who may read and write on GitLab. Access is what opens and closes a project: protections would stop the copying
 * itself.
 */
import * as gitlab from '@pulumi/gitlab';
import * as pulumi from '@pulumi/pulumi';
import { phaseTable } from '../../agent/contract/phase';
import type { RepositorySettings, Settings } from '../config';
import type { Groups } from './gitlab';
import type { SurveyResult } from '../provider/survey';

/** Somebody who works with the code, found on GitLab. */
interface Person {
  readonly kind: 'group' | 'user';
  readonly name: string;
  readonly id: number;
  readonly access: 'developer' | 'maintainer';
}

/** Lets them pull everywhere; without push. */
const reading = 'reporter';

export function peopleOf({ people }: Settings, found: SurveyResult): Person[] {
  const groups = people.groups.map(({ path, id, access }) => ({
    kind: 'group' as const,
    name: path ?? `${id}`,
    id: id ?? found.groups[path ?? ''] ?? 0,
    access,
  }));
  const users = people.users.map(({ username, id, access }) => ({
    kind: 'user' as const,
    name: username ?? `${id}`,
    id: id ?? found.users[username ?? ''] ?? 0,
    access,
  }));
  return [...groups, ...users];
}

/**
 * Reading for the whole group, which stays while a project's share is replaced. Stays for good once a repository is
 * retired.
 */
export function declareReading(
  people: readonly Person[],
  settings: Settings,
  groups: Groups,
  provider: gitlab.Provider,
): pulumi.Resource[] {
  const groupId = groups.get(settings.gitlab.group.path) ?? 0;
  const opts = { provider, retainOnDelete: settings.repositories.some(({ phase }) => phase === 'retired') };
  return people.map(({ kind, name, id }) =>
    kind === 'group'
      ? new gitlab.GroupShareGroup(
          name,
          { groupId: numberText(groupId), shareGroupId: id, groupAccess: reading },
          { ...opts, deleteBeforeReplace: true },
        )
      : new gitlab.GroupMembership(name, { groupId, userId: id, accessLevel: reading }, opts),
  );
}

function numberText(id: pulumi.Input<number>): pulumi.Input<string> {
  return typeof id === 'number' ? String(id) : pulumi.output(id).apply(String);
}

/**
 * One share or membership for each, whose level is raised and lowered. It is declared in every phase: what is no longer
 * declared is deleted last, too late for closing. Left in place by `destroy` only once the repository is retired, since
 * `retainOnDelete` also skips the delete inside a replacement, which closing needs.
 */
export function declareAccess(
  people: readonly Person[],
  repository: RepositorySettings,
  project: gitlab.Project,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { key, phase } = repository;
  const open = phaseTable[phase].gitlabOpen;
  const options = { ...opts, retainOnDelete: phase === 'retired' };
  return people.map(({ kind, name, id, access }) => {
    const level = open ? access : reading;
    if (kind === 'user')
      return new gitlab.ProjectMembership(
        `${key} ${name}`,
        { project: project.id, userId: id, accessLevel: level },
        options,
      );
    return new gitlab.ProjectShareGroup(
      `${key} ${name}`,
      { project: project.id, groupId: id, groupAccess: level },
      { ...options, deleteBeforeReplace: true },
    );
  });
}
