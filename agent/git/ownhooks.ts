/** The repository's own hooks, run by their own path as git would run them. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { printUpdate } from '../rules/refs';
import type { Update } from '../rules/values';

export interface OwnHooks {
  readonly directory: string;
  readonly ownHooks: string;
  /** Others may write the repository. */
  readonly shared: boolean;
}

export function ownHook(place: Pick<OwnHooks, 'ownHooks'>, name: string): string | null {
  const file = path.join(place.ownHooks, name);
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/**
 * Whether others than its owner could make this file say something else. The agent's account has the key to GitLab:
 * where many accounts write a repository, a hook inside it is anybody's of its group.
 */
export function isOthers(file: string): boolean {
  const { uid, mode } = fs.statSync(file);
  const isSticky = (mode & 0o1000) !== 0;
  if ((uid !== 0 && uid !== process.getuid?.()) || ((mode & 0o022) !== 0 && !isSticky)) return true;
  const above = path.dirname(file);
  return above !== file && isOthers(above);
}

/**
 * With these updates on standard input (post-update: names as arguments). True when there is no such hook, or it is not
 * run as others could have written it; false when it failed.
 */
export function runOwnHook(
  place: OwnHooks,
  name: 'post-receive' | 'post-update',
  updates: readonly Update[],
): Promise<boolean> {
  const file = ownHook(place, name);
  if (file === null || (place.shared && isOthers(fs.realpathSync(file)))) return Promise.resolve(true);
  const names =
    name === 'post-update' ? updates.map((update) => Buffer.from(update.ref, 'latin1').toString('utf8')) : [];
  const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('GIT_')));
  return new Promise((resolve) => {
    const child = spawn(file, names, {
      cwd: place.directory,
      env: { ...clean, GIT_DIR: '.' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.from(updates.map((update) => `${printUpdate(update)}\n`).join(''), 'latin1'));
  });
}
