/**
 * What is so of a repository on old, what a move of it would be refused for, and what to know before it. Changes
 * nothing.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryConfig } from '../contract/configs';
import type { Consent } from '../contract/verbs';
import type { Fault, RepositoryView } from '../contract/views';
import { asFault, HandoverError } from '../contract/errors';
import { faults } from '../contract/faults';
import { forbiddenSettings } from '../git/forbidden';
import { readIfThere } from '../machine/files';
import { lastingNode } from '../machine/program';
import { readHead } from '../git/olddoor';
import { hooksInPlace, ownHooksFolder } from '../repository/hooks';
import { closesGitlab, isStepBack, type Phase } from '../contract/phase';
import { layoutFaults, mountFault, moveFaults, nameWarnings } from './preflight';
import { showRef } from '../rules/refs';
import { identityOf, isAttached, isStateLost, readJson, stateFolder } from '../repository/place';
import { otherMaster } from '../repository/master';
import { lastMoved } from '../repository/moved';
import { openByPath, type Repository } from '../repository/open';
import { quote } from '../contract/shellword';
import { nodeOf, parseState } from '../rules/statefile';
import { hookWarnings, unattachedHooks } from './sharedfaults';
import { sharedFor, sharingOf, type Sharing } from '../repository/sharing';

/**
 * Starts no process for a repository that stays in its phase. One that git cannot read stops no other: that is its own
 * refusal.
 */
export async function inspect(
  folder: string,
  config: RepositoryConfig,
  to: Phase | null,
  consent: Consent,
): Promise<RepositoryView> {
  const seen = await look(folder, config, to, consent);
  if (seen.refusals.length > 0) return seen;
  try {
    return { ...seen, warnings: await warningsOf(folder, config, to) };
  } catch (error) {
    return { ...seen, refusals: [foreseen(error)] };
  }
}

/** Throws what nobody foresaw. */
function foreseen(error: unknown): Fault {
  const fault = asFault(error);
  if (fault.exit === 1) throw error;
  return fault;
}

/** As `inspect`, without warnings. */
export async function look(
  folder: string,
  config: RepositoryConfig,
  to: Phase | null,
  consent: Consent,
): Promise<RepositoryView> {
  if (isStateLost(folder, config.path)) return unopenedView(folder, config, [stateLost(config.path).fault]);
  if (!isAttached(folder, config.path)) return lookNew(folder, config, to);
  try {
    return await lookAttached(folder, config, to, consent);
  } catch (error) {
    const fault = foreseen(error);
    // The next steps of `pulumi up` write settings again.
    const isWritten = fault.code === 'config-unreadable' || fault.code === 'not-installed';
    return unopenedView(folder, config, isWritten ? [] : [fault]);
  }
}

export function stateLost(repositoryPath: string): HandoverError {
  return faults.stateLost({ path: repositoryPath, quoted: quote(repositoryPath) });
}

/** What can be said without opening it: one repository whose files are broken must not stop the others. */
function unopenedView(
  folder: string,
  { path: repositoryPath }: RepositoryConfig,
  refusals: readonly Fault[],
): RepositoryView {
  const state =
    refusals.length > 0 ? null : parseState(readIfThere(path.join(stateFolder(folder, repositoryPath), 'state')) ?? '');
  const location = state?.directory ?? repositoryPath;
  const head = readHead(location);
  return {
    path: repositoryPath,
    phase: state?.phase ?? null,
    epoch: state?.epoch ?? 0,
    location,
    head: head === null ? null : showRef(head),
    current: false,
    refusals,
    warnings: [],
  };
}

async function lookAttached(
  folder: string,
  config: RepositoryConfig,
  to: Phase | null,
  consent: Consent,
): Promise<RepositoryView> {
  const repository = openByPath(folder, config.path);
  const refusals = [
    ...identityFaults(repository),
    ...masterFaults(config.path, repository.hooks),
    ...(await settingFaults(repository)),
    ...(await moveFaults({ ...repository, config }, to, consent)),
  ];
  const installed = readJson<RepositoryConfig>(`${repository.state}/config.json`, 'the settings of this repository');
  const shared = sharedFor(repository.state) === (await sharingNow(repository));
  const node = nodeOf(readIfThere(`${repository.state}/state`) ?? '') === lastingNode();
  const current =
    JSON.stringify(installed) === JSON.stringify(config) && shared && node && hooksInPlace(repository.hooks);
  return { ...view(repository, refusals), current };
}

async function warningsOf(folder: string, config: RepositoryConfig, to: Phase | null): Promise<string[]> {
  if (!isAttached(folder, config.path)) return hookWarnings(config, await unattachedHooks(folder, config.path));
  const repository = repositoryOrNull(folder, config.path);
  if (repository === null || to === null || repository.journal.state().phase === to) return [];
  const { world, hooks } = repository;
  return [
    ...undoWarnings(repository, to),
    ...nameWarnings(config, await world.git.oldSide()),
    ...(await hookWarnings({ ...config, path: hooks.directory }, ownHooksFolder(hooks))),
  ];
}

/** A second operator, or an older checkout, may not know what others did meanwhile. */
function undoWarnings({ config, journal, state }: Repository, to: Phase): string[] {
  const { phase } = journal.state();
  if (!isStepBack(phase, to)) return [];
  const moved = lastMoved(state, phase);
  const since = moved === null ? '' : ` since ${moved.time}, by ${moved.who}`;
  const closes = closesGitlab(phase, to) ? ': people can no longer push to GitLab' : '';
  return [`${config.path} is ${phase}${since}; this takes it back to ${to}${closes}`];
}

/** Null where it is not attached, or what the agent wrote of it is not whole. */
export function repositoryOrNull(folder: string, repositoryPath: string): Repository | null {
  try {
    return openByPath(folder, repositoryPath);
  } catch {
    return null;
  }
}

/** One that is gone, or cannot be read, is told by its own refusal. */
async function sharingNow({ hooks, state }: Repository): Promise<Sharing> {
  return fs.existsSync(path.join(hooks.directory, 'config')) ? sharingOf(hooks.directory) : sharedFor(state);
}

/** A first `pulumi up` may go to `old` or straight on to `mirror`: what follows is refused as it would be later. */
async function lookNew(folder: string, config: RepositoryConfig, to: Phase | null): Promise<RepositoryView> {
  const refusals = await layoutFaults(folder, config.path);
  if (refusals.length === 0)
    refusals.push(
      ...masterFaults(config.path, { directory: config.path, state: stateFolder(folder, config.path) }),
      ...mountFault(config.path, to),
    );
  if (to !== null && to !== 'old' && to !== 'mirror')
    refusals.push(faults.beginsInOld({ path: config.path, to }).fault);
  const head = refusals.length > 0 ? null : readHead(config.path);
  return {
    path: config.path,
    phase: null,
    epoch: 0,
    location: config.path,
    head: head === null ? null : showRef(head),
    current: false,
    refusals,
    warnings: [],
  };
}

/** What it would undo is another agent's. */
function masterFaults(repositoryPath: string, place: { directory: string; state: string }): Fault[] {
  const other = fs.existsSync(place.directory) ? otherMaster(place.directory, place.state) : null;
  return other === null ? [] : [faults.otherMaster({ what: `attach ${repositoryPath}`, ...other }).fault];
}

/** Let go of it is possible with them; anything else is not. */
function settingFaults({ journal }: Repository): Promise<Fault[]> {
  const { directory } = journal.state();
  return fs.existsSync(directory) ? forbiddenSettings(directory) : Promise.resolve([]);
}

/** One from a backup, or a copy, at the known path is not the one whose state we hold. */
function identityFaults(repository: Repository): Fault[] {
  const { directory, identity } = repository.journal.state();
  if (!fs.existsSync(directory)) return [faults.gone({ what: `use ${directory}`, directory }).fault];
  if (identityOf(directory) === identity) return [];
  return [faults.otherRepository({ directory, path: repository.config.path }).fault];
}

export function view(repository: Repository, refusals: readonly Fault[]): RepositoryView {
  const state = repository.journal.state();
  const head = readHead(state.directory);
  return {
    path: repository.config.path,
    phase: state.phase,
    epoch: state.epoch,
    location: state.directory,
    head: head === null ? null : showRef(head),
    current: true,
    refusals,
    warnings: [],
  };
}
