/**
 * A disk that is full, or under which a process is killed: the calls of node:fs that change what lies below one folder
 * fail as the kernel would let them fail. Reading, and closing what is open, goes on.
 */
import fs from 'node:fs';
import * as path from 'node:path';

export interface Disk {
  readonly fill: (isFull: boolean) => void;
  /** While work runs, the disk is as it was filled. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Ends the work at its n-th change, from 1. */
  killAt(change: number, work: () => Promise<unknown>): Promise<unknown>;
  restore(): void;
}

class Killed extends Error {}

/** Before each change; `half` writes the first half of what a write writes, and is null for what needs no room. */
type Before = (half: (() => void) | null) => void;

export function spoilDisk(folder: string): Disk {
  let isFull = false;
  let running = 0;
  let before: Before = (half) => void (isFull && half !== null && fail());
  const whenFull = before;
  const restore = replaceCalls(folder, (half) => void (running > 0 && before(half)));
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };
  return {
    fill: (full) => void (isFull = full),
    during,
    killAt: async (change, work) => {
      const counted = killer(change);
      before = counted.before;
      const answer = await during(work).catch((error: unknown) => ({ error }));
      before = whenFull;
      return counted.isOver() ? 'killed' : answer;
    },
    restore,
  };
}

function killer(change: number): { before: Before; isOver: () => boolean } {
  let changes = 0;
  return {
    before: (half) => {
      changes += 1;
      if (changes < change) return;
      // What a write was doing stays half done.
      if (changes === change) half?.();
      throw new Killed();
    },
    isOver: () => changes >= change,
  };
}

function fail(): never {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** node:fs is the whole process's. Answers what puts its calls back. */
function replaceCalls(folder: string, before: Before): () => void {
  const { writeFileSync, renameSync, rmSync } = fs;
  const isOurs = (file: unknown): boolean =>
    typeof file === 'number' || path.resolve(String(file)).startsWith(`${folder}/`);
  const changes: Pick<typeof fs, 'writeFileSync' | 'renameSync' | 'rmSync'> = {
    writeFileSync: (file, data, options) => {
      const bytes = Buffer.from(data as Buffer);
      const half = (): void => writeFileSync(file, bytes.subarray(0, bytes.length >> 1), options);
      if (isOurs(file)) before(bytes.length === 0 ? null : half);
      writeFileSync(file, data, options);
    },
    renameSync: (from, to) => {
      if (isOurs(to)) before(null);
      renameSync(from, to);
    },
    rmSync: (file, options) => {
      if (isOurs(file)) before(null);
      rmSync(file, options);
    },
  };
  Object.assign(fs, changes);
  return () => void Object.assign(fs, { writeFileSync, renameSync, rmSync });
}
