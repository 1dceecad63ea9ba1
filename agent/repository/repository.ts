/** One repository as the agent knows it: its folder in <folder>/repositories, and the world that the verbs act on. */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { systemClock } from '../machine/clock';
import { waitFor } from '../rules/time';
import type { AgentConfig, RepositoryConfig } from '../contract/configs';
import type { Fault } from '../contract/views';
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults/catalogue';
import { readIfThere, readSealed, replaceFile, writeSealed } from '../machine/files';
import { toBytes } from '../rules/bytes';
import { openGit } from '../git/git';
import { mendHooks, ownHooksFolder, type HookPlace } from './hooks';
import { createJournal, openJournal } from './journal';
import { endLease, foreignProcesses, isLeaseAlive, noteEndOfSending } from './leases';
import { finishRename, retiredPath } from './location';
import { openLog } from '../machine/log';
import { mendState } from './mend';
import {
  end,
  endTree,
  gitProcessesIn,
  isAlive,
  isForeign,
  processesCalled,
  startOf,
  type ProcessId,
} from '../machine/processes';
import { text } from '../rules/texts';
import { sharedFor, sharingOf, shareState } from './sharing';
import { printState, type ShimFacts } from '../rules/statefile';
import { stateName } from '../contract/statename';
import type { Journal, World } from '../rules/ports';
import type { Lease, State } from '../rules/values';

export interface Repository {
  readonly folder: string;
  readonly state: string;
  readonly config: RepositoryConfig;
  readonly agent: AgentConfig;
  readonly journal: Journal;
  readonly world: World;
  readonly hooks: HookPlace;
}

export function stateFolder(folder: string, repositoryPath: string): string {
  return path.join(folder, 'repositories', stateName(repositoryPath));
}

export function attachedFolders(folder: string): string[] {
  const all = path.join(folder, 'repositories');
  return fs.existsSync(all)
    ? fs
        .readdirSync(all)
        .filter((name) => !name.startsWith('.'))
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
  const places = [repositoryPath, retiredPath(repositoryPath)].map((place) =>
    readIfThere(path.join(place, 'git-handover', 'where')),
  );
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

/** Opens an attached repository by its state folder. `quarantine`: the variables that git gave to a hook. */
export function openRepository(
  folder: string,
  state: string,
  quarantine: Readonly<Record<string, string>> = {},
): Repository {
  const agent = readAgentConfig(folder);
  const config = readJson<RepositoryConfig>(path.join(state, 'config.json'), 'the settings of this repository');
  const journal = openJournal(state, systemClock, () => shimFacts(folder, agent, config));
  finishRename(journal.state(), config.path);
  const hooks: HookPlace = { directory: journal.state().directory, state, folder };
  return {
    folder,
    state,
    config,
    agent,
    journal,
    hooks,
    world: openWorld({ folder, state, config, agent, journal, hooks }, quarantine),
  };
}

/** Opens by path; the repository must be attached. */
export function openByPath(folder: string, repositoryPath: string): Repository {
  if (!isAttached(folder, repositoryPath)) throw faults.notAttached({ path: repositoryPath });
  return openRepository(folder, stateFolder(folder, repositoryPath));
}

function openWorld(parts: Omit<Repository, 'world'>, quarantine: Readonly<Record<string, string>>): World {
  const { folder, state, config, agent, journal, hooks } = parts;
  const log = openLog(folder, { repository: config.path });
  const git = openGit({
    directory: hooks.directory,
    folder,
    quarantine,
    url: config.gitlabUrl,
    ciSkip: config.ciSkip,
    askMs: agent.limits.connectMs,
    silentMs: agent.limits.leaseMs,
    ownHooks: ownHooksFolder(hooks),
    shared: sharedFor(state) !== 'nobody',
    asideFolder: path.join(state, 'aside'),
    sendFolder: path.join(state, 'sending'),
  });
  return {
    config,
    limits: agent.limits,
    clock: systemClock,
    journal,
    git,
    log,
    endProcesses: async (lease) => {
      processesCalled(`push ${state} ${lease.id}`).forEach(endTree);
      refuseForeign(config.path, foreignProcesses(lease.id), lease.from);
      endLease(lease.id);
      await waitFor(systemClock, 10_000, 50, () => !isLeaseAlive(lease.id));
      noteEndOfSending(path.join(state, 'pushes', lease.id), systemClock.now());
    },
    isSending: (lease) => processesCalled(`push ${state} ${lease.id}`).length > 0 || isSending(hooks.directory, lease),
    noteGone: (lease) => noteEndOfSending(path.join(state, 'pushes', lease.id), systemClock.now()),
    newHoldId: () => `${process.pid}.${startOf(process.pid) ?? ''}.${randomUUID()}`,
    isOwnerGone: (hold) => {
      const [pid = '', start = ''] = hold.id.split('.');
      return !isAlive({ pid: Number(pid), start });
    },
    mendHooks: () => mendHooks(hooks),
    mendState: () => mendState({ state, directory: hooks.directory, config, journal, git, log }),
    olderPushes: () => olderPushes(parts).map(({ pid }) => pid),
    endOlderPushes: async () => {
      const older = olderPushes(parts);
      older.forEach(end);
      await waitFor(systemClock, 10_000, 50, () => !older.some((one) => isAlive(one) && !isForeign(one)));
      refuseForeign(
        config.path,
        older.filter((one) => isAlive(one) && isForeign(one)).map(({ pid }) => pid),
        null,
      );
    },
  };
}

/** What another account runs, only that account or root can end. */
function refuseForeign(repositoryPath: string, pids: readonly number[], from: string | null | undefined): void {
  if (pids.length === 0) return;
  throw faults.foreignPush({ path: repositoryPath, pids, from });
}

/** By its command line: a hook that was killed leaves its git push behind, and nothing else names it. */
function isSending(directory: string, { updates }: Lease): boolean {
  const pushes = gitProcessesIn(directory).filter(({ command }) => command.includes(' push '));
  return pushes.some(
    ({ command }) => updates === null || updates.some(({ ref, after }) => command.includes(`${after ?? ''}:${ref}`)),
  );
}

/** receive-packs in the repository that no lease names: they began before the hooks were there. */
function olderPushes({ journal, hooks }: Pick<Repository, 'journal' | 'hooks'>): ProcessId[] {
  const known = new Set(journal.leases().flatMap((lease) => lease.pids));
  return gitProcessesIn(hooks.directory).filter(
    ({ pid, command }) => command.includes('receive-pack') && !known.has(pid),
  );
}

function shimFacts(folder: string, agent: AgentConfig, config: RepositoryConfig): ShimFacts {
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
  return {
    folder,
    node: process.execPath,
    url: config.gitlabUrl,
    ciSkip: config.ciSkip,
    holdMs: agent.limits.holdMs,
    leaseMs: agent.limits.leaseMs,
    connectMs: agent.limits.connectMs,
    brownouts: config.brownouts.map(({ from, to }) => ({ from: seconds(from), to: seconds(to) })),
  };
}

/** Makes the state folder in phase `old`, or brings settings and texts of an attached repository up to date. */
export async function writeRepository(folder: string, config: RepositoryConfig): Promise<Repository> {
  const agent = readAgentConfig(folder);
  const state = stateFolder(folder, config.path);
  if (!fs.existsSync(path.join(state, 'state')))
    createJournal(state, firstState(config.path), shimFacts(folder, agent, config));
  writeJson(path.join(state, 'config.json'), config);
  for (const name of ['warn', 'refuse', 'brownout', 'accepted'] as const)
    replaceFile(path.join(state, `${name}.txt`), Buffer.from(text(agent, name, config), 'utf8').toString('latin1'));
  closeLocks(state);
  const repository = openRepository(folder, state);
  const { directory } = repository.journal.state();
  shareState(state, directory, await sharingOf(directory));
  // Written again under its lock: the shims read the new settings from it.
  await repository.journal.changeState((present) => ({ ...present }));
  return repository;
}

/** The journal of a repository whose state need not be there. */
export function journalOf(folder: string, state: string, config: RepositoryConfig): Journal {
  return openJournal(state, systemClock, () => shimFacts(folder, readAgentConfig(folder), config));
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
function closeLocks(state: string): void {
  for (const name of ['lock', 'state.lock', 'waiting.lock', 'running.lock']) {
    fs.closeSync(fs.openSync(path.join(state, name), 'a', 0o600));
    fs.chmodSync(path.join(state, name), 0o600);
  }
}

function firstState(directory: string): State {
  return { phase: 'old', epoch: 1, hold: null, directory, identity: identityOf(directory) };
}

export function identityOf(directory: string): string {
  const { dev, ino } = fs.statSync(directory);
  return `${dev}:${ino}`;
}

/** Runs `work` for every repository that is meant; answers why some could not be looked at. */
export async function eachRepository(
  folder: string,
  paths: readonly string[],
  work: (repository: Repository) => Promise<void>,
): Promise<Fault[]> {
  const open =
    paths.length > 0
      ? paths.map((path) => () => openByPath(folder, path))
      : attachedFolders(folder).map((state) => () => openRepository(folder, state));
  const faults: Fault[] = [];
  for (const openOne of open) {
    try {
      await work(openOne());
    } catch (error) {
      faults.push(asFault(error));
    }
  }
  return faults;
}
