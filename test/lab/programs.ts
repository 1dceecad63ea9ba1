/** An old server as bare as the README allows: a PATH on which these programs are, and no Node. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** By the packages of Debian that hold them; the README and docs/operate/prepare.md name the same. */
export const programs: Readonly<Record<string, readonly string[]>> = {
  git: ['git', 'git-receive-pack', 'git-upload-pack', 'git-upload-archive'],
  'openssh-client': ['ssh', 'ssh-keygen'],
  'util-linux': ['flock', 'setsid', 'findmnt'],
  coreutils: [
    ...['cat', 'chmod', 'cp', 'date', 'df', 'dirname', 'head', 'mkdir', 'mktemp', 'mv', 'rm'],
    ...['sha256sum', 'sleep', 'sync', 'tail', 'timeout', 'uname'],
  ],
  findutils: ['xargs'],
  dash: ['sh'],
};

/** Makes the folder, with links; `more` are there as well. */
export function bareFolder(folder: string, more: readonly string[] = []): string {
  mkdirSync(folder, { recursive: true });
  for (const name of [...Object.values(programs).flat(), ...more]) symlinkSync(which(name), join(folder, name));
  return folder;
}

function which(name: string): string {
  return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
}
