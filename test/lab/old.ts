/** The old git server: a real sshd and bare repositories, as people have run it for years. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type Account, idleAccount } from './accounts';
import type { OldServerLab } from './contract';
import { makeKey } from './person';
import { type Sshd, startSshd } from './sshd';

export interface OldServerOptions {
  /** This server's own folder, below a lab's folder; everything of it is inside. */
  readonly folder: string;
  /** Bare repositories below the root, such as `team/app.git`. */
  readonly repositories: readonly string[];
  /** `other`: people log in as an account that owns no repository but may write to all. Needs root. */
  readonly login?: 'owner' | 'other';
  /** What sessions see beside HOME, PATH and the boot id. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config, such as `MaxSessions 2`. */
  readonly sshdConfig?: readonly string[];
}

export interface OldServer extends OldServerLab {
  /** What sshd logged since it was last started. */
  log(): string;
  /** Of the listening sshd, now. */
  sshdPid(): number;
  /** Absolute path of a repository below the root. */
  repositoryPath(repository: string): string;
}

interface Layout {
  readonly root: string;
  readonly home: string;
  readonly authorizedKeys: string;
  readonly operatorKey: string;
  readonly bootId: string;
}

/** Answers once it takes pushes. */
export async function startOldServer(options: OldServerOptions): Promise<OldServer> {
  const layout = layOut(options.folder);
  const other = options.login === 'other' ? idleAccount(layout.home) : null;
  if (other !== null) openHome(layout.home, other);
  for (const repository of options.repositories) initBare(join(layout.root, repository), other !== null);
  let sshd = await boot(options, layout, other);
  const { port, hostKey } = sshd;
  return {
    host: '127.0.0.1',
    port,
    user: other?.name ?? userInfo().username,
    hostKeys: [hostKey],
    root: layout.root,
    home: layout.home,
    operatorKey: layout.operatorKey,
    repositoryPath: (repository) => join(layout.root, repository),
    log: () => sshd.log(),
    sshdPid: () => sshd.pid,
    async addKey(publicKey) {
      appendFileSync(layout.authorizedKeys, `${publicKey}\n`);
    },
    async reboot() {
      await sshd.stop();
      sshd = await boot(options, layout, other, port);
    },
    stop: () => sshd.stop(),
  };
}

function layOut(folder: string): Layout {
  const layout = {
    root: join(folder, 'srv'),
    home: join(folder, 'home'),
    authorizedKeys: join(folder, 'authorized_keys'),
    operatorKey: join(folder, 'operator'),
    bootId: join(folder, 'boot_id'),
  };
  mkdirSync(layout.root, { recursive: true });
  mkdirSync(layout.home);
  writeFileSync(layout.authorizedKeys, `${makeKey(layout.operatorKey, 'operator')}\n`);
  return layout;
}

/** The agent takes the boot id from the file that GIT_HANDOVER_BOOT_ID_FILE names, where the kernel's cannot change. */
function boot(options: OldServerOptions, layout: Layout, other: Account | null, port?: number): Promise<Sshd> {
  writeFileSync(layout.bootId, `${randomUUID()}\n`);
  return startSshd({
    folder: options.folder,
    authorizedKeys: layout.authorizedKeys,
    env: {
      HOME: layout.home,
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      GIT_HANDOVER_BOOT_ID_FILE: layout.bootId,
      ...options.env,
    },
    ...(options.sshdConfig === undefined ? {} : { extraConfig: options.sshdConfig }),
    ...(other === null ? {} : { accounts: [other] }),
    ...(port === undefined ? {} : { port }),
  });
}

/** git refuses repositories of another owner unless the account was told that they are fine. */
function openHome(home: string, account: Account): void {
  writeFileSync(join(home, '.gitconfig'), '[safe]\n\tdirectory = *\n');
  for (const path of [home, join(home, '.gitconfig')]) chownSync(path, account.uid, account.gid);
}

/** `--shared` also makes git refuse forced pushes, which is a choice of its own. */
function initBare(path: string, shared: boolean): void {
  const git = (...args: string[]): void => {
    execFileSync('git', args, { env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' } });
  };
  git('init', '--quiet', '--bare', '--initial-branch=main', ...(shared ? ['--shared=0666'] : []), '--', path);
  if (shared) git(`--git-dir=${path}`, 'config', '--unset', 'receive.denyNonFastforwards');
}
