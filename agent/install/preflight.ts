/** Why a repository may not leave `old`, or may not make one move. Changes nothing; `pulumi preview` shows it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryConfig } from '../contract/configs';
import type { Consent } from '../contract/verbs';
import type { Fault } from '../contract/views';
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import { forbiddenSettings } from '../git/forbidden';
import { knownHookless, whyHookless } from '../repository/hookless';
import { hooksInPlace, hooksPath, ownHooksFolder } from '../repository/hooks';
import { tellHookless } from '../contract/hookfaults';
import { noexecMount } from '../machine/mounts';
import { ownHook } from '../git/ownhooks';
import { countsOnHooks, isLegalMove, phaseTable, type Phase } from '../contract/phase';
import { isReserved, isSynced, nameRefusal, showRef } from '../rules/refs';
import { stopsMoves } from '../rules/trouble';
import { configuredHooks, configValues, hidePatterns } from '../git/repoconfig';
import type { Repository } from '../repository/open';
import { ownerFaults } from './sharedfaults';
import type { Clock } from '../rules/ports';
import { agoMs, parsePassEnd } from '../rules/time';
import type { OldSide } from '../rules/values';

const week = 7 * 24 * 3600_000;

/** What keeps a repository from being attached at all. `folder` is the agent's. */
export async function layoutFaults(folder: string, directory: string): Promise<Fault[]> {
  const exists = (name: string): boolean => fs.existsSync(path.join(directory, name));
  if (!fs.existsSync(directory)) return [faults.noRepository({ directory }).fault];
  if (exists('.git')) return [faults.notBare({ directory, why: 'it has a work tree' }).fault];
  if (!exists('HEAD') || !exists('objects') || !exists('config')) return [faults.notARepository({ directory }).fault];
  const found: Fault[] = [];
  if (exists('shallow')) found.push(faults.shallow({ directory }).fault);
  if (exists('worktrees') && fs.readdirSync(path.join(directory, 'worktrees')).length > 0)
    found.push(faults.worktrees({ directory }).fault);
  if (exists('reftable')) found.push(faults.reftable({ directory }).fault);
  return [
    ...found,
    ...linkFaults(directory),
    ...(await configFaults(directory)),
    ...(await ownersFaults(folder, directory)),
  ];
}

async function configFaults(directory: string): Promise<Fault[]> {
  try {
    const found = await forbiddenSettings(directory);
    if ((await configValues(path.join(directory, 'config'), 'core.bare')).includes('false'))
      found.push(faults.notBare({ directory, why: 'core.bare is false' }).fault);
    return found;
  } catch (error) {
    return [asFault(error)];
  }
}

/**
 * Through a link we would write into what other repositories may share: all of them would look for hooks that are not
 * theirs.
 */
function linkFaults(directory: string): Fault[] {
  const links = ['config', 'git-handover', 'refs', 'logs', 'packed-refs'].filter((name) =>
    fs.lstatSync(path.join(directory, name), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  return links.map((name) => faults.link({ directory, name }).fault);
}

/** A configuration that cannot be read is told already. */
async function ownersFaults(folder: string, directory: string): Promise<Fault[]> {
  try {
    return await ownerFaults(folder, directory);
  } catch (error) {
    return [asFault(error)].filter(({ code }) => code !== 'config-failed');
  }
}

/** Of a repository that is not attached: no hook of it can be tried yet. */
export function mountFault(directory: string, to: Phase | null): Fault[] {
  const mount = to === 'mirror' ? noexecMount(fs.realpathSync(directory)) : null;
  if (mount === null) return [];
  const why = tellHookless({ kind: 'noexec', file: path.join(directory, hooksPath), mount });
  return [faults.hookless({ what: `move ${directory} to mirror`, ...why }).fault];
}

/** What keeps an attached repository from one move. `to` null: only what is wrong now. */
export async function moveFaults(repository: Repository, to: Phase | null, consent: Consent): Promise<Fault[]> {
  const from = repository.journal.state().phase;
  if (to === null || to === from) return [];
  if (!isLegalMove(from, to, consent.abandon))
    return [faults.illegalMove({ path: repository.config.path, from, to }).fault];
  const troubles = repository.journal.troubles().filter(stopsMoves);
  const found = troubles.map(
    (trouble) =>
      faults.troubles({ path: repository.config.path, to, troubles: [{ ...trouble, ref: showRef(trouble.ref) }] })
        .fault,
  );
  found.push(...(await hooklessFaults(repository, to)));
  if (phaseTable[to].toGitlab === 'write-through') found.push(...(await bothFaults(repository, consent)));
  return found;
}

/** Git would take pushes alone in a phase that counts on the hooks. */
export async function hooklessFaults({ config, hooks, journal }: Repository, to: Phase): Promise<Fault[]> {
  if (!countsOnHooks(journal.state().phase, to)) return [];
  // Hooks that are not in place are for the next pass, or for attaching: what is known already is said.
  const found = hooksInPlace(hooks) ? await whyHookless(hooks) : knownHookless(hooks);
  return found === null ? [] : [faults.hookless({ what: `move ${config.path} to ${to}`, ...found }).fault];
}

/** Of hooks by configuration, which run after ours; their `update` does too. */
const lateEvents: readonly string[] = ['update', 'reference-transaction', 'proc-receive'];

async function bothFaults(repository: Repository, consent: Consent): Promise<Fault[]> {
  const { config, hooks, journal } = repository;
  const found: Fault[] = [];
  for (const name of ['reference-transaction', 'proc-receive']) {
    const own = ownHook({ ownHooks: ownHooksFolder(hooks) }, name);
    if (own !== null) found.push(faults.lateHook({ path: config.path, hook: own, name }).fault);
  }
  for (const { name, event } of await configuredHooks(hooks))
    if (lateEvents.includes(event))
      found.push(faults.lateHook({ path: config.path, hook: `hook.${name}.event`, name: event }).fault);
  const hidden = hiddenBelow(['refs/heads/', 'refs/tags/', ...config.namespaces], await hidePatterns(hooks));
  if (hidden.length > 0) found.push(faults.hiddenRefs({ path: config.path, hidden: hidden.map(showRef) }).fault);
  const recent = journal.unhooked().filter((time) => isRecent(time, repository.world.clock));
  if (recent.length > 0 && !consent.unhookedWriters)
    found.push(faults.unhookedWriters({ path: config.path, changes: recent.length }).fault);
  return [...found, ...namespaceFaults(config, await repository.world.git.oldSide())];
}

/** What is no time counts: it is not known to be over. */
function isRecent(time: string, clock: Clock): boolean {
  const seen = parsePassEnd(time);
  return seen === null || agoMs(seen, clock) < week;
}

/**
 * Which patterns of hideRefs hide anything below these namespaces: one that a later `!` shows again as a whole does
 * not.
 */
function hiddenBelow(namespaces: readonly string[], patterns: readonly string[]): string[] {
  const folders = patterns.map((pattern) => ({
    shows: pattern.startsWith('!'),
    folder: `${pattern.replace(/^!/, '').replace(/^\^/, '').replace(/\/+$/, '')}/`,
  }));
  const hides = ({ folder }: { folder: string }, index: number): boolean =>
    namespaces.some((namespace) => {
      const both = namespace.startsWith(folder) ? namespace : folder.startsWith(namespace) ? folder : null;
      return both !== null && !folders.slice(index + 1).some((later) => later.shows && both.startsWith(later.folder));
    });
  return folders.filter((one, index) => !one.shows && hides(one, index)).map(({ folder }) => folder.slice(0, -1));
}

function namespaceFaults(config: RepositoryConfig, side: OldSide): Fault[] {
  const refs = [...side.refs.keys()].filter(
    (ref) =>
      !isReserved(ref) &&
      !isSynced(ref, config.namespaces) &&
      !config.waivedNamespaces.some((waived) => ref.startsWith(waived)),
  );
  const unlisted = [...new Set(refs.map((ref) => `${showRef(ref).split('/').slice(0, 2).join('/')}/`))];
  return unlisted.map((namespace) => faults.unlistedNamespace({ path: config.path, namespace }).fault);
}

/** What people should know before the first copy; none of it stops the move. */
export function nameWarnings(config: RepositoryConfig, side: OldSide): string[] {
  const refs = [...side.refs.keys()].filter((ref) => isSynced(ref, config.namespaces));
  const refused = refs.flatMap((ref) => {
    const why = nameRefusal(ref);
    return why === null ? [] : [`${config.path}: ${showRef(ref)} cannot cross: ${why}`];
  });
  const byCase = new Map<string, string[]>();
  for (const ref of refs) byCase.set(ref.toLowerCase(), [...(byCase.get(ref.toLowerCase()) ?? []), showRef(ref)]);
  const twins = [...byCase.values()]
    .filter((names) => names.length > 1)
    .map((names) => `${config.path}: ${names.join(' and ')} differ only in case`);
  return [...refused, ...twins];
}
