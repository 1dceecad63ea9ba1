/** Locks that the kernel releases at death. Node has no flock: flock(1) takes it on a descriptor that we keep. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { faults } from '../contract/faults';
import type { Unlock } from '../rules/ports';
import { withLock } from '../rules/withlock';

/**
 * flock(2) belongs to the open file, which we share with flock(1) and with every child that inherits `fd`. Null: kept
 * by somebody for `waitMs`. Whoever can read a file can lock it, so only the account itself may.
 */
export async function takeLock(file: string, waitMs: number): Promise<Unlock | null> {
  const fd = fs.openSync(file, 'a', 0o600);
  const code = await runFlock(fd, waitMs);
  if (code === 0) return { fd, release: () => fs.closeSync(fd) };
  fs.closeSync(fd);
  if (code === 1) return null;
  throw faults.noFlock({ file, exit: code });
}

function runFlock(fd: number, waitMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '--timeout', (waitMs / 1000).toFixed(3), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
}

/** Runs `work` under a lock; throws `locked` when it could not be had. */
export function underLock<T>(file: string, waitMs: number, work: () => T | Promise<T>): Promise<T> {
  return withLock(takeLock(file, waitMs), () => faults.locked({ file, waitedMs: waitMs }), work);
}
