/**
 * Leases and records on disk, written by the shims, read here. In <state>/pushes a push has
 *   <id>         control lines: `enter <uptime s>`, `wait`, `act <epoch> <phase>`, `from <who> at <address>`, `sent <uptime s>`, `answered`, `updated`, `ended`, `refused`
 *   <id>.refs    its records, `before after ref` a line, whole once `enter` is written
 *   <id>.landed  what post-receive listed, whole once `ended` is written
 *   <id>.out, <id>.err   what git push printed; they go with the lease
 * The id is <boot id>.<receive-pack's pid>.<its start>.<hook's pid>.<its start>: the owner is known even from an empty file.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isPhase } from './phase';
import { descendantsOf, end, isAlive, pause, type ProcessId } from './processes';
import { namesIn, readIfThere, replaceFile } from './files';
import { parseUpdate, printUpdate } from './refs';
import type { Instant, Lease, LeaseStage, RefName, Update } from './world';

interface Owner {
  readonly boot: string;
  /** receive-pack, then the hook. */
  readonly processes: readonly [ProcessId, ProcessId];
}

export function readLeases(folder: string, now: Instant): Lease[] {
  const names = namesIn(folder).filter((name) => /^[0-9a-f-]+(\.\d+){4}$/.test(name));
  return names.map((name) => readLease(path.join(folder, name), now)).filter((lease): lease is Lease => lease !== null).sort((a, b) => a.began.uptimeMs - b.began.uptimeMs);
}

/** Null when it went away while we looked, or was refused: a refused push leaves no witness. */
function readLease(file: string, now: Instant): Lease | null {
  // Whether its processes live is asked before what they wrote is read: the other way round a push that ended in between would seem cut off.
  const owner = parseOwner(path.basename(file));
  const alive = owner.boot === now.boot && owner.processes.some(isAlive);
  const control = readIfThere(file);
  if (control === null) return null;
  const lines = control.split('\n').slice(0, -1);
  if (lines.includes('refused')) return alive ? null : dropRefused(file);
  const ended = lines.includes('ended');
  const entered = lines.some((line) => line.startsWith('enter '));
  const sent = lastNumber(lines, 'sent ');
  const began = { boot: owner.boot, uptimeMs: lastNumber(lines.slice(0, 1), 'enter ') ?? now.uptimeMs };
  return {
    id: path.basename(file),
    stage: stageOf(lines),
    live: alive && !ended,
    began,
    updates: entered ? parseUpdates(readIfThere(`${file}.refs`) ?? '') : alive ? null : [],
    landed: ended ? parseUpdates(readIfThere(`${file}.landed`) ?? '') : null,
    sent: sent === null ? null : { boot: owner.boot, uptimeMs: sent },
    answered: lines.includes('answered'),
    from: lines.find((line) => line.startsWith('from '))?.slice('from '.length) ?? null,
    pids: owner.processes.filter(isAlive).map(({ pid }) => pid),
  };
}

function dropRefused(file: string): null {
  removeLease(path.dirname(file), path.basename(file));
  return null;
}

function parseOwner(name: string): Owner {
  const [boot = '', pid = '', start = '', hookPid = '', hookStart = ''] = name.split('.');
  return { boot, processes: [{ pid: Number(pid), start }, { pid: Number(hookPid), start: hookStart }] };
}

function stageOf(lines: readonly string[]): LeaseStage {
  const last = [...lines].reverse().find((line) => /^(enter|wait|act)( |$)/.test(line)) ?? '';
  if (last.startsWith('wait')) return { kind: 'waiting' };
  const [, epoch = '', phase = ''] = /^act (\d+) (\S+)$/.exec(last) ?? [];
  return isPhase(phase) ? { kind: 'acting', epoch: Number(epoch), phase } : { kind: 'entering' };
}

function lastNumber(lines: readonly string[], prefix: string): number | null {
  const line = [...lines].reverse().find((candidate) => candidate.startsWith(prefix));
  return line === undefined ? null : Math.round(Number(line.slice(prefix.length)) * 1000);
}

/** A line that the disk cut short proves nothing and is left out. */
function parseUpdates(text: string): Update[] {
  return text.split('\n').slice(0, -1).flatMap((line) => {
    try {
      return [parseUpdate(line)];
    } catch {
      return [];
    }
  });
}

/** Forgets the records of these refs in an ended lease. */
export function settleLease(folder: string, lease: Lease, refs: ReadonlySet<RefName>): void {
  const kept = (lease.landed ?? lease.updates ?? []).filter((update) => !refs.has(update.ref));
  if (kept.length === 0) removeLease(folder, lease.id);
  else replaceFile(path.join(folder, `${lease.id}.${lease.landed === null ? 'refs' : 'landed'}`), kept.map((update) => `${printUpdate(update)}\n`).join(''));
}

export function removeLease(folder: string, id: string): void {
  for (const name of [id, `${id}.refs`, `${id}.landed`, `${id}.out`, `${id}.err`]) fs.rmSync(path.join(folder, name), { force: true });
}

/**
 * Ends the processes of a lease: the hook last, since its end lets receive-pack go on. A push to GitLab would go on without its
 * hook, so what the hook started is ended too.
 */
export function endLease(id: string): void {
  const [receivePack, hook] = parseOwner(id).processes;
  pause(hook);
  [receivePack, ...descendantsOf(hook), hook].forEach(end);
}

/** Until now it was sending: GitLab's longest push counts from the end of its client, not from its beginning. */
export function noteEndOfSending(file: string, now: Instant): void {
  const lines = (readIfThere(file) ?? '').split('\n');
  if (lines.some((line) => line.startsWith('sent ')) && !lines.includes('answered')) fs.appendFileSync(file, `\nsent ${(now.uptimeMs / 1000).toFixed(2)}\n`);
}

export function isLeaseAlive(id: string): boolean {
  return parseOwner(id).processes.some(isAlive);
}
