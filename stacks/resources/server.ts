/** The old server: its provider, the survey of what is there, and the agent. */
import * as pulumi from '@pulumi/pulumi';
import { copies } from '../../agent/contract/phase';
import type { RepositorySettings, Settings } from '../config';
import { Handover, Server, survey } from './handover';
import type { SessionSettings } from '../provider/session';
import type { SurveyResult } from '../provider/survey';

export function declareHandover(settings: Settings, token: string): Handover {
  const { server, gitlab, protections } = settings;
  const session: SessionSettings = {
    server: {
      host: server.host,
      port: server.port,
      user: server.user,
      hostKeys: server.hostKeys,
      folder: server.folder,
      node: server.node,
      privateKeyFile: server.privateKeyFile,
    },
    gitlabUrl: gitlab.url,
    ...(gitlab.movedFrom === undefined ? {} : { gitlabMovedFrom: gitlab.movedFrom }),
    token,
    keyToken: gitlab.keyToken ?? null,
    longestPushSeconds: settings.agent.limits.longestGitlabPushMs / 1000,
    protections: {
      branches: protections.branches.map(({ name }) => name),
      tags: protections.tags.map(({ name }) => name),
    },
  };
  return new Handover('handover', { settings: pulumi.secret(JSON.stringify(session)) });
}

/** Looks at all repositories and finds all people in one go, before anything is declared. */
export function surveyAll(settings: Settings, provider: Handover): Promise<SurveyResult> {
  const { people, gitlab, repositories } = settings;
  const parent = parentOf(gitlab.group.path);
  const wanted = [
    ...people.groups.flatMap(({ path }) => path ?? []),
    ...existingGroups(settings),
    ...(gitlab.group.create && parent !== null ? [parent] : []),
  ];
  const copying = repositories.some(({ phase }) => copies(phase));
  return survey(
    {
      groups: [...new Set(wanted)],
      users: people.users.flatMap(({ username }) => username ?? []),
      questions: repositories.map(({ config, phase, consent }) => ({ config, to: phase, consent })),
      preview: pulumi.runtime.isDryRun(),
      unprotectedGroup: gitlab.group.create || !copying ? null : gitlab.group.path,
    },
    provider,
  );
}

function existingGroups({ gitlab: { group } }: Settings): string[] {
  return [...(group.create ? [] : [group.path]), ...group.existingSubgroups.map((path) => `${group.path}/${path}`)];
}

/** Null for a group at the top. */
export function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/');
  return end < 0 ? null : path.slice(0, end);
}

export function declareServer({ server, agent }: Settings, provider: Handover): Server {
  return new Server('server', { folder: server.folder, agent, nodeSetting: server.node }, { provider });
}

export function pathsOf(repositories: readonly RepositorySettings[]): string[] {
  return repositories.map(({ config }) => config.path);
}
