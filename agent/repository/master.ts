/**
 * Whose hooks a repository has: git-handover/where in it names a state folder. Where that one is another living one, of
 * another agent or for another path, two would bring the repository after two phases, and each would undo what the
 * other took.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Phase } from '../contract/phase';
import { faults } from '../contract/faults';
import { readBelow } from '../machine/below';
import { isMissing } from '../machine/files';
import { toText } from '../rules/bytes';
import { parseState } from '../rules/statefile';

export interface Master {
  /** Its state folder. */
  readonly state: string;
  /** Null where its state cannot be read: nobody may guess that it is over. */
  readonly phase: Phase | null;
}

/**
 * Null where nobody else has it: the folder is gone with its agent, or the repository is a copy, whose original the
 * state names.
 */
export function otherMaster(directory: string, own: string): Master | null {
  const state = toText(readWhere(directory)?.split('\n')[0] ?? '');
  if (state === '' || isSame(state, own)) return null;
  const sealed = readState(state);
  if (sealed === null) return null;
  const known = parseState(sealed);
  if (known === null) return { state, phase: null };
  return isAbout(known, directory) ? { state, phase: known.phase } : null;
}

/** Null as well for what is no file of the repository itself. */
export function readWhere(directory: string): string | null {
  try {
    return readBelow({ root: directory, name: 'git-handover/where' });
  } catch {
    return null;
  }
}

/** Null where there is none; empty where it may not be read. */
function readState(state: string): string | null {
  try {
    return fs.readFileSync(path.join(state, 'state'), 'latin1');
  } catch (error) {
    return isMissing(error) ? null : '';
  }
}

/** By its place, also after a restore there, or by the folder itself, also where somebody renamed it. */
function isAbout(known: { readonly directory: string; readonly identity: string }, directory: string): boolean {
  const { dev, ino } = fs.statSync(directory);
  return known.identity === `${dev}:${ino}` || isSame(known.directory, directory);
}

function isSame(one: string, other: string): boolean {
  return one === other || (realOf(one) !== null && realOf(one) === realOf(other));
}

function realOf(place: string): string | null {
  try {
    return fs.realpathSync(place);
  } catch {
    return null;
  }
}

/** `what` as the sentence goes on after "Cannot". */
export function refuseOtherMaster(
  what: string,
  { directory, state }: { readonly directory: string; readonly state: string },
): void {
  const other = otherMaster(directory, state);
  if (other !== null) throw faults.otherMaster({ what, ...other });
}
