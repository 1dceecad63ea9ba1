/**
 * Whether somebody may ask for what they ask: a push of their own, that runs, to a shared repository that they may
 * write to.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { unreadableWords, type AskRequest } from './askwords';
import { readIfThere } from '../machine/files';
import { isLeaseAlive } from '../repository/leases';
import { sharedFor } from '../repository/sharing';
import { parseState } from '../rules/statefile';

export interface Admitted {
  readonly state: string;
  readonly directory: string;
  /** The lease. */
  readonly file: string;
  /** The account that pushes. */
  readonly uid: number;
  /** Variables of git for the objects of this push. */
  readonly quarantine: Readonly<Record<string, string>>;
}

/** It was asked for before, and may have been sent: nobody may say that nothing was taken (P6). */
const unsure = 'Whether GitLab took this push is unknown. In a minute, look:\n  git fetch';
const strange = 'Cannot take this push: its hook did not prove whose it is.\nNothing was taken. Ask the administrator.';

/** What it may do, or the words of a refusal. `proverOf` answers the account whose proof lies in this repository. */
export function admit(
  folder: string,
  request: AskRequest,
  proverOf: (directory: string) => number | null,
): Admitted | string {
  const refusal = request.what === 'look' ? unsure : strange;
  const state = path.join(folder, 'repositories', request.state);
  if (!fs.existsSync(path.join(state, 'config.json')) || sharedFor(state) === 'nobody') return refusal;
  const directory = parseState(readIfThere(path.join(state, 'state')) ?? '')?.directory;
  if (directory === undefined) return request.what === 'look' ? unsure : unreadableWords;
  const uid = proverOf(directory);
  if (uid === null) return refusal;
  const file = path.join(state, 'pushes', request.lease);
  const lease = fs.lstatSync(file, { throwIfNoEntry: false });
  if (lease === undefined && request.what === 'look')
    return 'GitLab did not take this push; why not was lost with the process of\ngit-handover that knew. Push again.';
  if (lease === undefined || !lease.isFile() || lease.nlink !== 1 || lease.uid !== uid || !isLeaseAlive(request.lease))
    return refusal;
  const quarantine = quarantineOf(request.quarantine, directory, uid);
  return quarantine === null ? refusal : { state, directory, file, uid, quarantine };
}

/**
 * Git's own names for the objects of a push, made anew: nothing of them is taken from whoever asks but which of its
 * folders it is.
 */
function quarantineOf(asked: string | null, directory: string, uid: number): Record<string, string> | null {
  if (asked === null) return {};
  const objects = fs.realpathSync(path.join(directory, 'objects'));
  const place = path.join(objects, path.basename(asked));
  const stat = fs.lstatSync(place, { throwIfNoEntry: false });
  const isNamed =
    /^(tmp_objdir-)?incoming-[A-Za-z0-9]+$/.test(path.basename(asked)) && isSameFolder(path.dirname(asked), objects);
  if (!isNamed || stat === undefined || !stat.isDirectory() || stat.uid !== uid) return null;
  return {
    GIT_QUARANTINE_PATH: place,
    GIT_OBJECT_DIRECTORY: place,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoteForGit(objects),
  };
}

function isSameFolder(place: string, objects: string): boolean {
  try {
    return fs.realpathSync(place) === objects;
  } catch {
    return false;
  }
}

/** In a list of paths a colon parts them. */
function quoteForGit(place: string): string {
  return /[:"]/.test(place) ? `"${place.replace(/["\\]/g, '\\$&')}"` : place;
}
