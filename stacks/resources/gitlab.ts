/**
 * GitLab's side: providers, groups, and for each repository its project and the key that the old server pushes with.
 */
import * as gitlab from '@pulumi/gitlab';
import * as pulumi from '@pulumi/pulumi';
import type { RepositorySettings, Settings } from '../config';
import type { Server } from './handover';
import type { SurveyResult } from '../provider/survey';
import { parentOf } from './server';

export interface GitlabProviders {
  readonly main: gitlab.Provider;
  /** Its user owns the deploy key; the same as `main` unless a token of a service user is set. */
  readonly key: gitlab.Provider;
}

export function declareProviders({ gitlab: { url, keyToken } }: Settings, token: string): GitlabProviders {
  const baseUrl = `${url}/api/v4/`;
  const main = new gitlab.Provider('gitlab', { baseUrl, token: pulumi.secret(token) });
  return {
    main,
    key: keyToken === undefined ? main : new gitlab.Provider('gitlab-key', { baseUrl, token: pulumi.secret(keyToken) }),
  };
}

/** Ids of the group and its subgroups, by full path. */
export type Groups = ReadonlyMap<string, pulumi.Input<number>>;

/** Makes the groups that the stack owns. They outlive it. */
export function declareGroups(settings: Settings, found: SurveyResult, { main }: GitlabProviders): Groups {
  const { group } = settings.gitlab;
  const ids = new Map<string, pulumi.Input<number>>(Object.entries(found.groups));
  const made = [...(group.create ? [group.path] : []), ...settings.subgroups];
  for (const path of made) ids.set(path, madeGroup(path, ids, group.visibility, main).id.apply(Number));
  return ids;
}

/**
 * The default branch of a copied project must stay deletable: the automatic protection is off only if all three say so.
 */
const noProtection = { allowForcePush: true, allowedToPushes: ['developer'], allowedToMerges: ['developer'] };

function madeGroup(path: string, ids: Groups, visibilityLevel: string, provider: gitlab.Provider): gitlab.Group {
  const parent = parentOf(path);
  const parentId = parent === null ? undefined : ids.get(parent);
  const name = path.slice(path.lastIndexOf('/') + 1);
  return new gitlab.Group(
    path,
    {
      name,
      path: name,
      visibilityLevel,
      defaultBranchProtectionDefaults: noProtection,
      ...(parentId === undefined ? {} : { parentId }),
    },
    { provider, retainOnDelete: true },
  );
}

export function declareProject(
  repository: RepositorySettings,
  settings: Settings,
  groups: Groups,
  provider: gitlab.Provider,
): gitlab.Project {
  const { name, namespace, phase } = repository;
  const namespaceId = groups.get(namespace);
  const over = phase === 'refuse' || phase === 'retired';
  return new gitlab.Project(
    repository.key,
    {
      name,
      path: name,
      ...(namespaceId === undefined ? {} : { namespaceId }),
      visibilityLevel: settings.gitlab.group.visibility,
      skipWaitForDefaultBranchProtection: true,
      // LFS pointers without objects would refuse a push, and links confuse who pushes to old. Later both settings are
      // the people's.
      ...(over ? {} : { lfsEnabled: false, printingMergeRequestLinkEnabled: false }),
    },
    { provider, retainOnDelete: true },
  );
}

export interface KeyArgs {
  readonly repository: RepositorySettings;
  readonly project: gitlab.Project;
  readonly server: Server;
  readonly providers: GitlabProviders;
  readonly keyOwner: number;
  /** The key of another repository. One after the other: two first uses of one key at once collide. */
  readonly first: gitlab.DeployKey | undefined;
}

/**
 * Each project holds the key by itself: GitLab joins a project to a key that its owner already has elsewhere, and the
 * key lives as long as any project holds it. So no repository depends on another one being in the list.
 */
export function declareKey({
  repository: { key },
  project,
  server,
  providers,
  keyOwner,
  first,
}: KeyArgs): gitlab.DeployKey {
  const owner =
    providers.key === providers.main
      ? []
      : [
          new gitlab.ProjectMembership(
            `${key} key owner`,
            { project: project.id, userId: keyOwner, accessLevel: 'maintainer' },
            { provider: providers.main },
          ),
        ];
  return new gitlab.DeployKey(
    key,
    { project: project.id, title: 'git-handover', key: server.publicKey, canPush: true },
    {
      provider: providers.key,
      deleteBeforeReplace: true,
      dependsOn: [...owner, ...(first === undefined ? [] : [first])],
    },
  );
}
