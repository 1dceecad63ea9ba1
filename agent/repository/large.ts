/**
 * How large a repository is, as far as `stat` tells, and whether its passes are parked: <state>/parked. A file that is
 * missing or cannot be read says that they are not.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import type { Fault } from '../contract/views';
import { countPackedRefs, packedBytes } from '../git/packedrefs';
import { systemClock } from '../machine/clock';
import { namesIn, readOrNull, replaceFile } from '../machine/files';
import { besideOthers, parkedMs, passMegabytesDefault, staysParked, type Parked } from '../rules/large';
import { parseState } from '../rules/statefile';
import { agoMs } from '../rules/time';
import { leaseFolders } from './leases';
import { agentConfigOrNull } from './place';

export function passMegabytes(folder: string): number {
  return agentConfigOrNull(folder)?.passMegabytes ?? passMegabytesDefault;
}

/** Whether a look at it is too much for a process that looks at others as well. */
export function isLarge(state: string): boolean {
  const files = ['', ...leaseFolders].map((name) => bytesIn(path.join(state, name)));
  return files.reduce((sum, bytes) => sum + bytes, packedBytesOf(state)) > besideOthers.fileBytes;
}

function bytesIn(folder: string): number {
  return namesIn(folder)
    .map((name) => fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false }))
    .reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
}

function directoryOf(state: string): string | null {
  return parseState(readOrNull(path.join(state, 'state')) ?? '')?.directory ?? null;
}

function packedBytesOf(state: string): number {
  const directory = directoryOf(state);
  return directory === null ? 0 : packedBytes(directory);
}

/** For messages: where the repository lies. */
export function pathOf(state: string): string {
  return directoryOf(state) ?? path.basename(state);
}

/** For messages; 0 where it cannot be read. */
export function packedRefsOf(state: string): number {
  try {
    return countPackedRefs(directoryOf(state) ?? '');
  } catch {
    return 0;
  }
}

/** Its passes are not to be tried now. */
export function isParked(folder: string, state: string): boolean {
  const parked = readParked(state);
  return (
    parked !== null &&
    staysParked(parked, {
      sinceTriedMs: agoMs(parked.tried, systemClock),
      megabytes: passMegabytes(folder),
      packedBytes: packedBytesOf(state),
    })
  );
}

/** A pass outgrew its room. On a full disk it cannot be noted: then the next pass tries again. */
export function park(folder: string, state: string, { message, next }: Fault): void {
  const before = readParked(state);
  const wall = systemClock.wall();
  const parked: Parked = {
    since: before?.since ?? wall,
    tried: { wall, at: systemClock.now() },
    tries: (before?.tries ?? 0) + 1,
    megabytes: passMegabytes(folder),
    packedBytes: packedBytesOf(state),
    message,
    next,
  };
  try {
    replaceFile(path.join(state, 'parked'), JSON.stringify(parked));
  } catch {
    return;
  }
}

/** A pass ended well. */
export function forgetParked(state: string): void {
  fs.rmSync(path.join(state, 'parked'), { force: true });
}

export function readParked(state: string): Parked | null {
  try {
    const parked = JSON.parse(readOrNull(path.join(state, 'parked')) ?? 'null') as Parked | null;
    return parked !== null && parked.tries > 0 && typeof parked.tried.wall === 'string' ? parked : null;
  } catch {
    return null;
  }
}

/** What `status` says of it; null when its passes run. */
export function parkedFault(repository: string, state: string): Fault | null {
  const parked = readParked(state);
  if (parked === null) return null;
  const { since, message, next } = parked;
  const minutes = Math.round(parkedMs(parked) / 60_000);
  return faults.parked({ path: repository, since, message, next, minutes }).fault;
}
