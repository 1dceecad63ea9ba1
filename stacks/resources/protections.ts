/** Protections of branches and tags, made once nothing is copied to the project any more. */
import * as gitlab from '@pulumi/gitlab';
import type * as pulumi from '@pulumi/pulumi';
import type { RepositorySettings, Settings } from '../config';
import { Gate } from './handover';

export function areConfigured({ protections: { branches, tags } }: Settings): boolean {
  return branches.length + tags.length > 0;
}

/** They hang on the gate's project, so that they go when the gate is replaced. */
export function declareProtections(
  { protections }: Settings,
  { key, phase }: RepositorySettings,
  gate: Gate,
  provider: gitlab.Provider,
): pulumi.Resource[] {
  const project = gate.project;
  const opts = { provider, deleteBeforeReplace: true, retainOnDelete: phase === 'retired' };
  const branches = protections.branches.map(
    ({ name, push, merge, allowForcePush }) =>
      new gitlab.BranchProtection(
        `${key} ${name}`,
        { project, branch: name, pushAccessLevel: push, mergeAccessLevel: merge, allowForcePush },
        opts,
      ),
  );
  const tags = protections.tags.map(
    ({ name, create }) =>
      new gitlab.TagProtection(`${key} ${name}`, { project, tag: name, createAccessLevel: create }, opts),
  );
  return [...branches, ...tags];
}
