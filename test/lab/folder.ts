/** A folder for one lab that does not outlive the process that made it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { killStarted } from './processes';

export interface LabFolder {
  /** Short, since a unix socket's path has 107 bytes at most: /tmp/gh-XXXXXX */
  readonly path: string;
  /** Kills every process that carries the mark of this folder and removes it. */
  close(): Promise<void>;
}

const sweepMs = 30_000;

/** Other accounts may enter it: a login that differs from the repositories' owner has to. */
export function labFolder(): LabFolder {
  const path = mkdtempSync('/tmp/gh-');
  chmodSync(path, 0o755);
  const { stdin, stdout } = startSweep(path);
  const close = async (): Promise<void> => {
    await killStarted(path);
    const swept = once(stdout, 'data');
    stdin.write('now\n');
    await within(swept, `Cannot remove ${path}: the sweep does not answer`);
  };
  return { path, close };
}

/**
 * In a session of its own, out of reach of Ctrl-C. It holds nobody up: when this process ends, it sweeps and ends too.
 */
function startSweep(path: string): { stdin: Socket; stdout: Socket } {
  const env = { PATH: process.env['PATH'] };
  const sweep = spawn('sh', [join(__dirname, 'sweep.sh'), path], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env,
  });
  const [stdin, stdout] = [sweep.stdin as unknown as Socket, sweep.stdout as unknown as Socket];
  sweep.unref();
  stdin.unref();
  stdout.resume().unref();
  return { stdin, stdout };
}

/** The timer also keeps this process alive while it waits for what is not allowed to. */
async function within(answer: Promise<unknown>, message: string): Promise<void> {
  let overdue: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => (overdue = setTimeout(() => reject(new Error(message)), sweepMs)));
  await Promise.race([answer, late]).finally(() => clearTimeout(overdue));
}
