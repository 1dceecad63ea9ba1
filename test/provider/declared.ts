/** What the program would declare of a server and its one repository in this phase. */
import { readConfig } from '../../stacks/config';
import type { Values } from '../../stacks/provider/engine/values';
import type { GitlabStandIn } from '../lab/gitlab/standin';
import type { OldServer } from '../lab/old';

export interface Declared {
  readonly server: Values;
  readonly repository: Values;
}

export interface Servers {
  readonly old: OldServer;
  readonly gitlab: GitlabStandIn;
  readonly agentFolder: string;
}

export function declared({ old, gitlab, agentFolder }: Servers, phase: string, repository: string): Declared {
  const settings = readConfig({
    server: {
      host: old.host,
      port: old.port,
      user: old.user,
      hostKeys: old.hostKeys,
      root: old.root,
      folder: agentFolder,
      node: process.execPath,
    },
    gitlab: {
      url: gitlab.url,
      sshHost: gitlab.sshHost,
      sshPort: gitlab.sshPort,
      sshHostKeys: gitlab.hostKeys,
      group: { path: 'code' },
    },
    agent: { timer: 'none' },
    repositories: { [repository]: { phase } },
  });
  const [one] = settings.repositories;
  return {
    server: { folder: agentFolder, agent: settings.agent },
    repository: { ...one?.config, phase: one?.phase, consent: one?.consent, defaultBranch: null },
  };
}

/** How the stack tells the provider of these servers. */
export function settingsOf({ old, gitlab, agentFolder }: Servers, changes: Values = {}): Values {
  const { host, port, user, hostKeys, operatorKey: privateKeyFile } = old;
  return {
    server: { host, port, user, hostKeys, privateKeyFile, folder: agentFolder, node: process.execPath },
    gitlabUrl: gitlab.url,
    token: gitlab.adminToken,
    keyToken: null,
    longestPushSeconds: 0,
    protections: { branches: [], tags: [] },
    ...changes,
  };
}
