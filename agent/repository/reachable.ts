/**
 * The folders of the hooks, open to whoever pushes: git skips hooks that it cannot reach without a word, and a umask of
 * the agent's account may have closed them.
 */
import * as fs from 'node:fs';
import { openBelow, statBelow, type Spot } from '../machine/below';
import { sharedFor } from './sharing';

export function areHooksReachable(directory: string, state: string): boolean {
  const open = openBits(directory, state);
  return foldersIn(directory).every((folder) => {
    const stat = statBelow(folder);
    return stat?.isDirectory() === true && (stat.mode & open) === open;
  });
}

/** Never through a link: what it leads to is none of ours. */
export function openHookFolders(directory: string, state: string): void {
  const open = openBits(directory, state);
  for (const folder of foldersIn(directory))
    openBelow(folder, (descriptor, { mode }) => {
      if ((mode & open) !== open) fs.fchmodSync(descriptor, (mode & 0o7777) | 0o755);
    });
}

/** Where one account alone pushes nobody else need come in. */
function openBits(directory: string, state: string): number {
  return sharedFor(state) === 'nobody' && isOwn(directory) ? 0o500 : 0o555;
}

/** An agent of root serves repositories of other accounts, and these push. */
function isOwn(directory: string): boolean {
  return fs.statSync(directory).uid === process.getuid?.();
}

function foldersIn(directory: string): Spot[] {
  return ['git-handover', 'git-handover/hooks'].map((name) => ({ root: directory, name }));
}
