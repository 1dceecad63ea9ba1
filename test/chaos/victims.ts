/** Processes of the lab that a fault may strike, found by what they run and where. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random';

/** The words of each living process, by its id. */
export function commands(): Map<number, readonly string[]> {
  return new Map(pids().map((pid) => [pid, words(pid)]));
}

/** Of those that work in a folder. */
function commandsIn(folder: string): Map<number, readonly string[]> {
  return new Map(
    pids()
      .filter((pid) => quietly(() => readlinkSync(`/proc/${pid}/cwd`)) === folder)
      .map((pid) => [pid, words(pid)]),
  );
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function words(pid: number): string[] {
  return quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).split('\0');
}

function matching(
  found: ReadonlyMap<number, readonly string[]>,
  matches: (words: readonly string[]) => boolean,
): number[] {
  return [...found].filter(([, words]) => matches(words)).map(([pid]) => pid);
}

/** receive-pack in this repository: git runs it there. */
export function receivePacks(repository: string): number[] {
  return matching(commandsIn(repository), (words) =>
    words.some((word) => /^(?:.*\/)?(?:git-)?receive-pack$/.test(word)),
  );
}

/** Hooks of pushes into this repository: the script, not what it started. */
export function hooks(repository: string): number[] {
  return matching(commandsIn(repository), (words) => words.some((word) => /hooks\/(?:pre|post)-receive$/.test(word)));
}

/** Gitaly's hooks of pushes into this repository. */
export function gitalyHooks(repository: string): number[] {
  return matching(commandsIn(repository), (words) =>
    words.some((word) => /hooks-\d+\.d\/(?:pre-receive|post-receive|reference-transaction|update)$/.test(word)),
  );
}

/** Node processes that run this file. */
export function nodes(script: string): number[] {
  return matching(commands(), (words) => words[0]?.endsWith('node') === true && words.includes(script));
}

const lookMs = 5;

/** Kills one of those that are found, some moment of its life after it was seen; false when there was none in time. */
export async function killOne(
  find: () => readonly number[],
  random: Random,
  { withinMs, delayMs }: { withinMs: number; delayMs: number },
): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (find().length > 0) await pause(random.whole(0, delayMs));
    const [first, ...others] = find();
    if (first !== undefined && kill(random.pick([first, ...others]))) return true;
    await pause(lookMs);
  }
  return false;
}

/** False when it ended by itself meanwhile. */
export function kill(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
