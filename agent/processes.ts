/** Which processes live, from /proc. A process is its id and its start time: ids are used again. */
import * as fs from 'node:fs';

export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks after boot. */
  readonly start: string;
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
  const all = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), parent: parentOf(name), start: startOf(Number(name)) }));
  const below = (pid: number): ProcessId[] => all.flatMap((found) => (found.parent === pid && found.start !== null ? [{ pid: found.pid, start: found.start }, ...below(found.pid)] : []));
  return below(id.pid);
}

function parentOf(pid: string): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Processes of git that work in a folder: cwd in it or GIT_DIR naming it. Those of others show nothing and are left out. */
export function gitProcessesIn(folder: string): (ProcessId & { readonly command: string })[] {
  const real = fs.realpathSync(folder);
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const command = commandOf(name);
    const start = startOf(Number(name));
    if (start === null || !command.includes('git') || !worksIn(name, real)) return [];
    return [{ pid: Number(name), start, command }];
  });
}

function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

function worksIn(pid: string, real: string): boolean {
  try {
    const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
    return cwd === real || cwd.startsWith(`${real}/`);
  } catch {
    return false;
  }
}
