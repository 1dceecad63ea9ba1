/** A real sshd on loopback with a configuration of its own, started by the account that runs the lab. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, writeAccounts } from './accounts';
import { freePort, markName, type Started, startProcess, until } from './processes';
import { descendants, isAlive, killAll, marked } from './processtree';
import { tools } from './toolchain';

export interface SshdOptions {
  /**
   * Its own folder: configuration, host key and log. Started there again, it has the same host key. All its processes
   * carry the folder as their mark.
   */
  readonly folder: string;
  /** A file in the form of authorized_keys, read at each login; it may carry forced commands. */
  readonly authorizedKeys: string;
  /** What sessions see beside what sshd sets. HOME belongs here: the machine's own home is nobody's business. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of sshd_config. They come first, and the first mention of a keyword counts. */
  readonly extraConfig?: readonly string[];
  /** Another than a free one. */
  readonly port?: number;
  /** Another than the lab's usual one. */
  readonly sshd?: string;
  /** Accounts as sshd shall see them, beside or instead of the machine's. Only root can have them. */
  readonly accounts?: readonly Account[];
}

export interface Sshd {
  readonly port: number;
  /** Public host key line, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** Of the listening process. */
  readonly pid: number;
  /** What sshd logged so far. */
  log(): string;
  /** Makes it read its configuration again; sessions go on. */
  reload(): Promise<void>;
  /** Kills all sessions and whatever they left behind, in the background too. */
  killSessions(): Promise<void>;
  /** Kills the sessions and then itself. */
  stop(): Promise<void>;
}

const startAttemptsMax = 5;

/** Answers once it listens. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  mkdirSync(options.folder, { recursive: true });
  const hostKey = makeHostKey(join(options.folder, 'host_key'));
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const listener = launch(options, port);
    if (await listens(listener)) return running(options.folder, { port, hostKey, listener });
    if (attempt === startAttemptsMax) throw new Error(`Cannot start sshd on port ${port}: ${listener.output()}`);
  }
}

function makeHostKey(path: string): string {
  if (!existsSync(path)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim();
}

function launch(options: SshdOptions, port: number): Started {
  const config = join(options.folder, 'sshd_config');
  writeFileSync(config, configText(options, port));
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], [markName]: options.folder };
  if (isRoot()) {
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    env['GIT_HANDOVER_ACCOUNTS'] = writeAccounts(
      join(options.folder, 'accounts'),
      ownAccount(options),
      options.accounts ?? [],
    );
  } else if (options.accounts !== undefined)
    throw new Error('Cannot let sshd log in other accounts as only root may become somebody else.');
  return startProcess(options.sshd ?? tools().sshd, ['-D', '-e', '-f', config], { env, cwd: options.folder });
}

/** With its home in the lab, so that sessions also start there. */
function ownAccount({ env }: SshdOptions): Partial<Account> {
  return env?.['HOME'] === undefined ? {} : { home: env['HOME'] };
}

function configText({ folder, authorizedKeys, env = {}, extraConfig = [] }: SshdOptions, port: number): string {
  const sessionEnv = Object.entries({ ...env, [markName]: folder }).map(([name, value]) => `"${name}=${value}"`);
  const lines = [
    ...extraConfig,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host_key')}`,
    `AuthorizedKeysFile ${authorizedKeys}`,
    `SetEnv ${sessionEnv.join(' ')}`,
    'AcceptEnv GIT_PROTOCOL',
    'PidFile none',
    'StrictModes no',
    'PermitRootLogin yes',
    'PermitUserRC no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
  ];
  return `${lines.join('\n')}\n`;
}

/** False when the port was taken by somebody else meanwhile. */
async function listens(listener: Started): Promise<boolean> {
  const listening = (): boolean => listener.output().includes('Server listening on');
  await until('sshd to listen', () => listening() || !isAlive(listener.pid), 15_000);
  if (listening()) return true;
  await listener.ended;
  if (listener.output().includes('Address already in use')) return false;
  throw new Error(`Cannot start sshd: ${listener.output()}`);
}

function running(
  folder: string,
  { port, hostKey, listener }: { port: number; hostKey: string; listener: Started },
): Sshd {
  const { pid, output } = listener;
  const sessions = (): number[] =>
    [...new Set([...descendants(pid), ...marked(folder)])].filter((found) => found !== pid);
  return {
    port,
    hostKey,
    pid,
    log: output,
    async reload() {
      const count = (): number => output().split('Server listening on').length;
      const before = count();
      process.kill(pid, 'SIGHUP');
      await until('sshd to listen again', () => count() > before);
    },
    async killSessions() {
      await killAll('the sessions of sshd', sessions);
    },
    /** Stopped first: the sessions of a dead listener could not be told from other people's processes. */
    async stop() {
      if (isAlive(pid)) process.kill(pid, 'SIGSTOP');
      await killAll('the sessions of sshd', sessions);
      await killAll('sshd', () => (isAlive(pid) ? [pid] : []));
      await listener.ended;
    },
  };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
