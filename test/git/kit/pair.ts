/**
 * One repository on old and one that stands for GitLab's, with the real agent between them: real git, real hooks, real
 * sshd on the GitLab side. People push to old by its path, to GitLab by its path: each runs the receiving side's hooks.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type {
  AgentConfig,
  Consent,
  Line,
  RepositoryConfig,
  RepositoryStatus,
  RepositoryView,
  Verbs,
} from '../../../agent/contract/contract';
import type { Phase } from '../../../agent/contract/phase';
import { labFolder } from '../../lab/folder';
import { startSshd, type Sshd } from '../../lab/sshd';
import { tools } from '../../lab/toolchain';

export interface Seen {
  readonly code: number;
  readonly output: string;
}

export interface Pair {
  readonly folder: string;
  readonly old: string;
  readonly gitlab: string;
  readonly agentFolder: string;
  readonly state: string;
  readonly config: RepositoryConfig;
  readonly sshd: Sshd;
  /** Runs git in a folder as a person, without the machine's configuration. */
  git(cwd: string, ...args: string[]): Promise<Seen>;
  /** As `git`, and fails the test when git fails. */
  must(cwd: string, ...args: string[]): Promise<string>;
  /** A clone of old or of GitLab, with a user. */
  clone(from: 'old' | 'gitlab', name: string): Promise<string>;
  /** Commits a file in a clone and answers the id. */
  commit(clone: string, message: string): Promise<string>;
  call<V extends keyof Verbs>(verb: V, request: Verbs[V]['request']): Promise<Verbs[V]['result']>;
  move(to: Phase, consent?: Partial<Consent>): Promise<RepositoryView>;
  pass(): Promise<RepositoryStatus>;
  /** All refs of one side, `refs/heads/main a1b2…` sorted, attic left out. */
  refs(side: 'old' | 'gitlab'): Promise<string>;
  /** Runs another command of the agent, such as `tick`. */
  agent(...args: string[]): Promise<Seen>;
  close(): Promise<void>;
}

export interface PairOptions {
  readonly config?: Partial<RepositoryConfig>;
  readonly limits?: Partial<AgentConfig['limits']>;
  readonly queueDelayMs?: number;
  /** Commits on main before the hooks are installed. */
  readonly commits?: number;
  readonly texts?: AgentConfig['texts'];
  /** The background scan, which is off in most tests: 0. */
  readonly scanHours?: number;
  readonly scanMegabytesPerSecond?: number;
  readonly webhook?: AgentConfig['webhook'];
}

const limits: AgentConfig['limits'] = {
  holdMs: 10_000,
  leaseMs: 60_000,
  longestGitlabPushMs: 1_000,
  connectMs: 15_000,
  lookMs: 10_000,
  breakerShare: 0.05,
  breakerRefs: 10,
  refsPerPush: 2_000,
};
export const noConsent: Consent = { abandon: false, unhookedWriters: false, endOlderPushes: false };

export async function startPair(options: PairOptions = {}): Promise<Pair> {
  const lab = labFolder();
  const at = (name: string): string => path.join(lab.path, name);
  const env = makeHome(at('home'));
  const git = (cwd: string, ...args: string[]): Promise<Seen> => run('git', args, { cwd, env });
  const must = async (cwd: string, ...args: string[]): Promise<string> => succeed(await git(cwd, ...args), args);
  const [old, gitlab, agentFolder] = [at('srv/app.git'), at('gitlab/app.git'), at('agent')];
  await makeSides(must, old, gitlab);
  await seed({ must, at, old, commits: options.commits ?? 1 });
  const authorizedKeys = at('authorized_keys');
  fs.writeFileSync(authorizedKeys, '');
  const sshd = await startSshd({ folder: at('sshd'), authorizedKeys, env: { HOME: at('home') } });
  installAgent(agentFolder);
  const user = process.env['USER'] ?? execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
  const url = `ssh://${user}@127.0.0.1:${sshd.port}${gitlab}`;
  const config: RepositoryConfig = {
    path: old,
    project: 'team/app',
    gitlabUrl: url,
    peopleUrl: 'git@gitlab.example.org:team/app.git',
    namespaces: [],
    waivedNamespaces: [],
    hooksAfterPass: true,
    ciSkip: true,
    brownouts: [],
    ...options.config,
  };
  const agentConfig: AgentConfig = {
    version: 1,
    gitlab: { sshHost: '127.0.0.1', sshPort: sshd.port, sshUser: user, hostKeys: [sshd.hostKey] },
    queueDelayMs: options.queueDelayMs ?? 0,
    timer: 'none',
    limits: { ...limits, ...options.limits },
    scanHours: options.scanHours ?? 0,
    scanMegabytesPerSecond: options.scanMegabytesPerSecond ?? 1000,
    texts: options.texts ?? {},
    ...(options.webhook === undefined ? {} : { webhook: options.webhook }),
  };
  const call: Pair['call'] = (verb, request) => callAgent(agentFolder, verb, request, env);
  const { publicKey } = await call('setup', { config: agentConfig });
  fs.writeFileSync(authorizedKeys, `${publicKey}\n`);
  await call('attach', { config });
  const [name = ''] = fs.readdirSync(path.join(agentFolder, 'repositories'));
  const agent: Pair['agent'] = (...args) =>
    run(process.execPath, [path.join(agentFolder, 'agent.cjs'), ...args], { cwd: '/', env });
  // The timer's tick keeps a connection to GitLab warm, as it does for real.
  await agent('tick');
  return {
    folder: lab.path,
    old,
    gitlab,
    agentFolder,
    state: path.join(agentFolder, 'repositories', name),
    config,
    sshd,
    git,
    must,
    call,
    clone: async (from, clone) => {
      await must(lab.path, 'clone', '--quiet', from === 'old' ? old : gitlab, clone);
      return at(clone);
    },
    commit: async (clone, message) => {
      fs.writeFileSync(path.join(clone, `${message.replace(/\W/g, '-')}.txt`), message);
      await must(clone, 'add', '.');
      await must(clone, 'commit', '--quiet', '-m', message);
      return (await must(clone, 'rev-parse', 'HEAD')).trim();
    },
    move: async (to, consent) => call('move', { config, to, consent: { ...noConsent, ...consent } }),
    pass: () => call('pass', { path: old }),
    refs: async (side) =>
      must(
        side === 'old' ? old : gitlab,
        'for-each-ref',
        '--format=%(refname) %(objectname)',
        'refs/heads',
        'refs/tags',
        'refs/notes',
      ),
    agent,
    close: async () => {
      await run('ssh', ['-F', path.join(agentFolder, 'ssh/config'), '-O', 'exit', 'gitlab'], { cwd: '/', env });
      await sshd.stop();
      await lab.close();
    },
  };
}

/** The environment of a person and of the agent: nothing of the machine's own configuration. */
function makeHome(home: string): NodeJS.ProcessEnv {
  fs.mkdirSync(home);
  fs.writeFileSync(
    path.join(home, '.gitconfig'),
    '[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n[gc]\n\tauto = 0\n[protocol "file"]\n\tallow = always\n',
  );
  return {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    GIT_TERMINAL_PROMPT: '0',
  };
}

async function makeSides(must: Pair['must'], old: string, gitlab: string): Promise<void> {
  for (const side of [old, gitlab]) {
    fs.mkdirSync(side, { recursive: true });
    await must(side, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
  }
  await must(gitlab, 'config', 'receive.advertisePushOptions', 'true');
}

async function seed(parts: {
  must: Pair['must'];
  at: (name: string) => string;
  old: string;
  commits: number;
}): Promise<void> {
  if (parts.commits === 0) return;
  const work = parts.at('seed');
  fs.mkdirSync(work);
  await parts.must(work, 'init', '--quiet', '--initial-branch=main', '.');
  for (let index = 1; index <= parts.commits; index += 1)
    await parts.must(work, 'commit', '--quiet', '--allow-empty', '-m', `seed ${index}`);
  await parts.must(work, 'push', '--quiet', parts.old, 'main');
}

function installAgent(folder: string): void {
  const { agentBundle, shims } = tools();
  fs.mkdirSync(path.join(folder, 'shims'), { recursive: true });
  fs.copyFileSync(agentBundle, path.join(folder, 'agent.cjs'));
  for (const name of fs.readdirSync(shims)) fs.copyFileSync(path.join(shims, name), path.join(folder, 'shims', name));
}

async function callAgent<V extends keyof Verbs>(
  folder: string,
  verb: V,
  request: Verbs[V]['request'],
  env: NodeJS.ProcessEnv,
): Promise<Verbs[V]['result']> {
  const seen = await run(process.execPath, [path.join(folder, 'agent.cjs'), 'call', verb], {
    cwd: '/',
    env,
    input: JSON.stringify(request),
  });
  const lines = seen.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line<Verbs[V]['result']>);
  const last = lines[lines.length - 1];
  if (last?.kind === 'result') return last.value;
  throw new Error(
    last?.kind === 'error'
      ? `${last.fault.code}: ${last.fault.message} ${last.fault.next}`
      : `no answer from the agent: ${seen.output}`,
  );
}

function succeed(seen: Seen, args: readonly string[]): string {
  if (seen.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${seen.code}:\n${seen.output}`);
  return seen.output;
}

/** Runs a command and answers everything that it printed, in order. */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; input?: string },
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const child =
      options.input === undefined
        ? execFile(program, [...args], { cwd: options.cwd, env: options.env, maxBuffer: 1 << 28 })
        : spawn(program, [...args], { cwd: options.cwd, env: options.env });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer | string) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer | string) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
