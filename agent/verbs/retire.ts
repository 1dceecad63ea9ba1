/**
 * Renaming a repository away (`refuse` → `retired`) to find those who still read from it, and back. The state file is
 * written first and names the new place; a kill before the rename is mended by whoever opens the repository next
 * (location.ts).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { borrowersOf } from '../git/borrowers';
import type { Verbs } from '../contract/contract';
import { noteDecision } from '../repository/decisions';
import { environment, HandoverError, mistake } from '../contract/errors';
import { installHooks } from '../repository/hooks';
import { levelUnder } from '../sync/pass';
import { finishRename, retiredPath } from '../repository/location';
import type { Phase } from '../contract/phase';
import { attachedFolders, identityOf, openByPath, openRepository, type Repository } from '../repository/repository';
import type { Unlock } from '../rules/ports';
import type { State } from '../rules/values';
import { onlySynced } from '../rules/refs';

type Request = Verbs['retire']['request'];
type Result = Verbs['retire']['result'];

export async function retire(folder: string, { path: place, who, apply }: Request): Promise<Result> {
  const repository = openByPath(folder, place);
  const target = retiredPath(place);
  if (repository.journal.state().phase === 'retired')
    throw nothingToDo('already-there', `${place} is retired already: it lies at ${target}.`);
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
    throw nothingToDo(phase === 'refuse' ? 'already-there' : 'not-retired', `${place} is not retired: it is ${phase}.`);
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
  if (phase !== 'refuse')
    throw mistake(
      'not-refusing',
      `Cannot retire ${config.path} as its phase must be refuse: it is ${phase}.`,
      'Move it to refuse first.',
    );
  const target = retiredPath(config.path);
  if (fs.existsSync(target)) throw taken(target, `Cannot retire ${config.path}`);
  requireWritable(path.dirname(target));
  const borrowers = borrowersOf(directory, path.dirname(directory), otherDirectories(repository));
  if (borrowers.length > 0)
    throw mistake(
      'borrowed',
      `Cannot retire ${config.path} as no repository may borrow objects from it: ${borrowers.join(', ')} ${borrowers.length === 1 ? 'does' : 'do'} (objects/info/alternates).`,
      `Give each its own copy: \`git -C ${borrowers[0] ?? ''} repack -a -d && rm ${borrowers[0] ?? ''}/objects/info/alternates\`.`,
    );
  return requireLevel(repository, lock);
}

const roundsMax = 5;

/** People go on pushing to GitLab: level means level with what a pass saw of it. Answers how many refs there are. */
async function requireLevel({ config, world, journal }: Repository, lock: Unlock): Promise<number> {
  for (let round = 1; ; round += 1) {
    const { open, troubles } = await levelUnder(world, lock, journal.state().phase);
    const blocking = troubles.filter(({ kind }) => kind !== 'unhooked');
    if (blocking.length > 0)
      throw mistake(
        'not-level',
        `Cannot retire ${config.path} as both sides must be level: ${blocking.map(({ words }) => words).join(' ')}`,
        'See `npm run status`, settle it with `npm run resolve`, then try again.',
      );
    if (open === 0) return onlySynced((await world.git.oldSide()).refs, config.namespaces).size;
    if (round === roundsMax)
      throw mistake(
        'not-level',
        `Cannot retire ${config.path} as both sides must be level: ${open} refs differ.`,
        'See `npm run verify` and `npm run status`, then try again.',
      );
  }
}

function requireRestorable({ config, journal }: Repository): void {
  const { directory } = journal.state();
  if (!fs.existsSync(directory))
    throw mistake(
      'gone',
      `Cannot restore ${config.path} as it must lie at ${directory}: nothing is there.`,
      'Bring it back to that place first.',
    );
  if (fs.existsSync(config.path)) throw taken(config.path, `Cannot restore ${config.path}`);
  requireWritable(path.dirname(config.path));
}

function taken(place: string, cannot: string): Error {
  return mistake(
    'name-taken',
    `${cannot} as the name ${place} must be free: something lies there.`,
    'Move it out of the way first.',
  );
}

function requireWritable(folder: string): void {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw mistake(
      'folder-read-only',
      `Cannot rename a repository in ${folder} as the agent's account must be allowed to write there: it is not.`,
      'Give the account the right to write there, or rename by hand as its owner.',
    );
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
    throw environment(
      'rename-failed',
      `Cannot rename ${before.directory} to ${directory}: ${String(error)}`,
      'Mend the cause on the old server, then try again.',
    );
  }
  await installHooks(openByPath(folder, config.path).hooks);
}

/** A repository that came back from a backup is another folder: from now on it is the one that is meant. */
async function rebindTo(repository: Repository, who: string, apply: boolean): Promise<Result> {
  const { folder, config, journal } = repository;
  const { directory, identity } = journal.state();
  if (!fs.existsSync(directory))
    throw mistake(
      'gone',
      `Cannot take up ${directory} as a repository must be there: nothing is.`,
      'Restore it from a backup to this path first.',
    );
  const now = identityOf(directory);
  if (now === identity) throw nothingToDo('already-there', `${directory} is the repository that was attached.`);
  const words = `the repository that lies at ${directory} now as the one that was attached; refs that it lost show as damaged or come back from GitLab.`;
  if (!apply) return { text: `Would take ${words}`, applied: false, location: directory };
  noteDecision(folder, { what: 'rebind', repository: config.path, who, facts: { from: identity, to: now } });
  await journal.changeState((state) => ({ ...state, identity: now }));
  await installHooks(repository.hooks);
  return { text: `Took ${words}`, applied: true, location: directory };
}

/** Passes and changes of phase wait until the folder has its new name. */
async function underLock<T>({ config, world, journal }: Repository, work: (lock: Unlock) => Promise<T>): Promise<T> {
  const lock = await journal.lock(world.limits.holdMs);
  if (lock === null)
    throw environment(
      'busy',
      `Cannot rename ${config.path} as its lock must be free: another pass kept it for ${world.limits.holdMs} ms.`,
      'Try again.',
    );
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

function requireName(who: string): void {
  if (who.trim() === '')
    throw mistake(
      'who',
      'Cannot record this as it must say who decided it: the name is empty.',
      'Name yourself with `--who`.',
    );
}

function nothingToDo(code: 'already-there' | 'not-retired', message: string): Error {
  return new HandoverError({ code, message, next: 'There is nothing to do.', exit: 4 });
}
