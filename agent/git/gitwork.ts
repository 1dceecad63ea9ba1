/** Processes of git that work in a repository, found by what git calls them. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { commandOf, isDenied, living, pidsOfAll, startOf, worksIn, type ProcessId } from '../machine/processes';

export interface GitProcess extends ProcessId {
  readonly command: string;
}

/**
 * Processes of git that work in a folder: cwd in it. Where another account's does not show it, receive-packs count by
 * their argument.
 */
export function gitProcessesIn(folder: string): GitProcess[] {
  const real = fs.realpathSync(folder);
  return pidsOfAll().flatMap((pid) => {
    const command = commandOf(pid);
    if (!command.includes('git')) return [];
    return living(pid)
      .filter(() => worksIn(pid, real) ?? receivesFor(command, folder, real))
      .map((id) => ({ ...id, command }));
  });
}

/** It takes a push of somebody's. */
export function isReceivePack({ command }: GitProcess): boolean {
  return command.includes('receive-pack');
}

/** It sends to another repository. */
export function isPush({ command }: GitProcess): boolean {
  return command.includes(' push ');
}

/**
 * Whether a process of git works in a folder, by its cwd, GIT_DIR or arguments. `unknown`: there are processes of git
 * that this account may not look into, or /proc hides those of others.
 */
export function gitWorkIn(folder: string): 'none' | 'some' | 'unknown' {
  const real = fs.realpathSync(folder);
  const pids = pidsOfAll();
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
