/** Processes of the lab that a fault may strike, found by what they run and where. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random';

export interface Running {
  readonly pid: number;
  readonly words: readonly string[];
  /** Empty when it is gone. */
  readonly cwd: string;
}

/** Of all processes that live now. */
export function running(): Running[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({
    pid: Number(name),
    words: quietly(() => readFileSync(`/proc/${name}/cmdline`, 'latin1')).split('\0'),
    cwd: quietly(() => readlinkSync(`/proc/${name}/cwd`)),
  }));
}

/** receive-pack in this repository: git runs it there. */
export function receivePacks(repository: string): number[] {
  return running().filter(({ cwd, words }) => cwd === repository && /receive-pack/.test(words.slice(0, 2).join(' '))).map(({ pid }) => pid);
}

/** Hooks of pushes into this repository: the script, not what it started. */
export function hooks(repository: string): number[] {
  return running().filter(({ cwd, words }) => cwd === repository && words.some((word) => /hooks\/(?:pre|post)-receive$/.test(word))).map(({ pid }) => pid);
}

/** Node processes that run this file. */
export function nodes(script: string): number[] {
  return running().filter(({ words }) => words[0]?.endsWith('node') === true && words.includes(script)).map(({ pid }) => pid);
}

const lookMs = 15;

/** Kills one of those that are found, some moment of its life after it was seen; false when there was none in time. */
export async function killOne(find: () => readonly number[], random: Random, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (find().length > 0) await pause(random.between(0, 120));
    const [first, ...others] = find();
    if (first !== undefined && kill(random.pick([first, ...others]))) return true;
    await pause(lookMs);
  }
  return false;
}

/** False when it ended by itself meanwhile. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
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
