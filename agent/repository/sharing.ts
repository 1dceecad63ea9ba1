/**
 * Repositories that several accounts push to (core.sharedRepository). Hooks run as each of them, so what they need of
 * ours is open to the repository's group: the state, a folder for their leases, one for their proofs (hook/proofs.ts),
 * and a place for wake-ups. The key, the journal, the settings and the log stay the agent's alone.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeFolderBelow, openBelow, statBelow, type Spot } from '../machine/below';
import { readRegular } from '../machine/files';
import { configValues } from '../git/repoconfig';

/** Who may write into a repository beside its owner. */
export type Sharing = 'nobody' | 'group' | 'everybody';

interface Modes {
  readonly state: number;
  /** Not sticky: where fs.protected_regular is on, the agent could not append to a lease there. */
  readonly leases: number;
}

const modes: Readonly<Record<Exclude<Sharing, 'nobody'>, Modes>> = {
  group: { state: 0o2750, leases: 0o2770 },
  everybody: { state: 0o2755, leases: 0o2777 },
};

/** As the repository's own configuration says. Costs no process where the file does not hold the word. */
export async function sharingOf(directory: string): Promise<Sharing> {
  const file = path.join(directory, 'config');
  const text = readRegular(file);
  if (text !== null && !/sharedrepository/i.test(text)) return 'nobody';
  const values = await configValues(file, 'core.sharedRepository');
  return parseSharing(values[values.length - 1] ?? '');
}

/** As git reads it: names, or a mode in octal digits. */
export function parseSharing(value: string): Sharing {
  const word = value.toLowerCase();
  if (/^(true|yes|on|1|group|2|all|world|everybody)$/.test(word)) return 'group';
  if (!/^0[0-7]{3}$/.test(word)) return 'nobody';
  const mode = parseInt(word, 8);
  if ((mode & 0o002) !== 0) return 'everybody';
  return (mode & 0o020) !== 0 ? 'group' : 'nobody';
}

/** What the state folder was made for: passes ask it without a process. */
export function sharedFor(state: string): Sharing {
  const mode = fs.statSync(state, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o2000) === 0) return 'nobody';
  return (mode & 0o005) !== 0 ? 'everybody' : 'group';
}

/** Opens the state folder as far as the repository is shared, and closes it again where it no longer is. */
export function shareState(state: string, directory: string, sharing: Sharing): void {
  const pushes = path.join(state, 'pushes');
  if (sharing === 'nobody') {
    fs.chmodSync(pushes, 0o700);
    if (sharedFor(state) !== 'nobody') fs.chmodSync(state, 0o755);
    return;
  }
  const { gid } = fs.statSync(directory);
  openFolder({ root: state, name: 'pushes' }, gid, modes[sharing].leases);
  openFolder({ root: state, name: '' }, gid, modes[sharing].state);
}

/** A folder of the agent's for this group; changing the group takes the setgid bit away, so the mode comes last. */
function openFolder(spot: Spot, gid: number, mode: number): void {
  openBelow(spot, (descriptor, stat) => {
    if (stat.gid !== gid) fs.fchownSync(descriptor, stat.uid, gid);
    if (stat.gid !== gid || (stat.mode & 0o7777) !== mode) fs.fchmodSync(descriptor, mode);
  });
}

/** Where those who ask the agent prove who they are: in the repository, as who can make a file there may push to it. */
export const proofFolder = 'git-handover/asks';

export function isProofFolderOpen(directory: string, state: string): boolean {
  const sharing = sharedFor(state);
  const stat = statBelow({ root: directory, name: proofFolder });
  return (
    sharing === 'nobody' ||
    (stat?.isDirectory() === true &&
      (stat.mode & 0o7777) === modes[sharing].leases &&
      stat.gid === fs.statSync(directory).gid)
  );
}

export function openProofFolder(directory: string, state: string): void {
  const sharing = sharedFor(state);
  if (sharing === 'nobody') return;
  const folder = { root: directory, name: proofFolder };
  makeFolderBelow(folder);
  openFolder(folder, fs.statSync(directory).gid, modes[sharing].leases);
}

/** Sticky: nobody takes another's wake-up away. Nobody but the agent lists it. */
export function wakeMode(states: readonly string[]): number {
  return states.some((state) => sharedFor(state) !== 'nobody') ? 0o1733 : 0o700;
}
