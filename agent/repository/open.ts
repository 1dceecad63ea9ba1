/** One repository as the agent knows it: its folder in <folder>/repositories, and the world that the verbs act on. */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { systemClock } from '../machine/clock';
import type { AgentConfig, RepositoryConfig } from '../contract/configs';
import type { Fault } from '../contract/views';
import { asFault } from '../contract/errors';
import { replaceFile } from '../machine/files';
import { openGit } from '../git/git';
import type { GitSettings } from '../git/gitsettings';
import { lookAfterHooks } from './hookless';
import { ownHooksFolder, type HookPlace } from './hooks';
import { createJournal, openJournal } from './journal';
import { openFence } from './fencecopy';
import { finishRename } from './location';
import { openLog } from '../machine/log';
import { mendState } from './mend';
import { openOwnHooks } from './ownhooks';
import { pushProcesses } from './pushprocesses';
import {
  attachedFolders,
  closeLocks,
  firstState,
  isAttached,
  readAgentConfig,
  readJson,
  shimFacts,
  stateFolder,
  writeJson,
} from './place';
import { isAlive, startOf } from '../machine/processes';
import { listBytesIn, passMegabytesDefault } from '../rules/large';
import { text } from '../rules/texts';
import { sharedFor, sharingOf, shareState } from './sharing';
import type { Journal, World } from '../rules/ports';

export interface Repository {
  readonly folder: string;
  readonly state: string;
  readonly config: RepositoryConfig;
  readonly agent: AgentConfig;
  readonly journal: Journal;
  readonly world: World;
  readonly hooks: HookPlace;
}

/**
 * Opens an attached repository by its state folder. `quarantine`: the variables that git gave to a hook. `listBytes`:
 * what whoever looks has room for, of each side's list of refs.
 */
export function openRepository(
  folder: string,
  state: string,
  quarantine: Readonly<Record<string, string>> = {},
  listBytes?: number,
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
    world: openWorld(
      { folder, state, config, agent, journal, hooks },
      { quarantine, ...(listBytes === undefined ? {} : { listBytes }) },
    ),
  };
}

/** Opens by path; the repository must be attached. */
export function openByPath(folder: string, repositoryPath: string): Repository {
  if (!isAttached(folder, repositoryPath)) throw faults.notAttached({ path: repositoryPath });
  return openRepository(folder, stateFolder(folder, repositoryPath));
}

function openWorld(
  parts: Omit<Repository, 'world'>,
  ofCall: Pick<GitSettings, 'quarantine'> & Partial<Pick<GitSettings, 'listBytes'>>,
): World {
  const { folder, state, config, agent, journal, hooks } = parts;
  const log = openLog(folder, { repository: config.path });
  const own = {
    directory: hooks.directory,
    ownHooks: ownHooksFolder(hooks),
    shared: sharedFor(state) !== 'nobody',
  };
  const git = openGit({ ...gitSettings(folder, config, agent), directory: hooks.directory, ...ofCall });
  return {
    config,
    limits: agent.limits,
    clock: systemClock,
    journal,
    git,
    ownHooks: openOwnHooks({ folder, state, hooks: own, log }),
    fence: openFence(hooks.directory),
    log,
    ...pushProcesses({ path: config.path, directory: hooks.directory, state, journal, log }),
    newHoldId: () => `${process.pid}.${startOf(process.pid) ?? ''}.${randomUUID()}`,
    isOwnerGone: (hold) => {
      const [pid = '', start = ''] = hold.id.split('.');
      return !isAlive({ pid: Number(pid), start });
    },
    mendHooks: () => lookAfterHooks(hooks, log),
    mendState: () => mendState({ state, directory: hooks.directory, config, journal, git, log }),
  };
}

/** What settings and state folder say of git, wherever the repository lies and whoever shares it. */
export function gitSettings(
  folder: string,
  config: RepositoryConfig,
  { limits, passMegabytes = passMegabytesDefault }: AgentConfig,
): Omit<GitSettings, 'directory' | 'quarantine'> {
  const state = stateFolder(folder, config.path);
  return {
    folder,
    url: config.gitlabUrl,
    ciSkip: config.ciSkip,
    askMs: limits.connectMs,
    silentMs: limits.leaseMs,
    // A process of its own that somebody waits for: a small setting parks passes, and keeps nobody from pushing.
    listBytes: listBytesIn(Math.max(passMegabytes, passMegabytesDefault)),
    asideFolder: path.join(state, 'aside'),
    networkFolder: path.join(state, 'network'),
    sendFolder: path.join(state, 'sending'),
  };
}

/** Of `unreachable`: the shim shows it in `mirror` only. */
const shown = { reason: 'after a restart this server asks it first' };

/** Makes the state folder in phase `old`, or brings settings and texts of an attached repository up to date. */
export async function writeRepository(folder: string, config: RepositoryConfig): Promise<Repository> {
  const agent = readAgentConfig(folder);
  const state = stateFolder(folder, config.path);
  if (!fs.existsSync(path.join(state, 'state')))
    createJournal(state, firstState(config.path), shimFacts(folder, agent, config));
  writeJson(path.join(state, 'config.json'), config);
  for (const name of ['warn', 'refuse', 'brownout', 'travelled', 'unreachable', 'accepted'] as const)
    replaceFile(
      path.join(state, `${name}.txt`),
      Buffer.from(text(agent, name, config, shown), 'utf8').toString('latin1'),
    );
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
