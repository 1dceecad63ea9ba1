/** How git finds and starts the hooks of a repository. Both cost a process; neither waits for one that hangs. */
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { runGit, type GitPlace } from './gitprocess';

const probeMs = 10_000;

/**
 * Where git looks for hooks, with every configuration of the account that asks, and what `env` adds (GIT_CONFIG_*).
 * Null where git did not say: then it takes no push either.
 */
export async function hooksFolder(
  place: Pick<GitPlace, 'directory' | 'folder'>,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { code, stdout } = await runGit({ ...place, quarantine: {} }, ['rev-parse', '--git-path', 'hooks'], {
    idleMs: probeMs,
    asAccount: true,
    env,
  });
  const found = Buffer.from(stdout, 'latin1').toString('utf8').replace(/\n$/, '');
  return code === 0 && found !== '' ? path.resolve(place.directory, found) : null;
}

/** Errors of a busy server, and of a file that somebody is just writing: they say nothing of the hook. */
const passing = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY'];

/**
 * Starts a shim without anything to read, which ends it before it does anything. Null when the kernel started it,
 * whatever it said then; undefined where nobody can tell.
 */
export function whyNotStarted(file: string, directory: string): Promise<string | undefined | null> {
  return new Promise((resolve) => {
    const child = spawn(file, [], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', GIT_DIR: '.' },
      stdio: 'ignore',
      timeout: probeMs,
      killSignal: 'SIGKILL',
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(passing.includes(error.code ?? '') ? undefined : error.message),
    );
    child.on('close', () => resolve(null));
  });
}
