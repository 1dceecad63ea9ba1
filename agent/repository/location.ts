/**
 * Where a repository lies: at its path, or renamed away when it is retired. The state file is the truth; the folder
 * follows it.
 */
import * as fs from 'node:fs';
import type { Phase } from '../contract/phase';

/** In the same folder, so that the rename is one step. */
export function retiredPath(repositoryPath: string): string {
  return `${repositoryPath}.retired`;
}

/** Device and inode: a rename keeps both, a copy does not. */
function isSame(place: string, identity: string): boolean {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  return stat !== undefined && `${stat.dev}:${stat.ino}` === identity;
}

interface Place {
  readonly phase: Phase;
  readonly directory: string;
  readonly identity: string;
}

/**
 * Renames the repository to where the state says that it is, when it still lies at its other place. Whoever opens a
 * repository finishes so what was killed between the state and the rename. Anything else that is wrong is left for
 * people to see.
 */
export function finishRename({ phase, directory, identity }: Place, repositoryPath: string): void {
  const other = phase === 'retired' ? repositoryPath : retiredPath(repositoryPath);
  if (directory === other || fs.existsSync(directory) || !isSame(other, identity)) return;
  try {
    fs.renameSync(other, directory);
  } catch (error) {
    // Another process that saw the same was faster.
    if (!isSame(directory, identity)) throw error;
  }
}
