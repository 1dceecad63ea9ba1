/** A folder for one lab that does not outlive the process that made it. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { killStarted } from './processes';

export interface LabFolder {
  /** Short, since a unix socket's path has 107 bytes at most: /tmp/gh-XXXXXX */
  readonly path: string;
  /** Kills every process that carries the mark of this folder and removes it. */
  close(): Promise<void>;
}

/** Other accounts may enter it: a login that differs from the repositories' owner has to. */
export function labFolder(): LabFolder {
  const path = mkdtempSync('/tmp/gh-');
  chmodSync(path, 0o755);
  const sweep = spawn('sh', [join(__dirname, 'sweep.sh'), path], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: process.env['PATH'] } });
  const swept = new Promise<void>((resolve) => sweep.once('exit', () => resolve()));
  sweep.unref();
  const close = async (): Promise<void> => {
    await killStarted(path);
    sweep.ref();
    sweep.stdin.end();
    await swept;
  };
  return { path, close };
}
