/**
 * Renaming a repository away (`refuse` → `retired`) to find those who still read from it, and back. The state file is
 * written first and names the new place; a kill before the rename is made good by whoever opens the repository next
 * (location.ts).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { borrowersOf } from '../git/borrowers';
import type { Verbs } from '../contract/verbs';
import { noteDecision } from '../repository/decisions';
import { faults } from '../contract/faults';
import { installHooks } from '../repository/hooks';
import { passUnder } from '../sync/pass';
import { finishRename, retiredPath } from '../repository/location';
import type { Phase } from '../contract/phase';
import { attachedFolders, identityOf } from '../repository/place';
import { openByPath, openRepository, type Repository } from '../repository/open';
import type { Unlock } from '../rules/ports';
import type { State, Trouble } from '../rules/values';
import { withLock } from '../rules/withlock';
import { onlySynced, showRef } from '../rules/refs';
import { stopsMoves } from '../rules/trouble';

type Request = Verbs['retire']['request'];
type Result = Verbs['retire']['result'];

export async function retire(folder: string, { path: place, who, apply }: Request): Promise<Result> {
  const repository = openByPath(folder, place);
  const target = retiredPath(place);
  if (repository.journal.state().phase === 'retired')
    throw faults.alreadyThere({ path: place, phase: 'retired', directory: target });
  requireName(who);
  const refs = await underLock(repository, (lock) => requireRetirable(repository, lock));
  const facts = `both sides are level (${refs} refs), and no repository borrows objects from it.`;
  if (!apply) return { text: `Would rename ${place} to ${target}: ${facts}`, applied: false, location: place };
  await renameAway(repository, who);
  return { text: `Renamed ${place} to ${target}: ${facts}`, applied: true, location: target };
}

export async function restore(
  folder: string,
  { path: place, who, apply, rebind }: Verbs['restore']['request'],
): Promise<Result> {
  const repository = openByPath(folder, place);
  requireName(who);
  if (rebind === true) return rebindTo(repository, who, apply);
  const { phase, directory } = repository.journal.state();
  if (phase !== 'retired')
    throw phase === 'refuse'
      ? faults.alreadyThere({ path: place, phase, directory })
      : faults.notRetired({ path: place, phase });
  requireRestorable(repository);
  if (!apply)
    return {
      text: `Would rename ${directory} back to ${place}; pushes to it are refused as before.`,
      applied: false,
      location: directory,
    };
  await renameBack(repository, who);
  return {
    text: `Renamed ${directory} back to ${place}; pushes to it are refused as before.`,
    applied: true,
    location: place,
  };
}

/**
 * Repeating it does nothing. Refused when the sides are not level, another repository borrows objects, or the name is
 * taken.
 */
export async function renameAway(repository: Repository, who: string): Promise<void> {
  if (repository.journal.state().phase === 'retired') return;
  await underLock(repository, async (lock) => {
    await requireRetirable(repository, lock);
    await moveTo(repository, { phase: 'retired', directory: retiredPath(repository.config.path), who });
  });
}

/** Repeating it does nothing. */
export async function renameBack(repository: Repository, who: string): Promise<void> {
  if (repository.journal.state().phase !== 'retired') return;
  await underLock(repository, async () => {
    requireRestorable(repository);
    await moveTo(repository, { phase: 'refuse', directory: repository.config.path, who });
  });
}

async function requireRetirable(repository: Repository, lock: Unlock): Promise<number> {
  const { config, journal } = repository;
  const { phase, directory } = journal.state();
  if (phase !== 'refuse') throw faults.notRefusing({ path: config.path, phase });
  const target = retiredPath(config.path);
  if (fs.existsSync(target)) throw faults.pathTaken({ what: `retire ${config.path}`, place: target });
  requireWritable(path.dirname(target));
  const borrowers = borrowersOf(directory, path.dirname(directory), otherDirectories(repository));
  if (borrowers.length > 0) throw faults.borrowed({ path: config.path, borrowers });
  return requireLevel(repository, lock);
}

function toldOf({ ref, words }: Trouble): string {
  return ref === 'refs/' ? words : `${showRef(ref)}: ${words}`;
}

const roundsMax = 5;

/** People go on pushing to GitLab: level means level with what a pass saw of it. Answers how many refs there are. */
async function requireLevel({ config, world, journal }: Repository, lock: Unlock): Promise<number> {
  for (let round = 1; ; round += 1) {
    const { open, troubles } = await passUnder(world, lock, journal.state().phase, { eager: true });
    const blocking = troubles.filter(stopsMoves);
    if (blocking.length > 0) throw faults.notLevel({ path: config.path, why: blocking.map(toldOf).join(' ') });
    if (open === 0) return onlySynced((await world.git.oldSide()).refs, config.namespaces).size;
    if (round === roundsMax) throw faults.notLevel({ path: config.path, why: `${open} refs differ` });
  }
}

function requireRestorable({ config, journal }: Repository): void {
  const { directory } = journal.state();
  if (!fs.existsSync(directory)) throw faults.gone({ what: `restore ${config.path}`, directory });
  if (fs.existsSync(config.path)) throw faults.pathTaken({ what: `restore ${config.path}`, place: config.path });
  requireWritable(path.dirname(config.path));
}

function requireWritable(folder: string): void {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw faults.folderReadOnly({ folder });
  }
}

function otherDirectories(repository: Repository): string[] {
  return attachedFolders(repository.folder)
    .filter((state) => state !== repository.state)
    .map((state) => openRepository(repository.folder, state).journal.state().directory);
}

interface Destination {
  readonly phase: Phase;
  readonly directory: string;
  readonly who: string;
}

/** A rename that fails leaves the state as it was. */
async function moveTo(repository: Repository, { phase, directory, who }: Destination): Promise<void> {
  const { folder, config, journal } = repository;
  const before = journal.state();
  noteDecision(folder, {
    what: phase === 'retired' ? 'retire' : 'restore',
    repository: config.path,
    who,
    facts: { from: before.directory, to: directory },
  });
  const next = (state: State): State => ({ ...state, phase, directory, epoch: state.epoch + 1, hold: null });
  await journal.changeState(next);
  try {
    finishRename(journal.state(), config.path);
  } catch (error) {
    await journal.changeState((state) => ({ ...state, phase: before.phase, directory: before.directory }));
    throw faults.renameFailed({ from: before.directory, to: directory, words: String(error) });
  }
  await installHooks(openByPath(folder, config.path).hooks);
}

/** A repository that came back from a backup is another folder: from now on it is the one that is meant. */
async function rebindTo(repository: Repository, who: string, apply: boolean): Promise<Result> {
  const { folder, config, journal } = repository;
  const { directory, identity } = journal.state();
  if (!fs.existsSync(directory)) throw faults.gone({ what: `take up ${directory}`, directory });
  const now = identityOf(directory);
  if (now === identity) throw faults.sameRepository({ directory });
  const words = `the repository that lies at ${directory} now as the one that was attached; refs that it lost show as damaged or come back from GitLab.`;
  if (!apply) return { text: `Would take ${words}`, applied: false, location: directory };
  noteDecision(folder, { what: 'rebind', repository: config.path, who, facts: { from: identity, to: now } });
  await journal.changeState((state) => ({ ...state, identity: now }));
  // What it lost is for the pass to find: the repository itself is the right one.
  const { fence } = journal.state();
  if (fence !== null) repository.world.fence.setCopy(fence.last);
  await installHooks(repository.hooks);
  return { text: `Took ${words}`, applied: true, location: directory };
}

/** Passes and changes of phase wait until the folder has its new name. */
function underLock<T>({ config, world, journal }: Repository, work: (lock: Unlock) => Promise<T>): Promise<T> {
  return withLock(
    journal.lock(world.limits.holdMs),
    () => faults.busy({ what: `rename ${config.path}`, waitedMs: world.limits.holdMs, again: 'Try again' }),
    work,
  );
}

function requireName(who: string): void {
  if (who.trim() === '') throw faults.who({ what: 'rename a repository' });
}
