/** The old git server: a real sshd and bare repositories, as people have run it for years. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { bootIdVariable } from './bootable';
import { type Account, idleAccount, idleNames, sharingGroup } from './accounts';
import type { OldServerLab } from './contract';
import { makeKey } from './person';
import { type Sshd, startSshd } from './sshd';

export type Login = 'owner' | 'other' | 'accounts';

export interface OldServerOptions {
  /** This server's own folder, below a lab's folder; everything of it is inside. */
  readonly folder: string;
  /** Bare repositories below the root, such as `team/app.git`. */
  readonly repositories: readonly string[];
  /**
   * `other`: people log in as an account that owns no repository but may write to all. `accounts`: as each its own, the
   * agent as another one, which is not root; the repositories belong to a third, and all are in one group. Both need
   * root.
   */
  readonly login?: Login;
  /** What sessions see beside HOME, PATH and the boot id. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config, such as `MaxSessions 2`. */
  readonly sshdConfig?: readonly string[];
  /** Without them it has the machine's, and the Node that runs the lab. */
  readonly programs?: OldPrograms;
}

/** Programs of an old server that is another system than the machine. */
export interface OldPrograms {
  readonly node: string;
  /** With git, ssh and ssh-keygen: it goes before the machine's on PATH. */
  readonly folder: string;
  readonly sshd: string;
}

export interface OldServer extends OldServerLab {
  /** What sshd logged since it was last started. */
  log(): string;
  /** Of the listening sshd, now. */
  sshdPid(): number;
  /** The account that the agent runs as; null: the one that runs the lab. */
  readonly agent: Account | null;
  /** The account of one of the people: the same name has the same one. Null where all log in as `user`. */
  accountOf(person: string): Account | null;
  /** The path of its Node. */
  readonly node: string;
  /** What its sessions and its timer have as PATH. */
  readonly searchPath: string;
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
  const crowd = options.login === 'accounts' ? openCrowd(options.folder, layout) : null;
  const other = options.login === 'other' ? idleAccount(layout.home) : (crowd?.agent ?? null);
  const accounts = crowd?.all ?? (other === null ? [] : [other]);
  if (options.login === 'other' && other !== null) openHome(layout.home, other);
  for (const repository of options.repositories)
    initBare(join(layout.root, repository), {
      searchPath: searchPath(options),
      shared: crowd !== null ? 'group' : other === null ? null : '0666',
    });
  if (crowd !== null) giveAway(layout.root, crowd.owner);
  let sshd = await boot(options, layout, accounts);
  const { port, hostKey } = sshd;
  return {
    host: '127.0.0.1',
    port,
    user: other?.name ?? userInfo().username,
    hostKeys: [hostKey],
    root: layout.root,
    home: layout.home,
    agent: crowd?.agent ?? null,
    node: nodeOf(options),
    searchPath: searchPath(options),
    accountOf: (person) => crowd?.accountOf(person) ?? null,
    operatorKey: layout.operatorKey,
    repositoryPath: (repository) => join(layout.root, repository),
    log: () => sshd.log(),
    sshdPid: () => sshd.pid,
    async addKey(publicKey) {
      appendFileSync(layout.authorizedKeys, `${publicKey}\n`);
    },
    async reboot(meanwhile = () => undefined) {
      await sshd.stop();
      meanwhile();
      sshd = await boot(options, layout, accounts, port);
    },
    stop: () => sshd.stop(),
  };
}

function nodeOf({ programs }: OldServerOptions): string {
  return programs?.node ?? process.execPath;
}

function searchPath(options: OldServerOptions): string {
  const own = [dirname(nodeOf(options)), ...(options.programs === undefined ? [] : [options.programs.folder])];
  return [...own, '/usr/local/bin', '/usr/bin', '/bin'].join(':');
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

/** The agent takes the boot id from the file that `bootIdVariable` names, where the kernel's cannot change. */
function boot(options: OldServerOptions, layout: Layout, accounts: readonly Account[], port?: number): Promise<Sshd> {
  writeFileSync(layout.bootId, `${randomUUID()}\n`);
  return startSshd({
    folder: options.folder,
    authorizedKeys: layout.authorizedKeys,
    env: {
      // Each account its own where there are many: sshd finds it.
      ...(options.login === 'accounts' ? {} : { HOME: layout.home }),
      PATH: searchPath(options),
      [bootIdVariable]: layout.bootId,
      ...options.env,
    },
    ...(options.sshdConfig === undefined ? {} : { extraConfig: options.sshdConfig }),
    ...(accounts.length === 0 ? {} : { accounts }),
    ...(port === undefined ? {} : { port }),
    ...(options.programs === undefined ? {} : { sshd: options.programs.sshd }),
  });
}

/** git refuses repositories of another owner unless the account was told that they are fine. */
function openHome(home: string, account: Account): void {
  writeFileSync(join(home, '.gitconfig'), '[safe]\n\tdirectory = *\n');
  for (const path of [home, join(home, '.gitconfig')]) chownSync(path, account.uid, account.gid);
}

interface Crowd {
  readonly agent: Account;
  /** Of the repositories. */
  readonly owner: Account;
  readonly all: readonly Account[];
  accountOf(person: string): Account;
}

/**
 * The agent, the owner of the repositories, and people, all in one group; more people than accounts share the last
 * ones.
 */
function openCrowd(folder: string, layout: Layout): Crowd {
  const homeOf = (name: string): string => (name === agentName ? layout.home : join(folder, 'homes', name));
  const all = idleNames.map((name) => idleAccount(homeOf(name), name));
  for (const account of all) {
    mkdirSync(account.home, { recursive: true });
    openHome(account.home, account);
  }
  const [agent, owner, ...people] = [agentName, ownerName, ...idleNames]
    .filter((name, at, names) => names.indexOf(name) === at)
    .map((name) => all.find((one) => one.name === name));
  if (agent === undefined || owner === undefined)
    throw new Error(
      'Cannot lay out accounts as there must be one for the agent and one for the owner of the repositories.',
    );
  const known = new Map<string, Account>();
  const accountOf = (person: string): Account => {
    const account = known.get(person) ?? people[known.size % people.length] ?? owner;
    known.set(person, account);
    return account;
  };
  return { agent, owner, all, accountOf };
}

/** The folders between the root and the repositories too: a repository that is retired is renamed in its own. */
function giveAway(root: string, owner: Account): void {
  execFileSync('chown', ['-R', `${owner.uid}:${sharingGroup.gid}`, '--', root]);
  execFileSync('find', [root, '-type', 'd', '-exec', 'chmod', 'g+ws', '{}', '+']);
}

const agentName = 'backup';
const ownerName = 'list';

/** `--shared` also makes git refuse forced pushes, which is a choice of its own. */
function initBare(path: string, { searchPath: PATH, shared }: { searchPath: string; shared: string | null }): void {
  const git = (...args: string[]): void => {
    execFileSync('git', args, { env: { PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' } });
  };
  git(
    'init',
    '--quiet',
    '--bare',
    '--initial-branch=main',
    ...(shared === null ? [] : [`--shared=${shared}`]),
    '--',
    path,
  );
  if (shared !== null) git(`--git-dir=${path}`, 'config', '--unset', 'receive.denyNonFastforwards');
}
