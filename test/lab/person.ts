/** People with a key, a home and plain git; nothing of the machine's own git and ssh configuration reaches them. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import type { Person, Seen } from './contract';
import { markName, type Started, startProcess } from './processes';

/** What a person has to know of a server before they meet it. */
export interface KnownServer {
  readonly host: string;
  readonly port: number;
  readonly hostKeys: readonly string[];
}

export interface PersonOptions {
  /** The lab's folder; this person lives in people/<name> below it. */
  readonly folder: string;
  /** One word. */
  readonly name: string;
  readonly servers: readonly KnownServer[];
  /** Keep one ssh connection per server and use it for every command; otherwise each command connects anew. */
  readonly multiplexed?: boolean;
  /** The account on the first server, where an address names none. */
  readonly account?: string;
  /** A git command that takes longer is killed, ms. */
  readonly gitMs?: number;
}

export interface LabPerson extends Person {
  /** The ssh configuration of this person, for `ssh -F`. */
  readonly sshConfig: string;
  /** A git command that is not waited for. */
  begin(folder: string, ...args: string[]): Started;
  /** Learns the host keys of one more server. */
  trust(server: KnownServer): void;
}

/** Makes the home and the key. The key has to be let in by each server. */
export function makePerson(options: PersonOptions): LabPerson {
  const { name } = options;
  const home = join(options.folder, 'people', name);
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const publicKey = makeKey(join(home, '.ssh', 'id_ed25519'), name);
  const sshConfig = writeSshConfig(home, options);
  const env = environment(home, name, sshConfig);
  const trust = (server: KnownServer): void =>
    appendFileSync(join(home, '.ssh', 'known_hosts'), knownHostsLines(server));
  options.servers.forEach(trust);
  let made = 0;
  const begin = (folder: string, ...args: string[]): Started => startProcess('git', args, { env, cwd: folder });
  const git = (folder: string, ...args: string[]): Promise<Seen> =>
    seen(begin(folder, ...args), options.gitMs ?? 300_000);
  const expectGit = async (folder: string, ...args: string[]): Promise<string> => {
    const { code, output } = await git(folder, ...args);
    if (code !== 0) throw new Error(`${name} cannot git ${args.join(' ')}: ${output}`);
    return output.trim();
  };
  return {
    name,
    publicKey,
    env,
    sshConfig,
    begin,
    git,
    trust,
    async clone(url, folder = join(home, `${basename(url, '.git')}-${++made}`)) {
      await expectGit(home, 'clone', '--quiet', '--', url, folder);
      return folder;
    },
    async commit(folder, message) {
      const file = `${name}-${++made}.txt`;
      writeFileSync(join(folder, file), `${message}\n`);
      await expectGit(folder, 'add', '--', file);
      await expectGit(folder, 'commit', '--quiet', '--message', message);
      return expectGit(folder, 'rev-parse', 'HEAD');
    },
  };
}

/** Makes an ed25519 key pair at `path` and answers its public line. */
export function makeKey(path: string, comment: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

function knownHostsLines({ host, port, hostKeys }: KnownServer): string {
  return hostKeys.map((key) => `[${host}]:${port} ${key}\n`).join('');
}

/** ssh takes its own home from the account, whatever HOME says: so every path is written out. */
function writeSshConfig(home: string, { multiplexed, account }: PersonOptions): string {
  const path = join(home, '.ssh', 'config');
  const lines = [
    `IdentityFile ${home}/.ssh/id_ed25519`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${home}/.ssh/known_hosts`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'BatchMode yes',
    ...(account === undefined ? [] : [`User ${account}`]),
    ...(multiplexed === true
      ? ['ControlMaster auto', `ControlPath ${home}/%C`, 'ControlPersist 60']
      : ['ControlMaster no', 'ControlPath none']),
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function environment(home: string, name: string, sshConfig: string): NodeJS.ProcessEnv {
  writeFileSync(
    join(home, '.gitconfig'),
    `[user]\n\tname = ${name}\n\temail = ${name}@lab.invalid\n[init]\n\tdefaultBranch = main\n`,
  );
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: `ssh -F '${sshConfig}'`,
    GIT_SSH_VARIANT: 'ssh',
    [markName]: home,
  };
}

async function seen(git: Started, deadlineMs: number): Promise<Seen> {
  const start = performance.now();
  const overdue = setTimeout(() => void git.stop(0), deadlineMs);
  const { code, signal } = await git.ended.finally(() => clearTimeout(overdue));
  return {
    code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
    output: git.output(),
    ms: performance.now() - start,
  };
}
