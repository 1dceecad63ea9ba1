/** The git side's sshd: one forced command per key, as GitLab's authorized_keys has it. */
import { renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account } from '../accounts';
import { startSshd } from '../sshd';
import type { Sshd } from '../sshd';
import type { Key } from './model';

export const programs = join(__dirname, 'bin');

/** `git` is the account that runs the lab under another name; only root can show sshd such an account. */
export const sshUser = process.getuid?.() === 0 ? 'git' : userInfo().username;

export interface GitSshOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly apiPort: number;
  readonly secret: string;
  /** Gitaly's client, for what has a Gitaly. */
  readonly gitalySsh: string | null;
  /** The port of an earlier one, for a restart. */
  readonly port?: number;
}

export function startGitSsh({ folder, env, apiPort, secret, gitalySsh, port }: GitSshOptions): Promise<Sshd> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { uid, gid } = userInfo();
  const git: Account = { name: 'git', uid, gid, home: folder, shell: '/bin/sh' };
  const path = `${dirname(process.execPath)}:${env['PATH'] ?? ''}`;
  return startSshd({
    folder: join(folder, 'sshd'),
    authorizedKeys: keysFile(folder),
    env: {
      ...Object.fromEntries(set),
      PATH: path,
      HOME: folder,
      GITLAB_API_PORT: String(apiPort),
      GITLAB_API_SECRET: secret,
      ...(gitalySsh === null ? {} : { GITALY_SSH: gitalySsh }),
    },
    extraConfig: [
      'MaxSessions 10',
      'ClientAliveInterval 15',
      'AllowAgentForwarding no',
      'AllowTcpForwarding no',
      'X11Forwarding no',
      'PermitTTY no',
    ],
    ...(port === undefined ? {} : { port }),
    ...(sshUser === 'git' ? { accounts: [git] } : {}),
  });
}

/** sshd reads the file at each login, so it is replaced as a whole. */
export function writeKeys(folder: string, keys: Iterable<Key>): void {
  const lines = [...keys].map((key) => `command="${programs}/gitlab-shell key-${key.id}",restrict ${key.key}\n`);
  writeFileSync(`${keysFile(folder)}.new`, lines.join(''), { mode: 0o600 });
  renameSync(`${keysFile(folder)}.new`, keysFile(folder));
}

function keysFile(folder: string): string {
  return join(folder, 'authorized_keys');
}
