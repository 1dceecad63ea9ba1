/** Which processes live, from /proc. A process is its id and its start time: ids are used again. */
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks after boot. */
  readonly start: string;
}

/** For a process of the agent's own: nothing that git set for a hook, such as its quarantine. */
export function environmentWithoutGit(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') || name === 'GIT_HANDOVER_BOOT_ID_FILE'),
  );
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
  const all = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(name), start: startOf(Number(name)) }));
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
export function processesCalled(words: string): ProcessId[] {
  return fs
    .readdirSync('/proc')
    .filter(
      (name) =>
        /^\d+$/.test(name) && ownerOf(name) === process.getuid?.() && ` ${commandOf(name)} `.includes(` ${words} `),
    )
    .flatMap((name) => {
      const start = startOf(Number(name));
      return start === null ? [] : [{ pid: Number(name), start }];
    });
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

/**
 * Processes of git that work in a folder: cwd in it. Where another account's does not show it, receive-packs count by
 * their argument.
 */
export function gitProcessesIn(folder: string): (ProcessId & { readonly command: string })[] {
  const real = fs.realpathSync(folder);
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = commandOf(name);
      const start = startOf(Number(name));
      if (start === null || !command.includes('git') || !(worksIn(name, real) ?? receivesFor(command, folder, real)))
        return [];
      return [{ pid: Number(name), start, command }];
    });
}

/**
 * Whether a process of git works in a folder, by its cwd, GIT_DIR or arguments. `unknown`: there are processes of git
 * that this account may not look into, or /proc hides those of others.
 */
export function gitWorkIn(folder: string): 'none' | 'some' | 'unknown' {
  const real = fs.realpathSync(folder);
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const looks = pids
    .filter((pid) => Number(pid) !== process.pid && isGit(pid) && startOf(Number(pid)) !== null)
    .map((pid) => lookInto(pid, folder, real));
  if (looks.includes('some')) return 'some';
  // Where /proc hides other accounts' processes (hidepid), init is hidden as well.
  return looks.includes('unknown') || !pids.includes('1') ? 'unknown' : 'none';
}

/** By the program's name: many a command line only mentions git. */
function isGit(pid: string): boolean {
  return commandOf(pid)
    .split(' ')
    .slice(0, 3)
    .some((word) => /(^|\/)git(-[a-z-]+)?$/.test(word));
}

function lookInto(pid: string, folder: string, real: string): 'none' | 'some' | 'unknown' {
  const named = commandOf(pid)
    .split(' ')
    .some((word) => word === folder || word === real || word.endsWith(`=${folder}`) || word.endsWith(`=${real}`));
  if (named || worksIn(pid, real) === true) return 'some';
  try {
    const gitDir = fs
      .readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .find((line) => line.startsWith('GIT_DIR='))
      ?.slice('GIT_DIR='.length);
    if (gitDir === undefined) return 'none';
    return fs.realpathSync(path.resolve(fs.readlinkSync(`/proc/${pid}/cwd`), gitDir)) === real ? 'some' : 'none';
  } catch (error) {
    return isDenied(error) ? 'unknown' : 'none';
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** By its last argument; a relative one could be any repository. */
function receivesFor(command: string, folder: string, real: string): boolean {
  const [, place] = /(?:^|[/ ])git[ -]receive-pack (?:.* )?(\S+)$/.exec(command) ?? [];
  if (place === undefined || /^(sh|bash|\S*\/sh|\S*\/bash) -c /.test(command)) return false;
  if (!path.isAbsolute(place)) return true;
  const named = [place, `${place}.git`]
    .filter((candidate) => fs.existsSync(candidate))
    .map((candidate) => fs.realpathSync(candidate));
  return place === folder || named.includes(real);
}

/** Null where it may not be seen. */
function worksIn(pid: string, real: string): boolean | null {
  try {
    const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
    return cwd === real || cwd.startsWith(`${real}/`);
  } catch (error) {
    return isDenied(error) ? null : false;
  }
}
