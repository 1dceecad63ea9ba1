/** Which processes live, from /proc. A process is its id and its start time: ids are used again. */
import * as fs from 'node:fs';

export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks after boot. */
  readonly start: string;
}

/** For a process of the agent's own: nothing that git set for a hook, such as its quarantine. */
export function environmentWithoutGit(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
}

/** Start time of a living process; null when there is none or it is a zombie, which can do nothing any more. */
export function startOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

export function isAlive(id: ProcessId): boolean {
  return startOf(id.pid) === id.start;
}

/** Kills a process if it is still the one that was meant. */
export function end(id: ProcessId): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

/** Another account's: only that one or root may end it. */
export function isForeign({ pid }: ProcessId): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isDenied(error);
  }
}

/** A process stands still: what it started can be found, and it starts nothing more. */
export function pause(id: ProcessId): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, 'SIGSTOP');
  } catch {
    // It ended by itself in between.
  }
}

/** What a living process started, and what that started; the nearest first. */
export function descendantsOf(id: ProcessId): ProcessId[] {
  if (!isAlive(id)) return [];
  const all = pidsOfAll().map((name) => ({ pid: Number(name), parent: parentOf(name), start: startOf(Number(name)) }));
  const below = (pid: number): ProcessId[] =>
    all.flatMap((found) =>
      found.parent === pid && found.start !== null ? [{ pid: found.pid, start: found.start }, ...below(found.pid)] : [],
    );
  return below(id.pid);
}

/** Stands still first, so that it starts nothing more: then all that it started, and itself. */
export function endTree(id: ProcessId): void {
  pause(id);
  [...descendantsOf(id), id].forEach(end);
}

/** Living processes of this account whose command line holds these words, one after the other. */
export function processesCalled(words: readonly string[]): ProcessId[] {
  const called = ` ${words.join(' ')} `;
  return pidsOfAll()
    .filter((pid) => ownerOf(pid) === process.getuid?.() && ` ${commandOf(pid)} `.includes(called))
    .flatMap(living);
}

/** Of every process that this account may see. */
export function pidsOfAll(): string[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** None when it is gone by now. */
export function living(pid: string): ProcessId[] {
  const start = startOf(Number(pid));
  return start === null ? [] : [{ pid: Number(pid), start }];
}

/** By whose rights it makes files, also where it hides what it is; null when it is gone. */
export function accountOf(pid: number): number | null {
  try {
    const [, uid] = /^Uid:\t\d+\t(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}

function ownerOf(pid: string): number | null {
  return fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}

function parentOf(pid: string): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Another account's business, or hidden from this one. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

/** Its command line as one text; empty where there is none. */
export function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** Whether its cwd lies in this folder; null where it may not be seen. */
export function worksIn(pid: string, real: string): boolean | null {
  try {
    const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
    return cwd === real || cwd.startsWith(`${real}/`);
  } catch (error) {
    return isDenied(error) ? null : false;
  }
}
