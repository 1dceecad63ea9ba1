/**
 * What a pass finds broken beside the refs, and mends before it looks at them: git's stale locks, and files of the
 * journal that the disk cut short or altered. Nothing is guessed: what both sides show is taken, and what they cannot
 * tell is left for people.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryConfig } from '../contract/configs';
import { readSealed } from '../machine/files';
import { sweepLocks } from '../git/gitlocks';
import { systemClock } from '../machine/clock';
import { onlySynced } from '../rules/refs';
import { printPassEnd } from '../rules/time';
import { dropSendFolder } from '../git/sendfolder';
import { sharedFor, shareState } from './sharing';
import type { Git, Journal, Log } from '../rules/ports';
import type { RefName, Trouble } from '../rules/values';

export interface Mendable {
  /** The state folder. */
  readonly state: string;
  readonly directory: string;
  readonly config: RepositoryConfig;
  readonly journal: Journal;
  readonly git: Git;
  readonly log: Log;
}

/** Answers what it mended; throws when GitLab is needed for it and cannot be asked. */
export async function mendState(place: Mendable): Promise<string[]> {
  dropSendFolder(path.join(place.state, 'sending'));
  const mended = [...sweep(place), ...mendPushes(place)];
  for (const name of ['tries', 'agreed', 'troubles', 'taken', 'unhooked'] as const) {
    if (!isBroken(place, name)) continue;
    await rebuild[name](place);
    mended.push(name);
  }
  if (mended.length > 0) place.log.write('state-mended', { mended });
  return mended;
}

function sweep({ directory, state, log }: Mendable): string[] {
  const { removed, left } = sweepLocks(directory, path.join(state, 'aside'));
  if (left.length > 0) log.write('locks-left', { left });
  return removed;
}

/** Hooks refuse every push while they cannot write their lease. */
function mendPushes({ state, directory }: Mendable): string[] {
  const folder = path.join(state, 'pushes');
  if (fs.existsSync(folder)) return [];
  fs.mkdirSync(folder, { mode: 0o700 });
  shareState(state, directory, sharedFor(state));
  return ['pushes'];
}

/**
 * `agreed` begins with the first copy: after it a missing one is lost, and reading it as "nothing agreed" would make a
 * lost ref look level.
 */
function isBroken({ state, journal }: Mendable, name: string): boolean {
  try {
    return readSealed(path.join(state, name)) === null && name === 'agreed' && journal.state().phase !== 'old';
  } catch {
    return true;
  }
}

type Rebuild = (place: Mendable) => void | Promise<void>;

const rebuild: Readonly<Record<'tries' | 'agreed' | 'troubles' | 'taken' | 'unhooked', Rebuild>> = {
  agreed: rebuildAgreed,
  // Nothing is known as ours any more: a value of GitLab that differs is a conflict, except where old has it too. A
  // request may still be under way.
  tries: async (place) => {
    keep(place, 'tries');
    if (!isBroken(place, 'agreed')) await agreeWhereEqual(place);
    place.journal.writeTries({ sent: new Map(), late: new Map(), unanswered: 'running' });
  },
  troubles: (place) => {
    keep(place, 'troubles');
    place.journal.writeTroubles(place.journal.state().phase === 'mirror' ? [] : [forgottenTroubles()]);
  },
  // The log has it, and the attic what was lost.
  taken: (place) => {
    keep(place, 'taken');
    place.journal.writeTaken([]);
  },
  // How many writers without hooks there were is unknown, so entering `both` needs a person's word.
  unhooked: (place) => {
    keep(place, 'unhooked');
    fs.rmSync(path.join(place.state, 'unhooked'), { force: true });
    place.journal.addUnhooked([printPassEnd({ wall: systemClock.wall(), at: systemClock.now() }).trim()]);
  },
};

/**
 * GitLab's values. Where old has the same, that is what both share. Where old differs, the mirror pass sends only what
 * descends from GitLab's value or what records lead to from it; anything else is listed, and neither side is
 * overwritten (P4). In the open phases agreed only explains.
 */
async function rebuildAgreed(place: Mendable): Promise<void> {
  const { refs } = await place.git.gitlabSide();
  keep(place, 'agreed');
  place.journal.writeAgreed(onlySynced(refs, place.config.namespaces));
}

async function agreeWhereEqual({ journal, git, config }: Mendable): Promise<void> {
  const agreed = new Map(journal.agreed() ?? []);
  const old = onlySynced((await git.oldSide()).refs, config.namespaces);
  const { refs } = await git.gitlabSide();
  for (const [ref, oid] of old) if (refs.get(ref) === oid) agreed.set(ref, oid);
  journal.writeAgreed(agreed);
}

/** In `mirror` the next look finds troubles again; in the open phases nobody would hear of what was set back. */
function forgottenTroubles(): Trouble {
  const words =
    'The list of troubles could not be read and begins anew. What was set back before lies under refs/handover/attic on old.';
  return {
    ref: 'refs/handover/attic' as RefName,
    kind: 'unhooked',
    old: null,
    gitlab: null,
    agreed: null,
    since: new Date().toISOString(),
    words,
  };
}

/** The broken file stays, for people. */
function keep({ state }: Mendable, name: string): void {
  const file = path.join(state, name);
  if (!fs.existsSync(file)) return;
  fs.mkdirSync(path.join(state, 'aside'), { recursive: true });
  fs.copyFileSync(file, path.join(state, 'aside', `${Date.now()}-${name}`));
}
