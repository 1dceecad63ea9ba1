/** The folder <folder>/repositories/<name> of each repository, and the settings of the agent and of a repository. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import type { AgentConfig, RepositoryConfig } from '../contract/configs';
import { readSealed, replaceFile, writeSealed } from '../machine/files';
import { lastingNode } from '../machine/program';
import { toBytes } from '../rules/bytes';
import { retiredPath } from './location';
import { readWhere } from './master';
import { printState, type ShimFacts } from '../rules/statefile';
import { stateName } from '../contract/statename';
import type { State } from '../rules/values';

export function stateFolder(folder: string, repositoryPath: string): string {
  return path.join(folder, 'repositories', stateName(repositoryPath));
}

export function attachedFolders(folder: string): string[] {
  const all = path.join(folder, 'repositories');
  return fs.existsSync(all)
    ? fs
        .readdirSync(all)
        .map((name) => path.join(all, name))
        .filter(isStateFolder)
        .sort()
    : [];
}

/** Either file is enough: a repository whose other one is lost must not vanish from `status`. */
function isStateFolder(state: string): boolean {
  return ['config.json', 'state'].some((name) => fs.existsSync(path.join(state, name)));
}

export function isAttached(folder: string, repositoryPath: string): boolean {
  return isStateFolder(stateFolder(folder, repositoryPath));
}

/** The hooks are there, or its settings, and its state is gone: to begin it anew in `old` would forget its phase. */
export function isStateLost(folder: string, repositoryPath: string): boolean {
  const state = stateFolder(folder, repositoryPath);
  if (fs.existsSync(path.join(state, 'state'))) return false;
  const places = [repositoryPath, retiredPath(repositoryPath)].map((place) => readWhere(place));
  return (
    fs.existsSync(path.join(state, 'config.json')) || places.some((where) => where?.split('\n')[0] === toBytes(state))
  );
}

export function readAgentConfig(folder: string): AgentConfig {
  return readJson<AgentConfig>(path.join(folder, 'config.json'), 'the configuration of the agent');
}

/** Null where it is missing or damaged: whoever cannot go on without it says so. */
export function agentConfigOrNull(folder: string): AgentConfig | null {
  try {
    return readAgentConfig(folder);
  } catch {
    return null;
  }
}

/** Our own files, sealed: their form is what we wrote. */
export function readJson<T>(file: string, what: string): T {
  try {
    const body = readSealed(file);
    if (body !== null) return JSON.parse(Buffer.from(body, 'latin1').toString('utf8')) as T;
  } catch (error) {
    throw faults.configUnreadable({ what, words: String(error) });
  }
  throw faults.notInstalled({ what, file });
}

export function writeJson(file: string, value: unknown): void {
  writeSealed(file, Buffer.from(JSON.stringify(value, null, 1), 'utf8').toString('latin1'));
}

/** What the shims read beside the phase. */
export function shimFacts(folder: string, agent: AgentConfig, config: RepositoryConfig): ShimFacts {
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
  return {
    folder,
    node: lastingNode(),
    url: config.gitlabUrl,
    ciSkip: config.ciSkip,
    // A hold may last longer by GitLab's longest push (agent/sync/drain.ts).
    holdMs: agent.limits.holdMs + agent.limits.longestGitlabPushMs,
    leaseMs: agent.limits.leaseMs,
    connectMs: agent.limits.connectMs,
    mirrorAfterRestart: agent.limits.mirrorAfterRestart ?? 'take',
    brownouts: config.brownouts.map(({ from, to }) => ({ from: seconds(from), to: seconds(to) })),
  };
}

/** Writes settings and state, and no other file that is there: the journal outlives a lost state. */
export function placeState(folder: string, config: RepositoryConfig, state: State): void {
  const place = stateFolder(folder, config.path);
  for (const name of ['tries', 'troubles'])
    if (!fs.existsSync(path.join(place, name))) writeSealed(path.join(place, name), '');
  writeJson(path.join(place, 'config.json'), config);
  replaceFile(path.join(place, 'state'), printState(state, shimFacts(folder, readAgentConfig(folder), config)));
}

/** Whoever reads a lock could keep it: they are the account's own, whatever a push's umask is. */
export function closeLocks(state: string): void {
  for (const name of ['lock', 'state.lock', 'waiting.lock', 'running.lock']) {
    fs.closeSync(fs.openSync(path.join(state, name), 'a', 0o600));
    fs.chmodSync(path.join(state, name), 0o600);
  }
}

export function firstState(directory: string): State {
  return { phase: 'old', epoch: 1, hold: null, fence: null, directory, identity: identityOf(directory) };
}

export function identityOf(directory: string): string {
  const { dev, ino } = fs.statSync(directory);
  return `${dev}:${ino}`;
}
