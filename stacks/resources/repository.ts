/**
 * One repository and everything that hangs on it, in the order of opening and closing: into a closed phase people's
 * access is lowered before old switches, into an open one old switches before people get their write access.
 */
import type * as gitlab from '@pulumi/gitlab';
import type * as pulumi from '@pulumi/pulumi';
import { copies, phaseTable } from '../../agent/contract/phase';
import { declareAccess } from './access';
import type { RepositorySettings } from '../config';
import { declareKey, declareProject } from './gitlab';
import { Gate, Repository } from './handover';
import { areConfigured, declareProtections } from './protections';
import { declareWebhook } from './webhooks';
import type { Stack } from './shared';

export interface Declared {
  readonly repository: Repository;
  readonly key: gitlab.DeployKey;
  /** Everything that must not go while the repository is open. */
  readonly all: readonly pulumi.Resource[];
}

export function declareRepository(
  stack: Stack,
  repository: RepositorySettings,
  first: gitlab.DeployKey | undefined,
): Declared {
  const { settings, groups, providers, server, keyOwner } = stack;
  const project = declareProject(repository, settings, groups, providers.main);
  const key = declareKey({ repository, project, server, providers, keyOwner, first });
  const ready = [server, project, key];
  const declared =
    copies(repository.phase) || repository.phase === 'old'
      ? copied(stack, repository, project, ready)
      : moved(stack, repository, project, ready);
  return {
    key,
    repository: declared.repository,
    all: [...declared.all, ...declareWebhook(stack, repository, project)],
  };
}

/** `old` to `warn`: no protections; the gate is passed before old switches. */
function copied(
  stack: Stack,
  repository: RepositorySettings,
  project: gitlab.Project,
  ready: readonly pulumi.Resource[],
): Omit<Declared, 'key'> {
  const gate = areConfigured(stack.settings) ? [declareGate(stack, repository, project, null)] : [];
  const before = [...ready, ...gate];
  if (phaseTable[repository.phase].gitlabOpen) {
    const phase = declarePhase(stack, repository, before);
    return { repository: phase, all: [...before, phase, ...access(stack, repository, project, [phase])] };
  }
  const closed = access(stack, repository, project, []);
  const phase = declarePhase(stack, repository, [...before, ...closed]);
  return { repository: phase, all: [...before, ...closed, phase] };
}

/** `refuse` and `retired`: old switches, then people write, then refs are protected. */
function moved(
  stack: Stack,
  repository: RepositorySettings,
  project: gitlab.Project,
  ready: readonly pulumi.Resource[],
): Omit<Declared, 'key'> {
  const phase = declarePhase(stack, repository, ready);
  const open = access(stack, repository, project, [phase]);
  if (!areConfigured(stack.settings)) return { repository: phase, all: [...ready, phase, ...open] };
  const gate = declareGate(stack, repository, project, [phase]);
  return {
    repository: phase,
    all: [
      ...ready,
      phase,
      ...open,
      gate,
      ...declareProtections(stack.settings, repository, gate, stack.providers.main),
    ],
  };
}

function declarePhase(
  { handover }: Stack,
  { key, config, phase, consent, defaultBranch }: RepositorySettings,
  dependsOn: readonly pulumi.Resource[],
): Repository {
  return new Repository(
    key,
    { ...config, phase, consent, defaultBranch },
    { provider: handover, dependsOn: [...dependsOn] },
  );
}

function access(
  { people, providers }: Stack,
  repository: RepositorySettings,
  project: gitlab.Project,
  dependsOn: pulumi.Resource[],
): pulumi.Resource[] {
  return declareAccess(people, repository, project, { provider: providers.main, dependsOn });
}

/** `after` is null while refs are copied; else what the gate waits for until protections may be made. */
function declareGate(
  { handover }: Stack,
  { key, config }: RepositorySettings,
  project: gitlab.Project,
  after: readonly pulumi.Resource[] | null,
): Gate {
  return new Gate(
    key,
    { path: config.path, project: project.id, copying: after === null },
    { provider: handover, dependsOn: [...(after ?? [])] },
  );
}
