/** Which processes belong to a part of the lab, as the kernel tells it. A part marks its processes with its folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { markName, until } from './processes';

/**
 * Living processes that descend from `pid`, without itself. Those that lost their parent are found by their mark only.
 */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const below = (one: number): number[] => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Living processes that carry the mark of this folder or of one below it. */
export function marked(folder: string): number[] {
  const exact = `${markName}=${folder}`;
  return pids().filter(
    (pid) => pid !== process.pid && environment(pid).some((entry) => entry === exact || entry.startsWith(`${exact}/`)),
  );
}

/** Living processes whose command line, its words joined by blanks, says this. */
export function running(words: string): number[] {
  return pids().filter((pid) => read(`/proc/${pid}/cmdline`).replace(/\0/g, ' ').includes(words));
}

/** Kills what `find` finds until it finds nothing more: a process may start another one while it is being killed. */
export async function killAll(what: string, find: () => number[]): Promise<void> {
  await until(`${what} to be gone`, () => find().map(kill).length === 0, 10_000, 5);
}

/**
 * Kills a process and all that descend from it, now. Stopped first, so that it starts nothing meanwhile and its
 * children can still be told from others'.
 */
export function killTree(pid: number): void {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGSTOP');
  [...descendants(pid), pid].forEach(kill);
}

export function isAlive(pid: number): boolean {
  return stat(pid) !== null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parents(): [number, number][] {
  return pids().flatMap((pid): [number, number][] => {
    const parent = stat(pid);
    return parent === null ? [] : [[pid, parent]];
  });
}

/** The parent of a process; null when it is gone, or dead and only not yet collected. */
function stat(pid: number): number | null {
  const text = read(`/proc/${pid}/stat`);
  const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' || state === 'Z' || state === 'X' ? null : Number(parent);
}

function environment(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

/** Empty when the process is gone or not ours to look at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
