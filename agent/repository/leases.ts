/**
 * Leases and records on disk, written by the shims, read here; leasefile.ts says what the files hold. In <state>/pushes
 * a push has <id>, <id>.refs, <id>.landed, and <id>.out, <id>.err (what git push printed; they go with the lease). The
 * id is <boot id>.<receive-pack's pid>.<its start>.<hook's pid>.<its start>: the owner is known even from an empty
 * file.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { otherOwner } from '../machine/accountname';
import {
  controlBytesMax,
  endOfSending,
  leaseEndings,
  leaseFrom,
  oldestFirst,
  printControl,
  says,
  wholeLines,
} from '../rules/leasefile';
import { descendantsOf, end, isAlive, pause, type ProcessId } from '../machine/processes';
import { appendPlain, flushFolder, flushPlain, namesIn, readPlain, replaceFile } from '../machine/files';
import { changesOf } from '../rules/records';
import { printUpdate } from '../rules/refs';
import type { Instant, Lease, RefName } from '../rules/values';
import type { PushLease } from '../rules/ports';

interface Owner {
  readonly boot: string;
  /** receive-pack, then the hook. */
  readonly processes: readonly [ProcessId, ProcessId];
}

/** In a state folder: what hooks write, and what the agent alone writes where it sends for another account. */
export const leaseFolders = ['pushes', 'sends'] as const;

/** Where this lease is. */
export function leaseFolder(state: string, id: string): string {
  const [pushes, sends] = leaseFolders.map((name) => path.join(state, name));
  return sends !== undefined && fs.existsSync(path.join(sends, id)) ? sends : (pushes ?? '');
}

export function readLeases(folder: string, now: Instant): Lease[] {
  const leases = idsIn(folder).map((id) => readLease(path.join(folder, id), now));
  return oldestFirst(
    leases.filter((lease): lease is Lease => lease !== null),
    now,
  );
}

function idsIn(folder: string): string[] {
  return namesIn(folder).filter((name) => /^[0-9a-f-]+(\.\d+){4}$/.test(name));
}

/** Null when it went away while we looked, or was refused: a refused push leaves no record. */
function readLease(file: string, now: Instant): Lease | null {
  const id = path.basename(file);
  // Whether its processes live is asked before what they wrote is read: the other way round a push that ended in
  // between would seem cut off.
  const { boot } = parseOwner(id);
  const pids = livingOf(id, now);
  const control = readPlain(file, controlBytesMax);
  if (control === null) return null;
  const lease = leaseFrom(
    {
      id,
      boot,
      pids,
      account: otherOwner(file),
      control,
      refs: () => readPlain(file + leaseEndings.refs) ?? '',
      landed: () => readPlain(file + leaseEndings.landed) ?? '',
    },
    now,
  );
  return lease === 'refused' ? null : lease;
}

function livingOf(id: string, now: Instant): number[] {
  const { boot, processes } = parseOwner(id);
  return boot === now.boot ? processes.filter(isAlive).map(({ pid }) => pid) : [];
}

/** Takes away the files of refused pushes that were killed before they could do it themselves. */
export function removeRefused(folder: string, now: Instant): void {
  for (const id of idsIn(folder)) {
    const isRefused = says(wholeLines(readPlain(path.join(folder, id), controlBytesMax) ?? ''), 'refused');
    if (isRefused && livingOf(id, now).length === 0) removeLease(folder, id);
  }
}

function parseOwner(name: string): Owner {
  const [boot = '', pid = '', start = '', hookPid = '', hookStart = ''] = name.split('.');
  return {
    boot,
    processes: [
      { pid: Number(pid), start },
      { pid: Number(hookPid), start: hookStart },
    ],
  };
}

/** Forgets the records of these refs in an ended lease. */
export function forgetRecords(folder: string, lease: Lease, refs: ReadonlySet<RefName>): void {
  const kept = changesOf(lease).filter((update) => !refs.has(update.ref));
  if (kept.length === 0) removeLease(folder, lease.id);
  else
    replaceFile(
      path.join(folder, lease.id + leaseEndings[lease.landed === null ? 'refs' : 'landed']),
      kept.map((update) => `${printUpdate(update)}\n`).join(''),
    );
}

export function removeLease(folder: string, id: string): void {
  for (const ending of ['', ...Object.values(leaseEndings)]) fs.rmSync(path.join(folder, id + ending), { force: true });
}

/**
 * Ends these processes of a lease: the hook last, since its end lets receive-pack go on. A push to GitLab would go on
 * without its hook, so what the hook started is ended too.
 */
export function endPush(id: string, isMeant: (one: ProcessId) => boolean): void {
  const [receivePack, hook] = parseOwner(id).processes.map((one) => (isMeant(one) ? one : null));
  if (hook) pause(hook);
  const all = [receivePack, ...(hook ? descendantsOf(hook) : []), hook];
  all.forEach((one) => one && end(one));
}

/** Receive-pack and hook that it names, as far as they live. Whoever may write leases can name any process in one. */
export function livingProcesses(id: string): ProcessId[] {
  return parseOwner(id).processes.filter(isAlive);
}

/** Its client is gone as of now: GitLab's longest push counts from the end of its client, not from its beginning. */
export function noteEndOfSending(file: string, now: Instant): void {
  const text = endOfSending(readPlain(file, controlBytesMax) ?? '', now);
  // On a full disk the next look tries again.
  if (text !== '') appendIfRoom(file, text);
}

function appendIfRoom(file: string, text: string): void {
  try {
    appendPlain(file, text, false);
  } catch {
    return;
  }
}

export function isLeaseAlive(id: string): boolean {
  return livingProcesses(id).length > 0;
}

export function leaseFile(file: string): PushLease {
  return {
    note: (line, flush) => {
      appendPlain(file, printControl(line), flush);
      if (!flush) return;
      // The shim flushes them only where it sends by itself.
      flushPlain(file + leaseEndings.refs);
      flushFolder(path.dirname(file));
    },
    refused: () => {
      try {
        appendPlain(file, printControl('refused'), false);
      } catch {
        // A full disk takes no line, and still lets go of the files.
      }
      removeLease(path.dirname(file), path.basename(file));
    },
  };
}
