/**
 * One repository on old and one that stands for GitLab's, with the real agent between them: real git, real hooks, real
 * sshd on the GitLab side. People push to old by its path, to GitLab by its path: each runs the receiving side's hooks.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { TestContext } from 'node:test';
import type { AgentConfig, RepositoryConfig } from '../../../agent/contract/configs';
import type { Consent, Verbs } from '../../../agent/contract/verbs';
import type { RepositoryStatus, RepositoryView } from '../../../agent/contract/views';
import type { Phase } from '../../../agent/contract/phase';
import { labFolder } from '../../lab/folder';
import { startSshd, type Sshd } from '../../lab/sshd';
import { callAgent, installAgent } from './agent';
import { run, type Seen } from './command';
import { makeHome, makePeople, makeSides, type People } from './people';

export interface Pair extends People {
  readonly folder: string;
  readonly old: string;
  readonly gitlab: string;
  readonly agentFolder: string;
  readonly state: string;
  readonly config: RepositoryConfig;
  readonly sshd: Sshd;
  call<V extends keyof Verbs>(verb: V, request: Verbs[V]['request']): Promise<Verbs[V]['result']>;
  move(to: Phase, consent?: Partial<Consent>): Promise<RepositoryView>;
  pass(): Promise<RepositoryStatus>;
  /** Branches, tags and notes of one side, `refs/heads/main a1b2…` sorted. */
  refs(side: 'old' | 'gitlab'): Promise<string>;
  /** Runs another command of the agent, such as `tick`. */
  agent(...args: string[]): Promise<Seen>;
  close(): Promise<void>;
}

export interface PairOptions {
  readonly config?: Partial<RepositoryConfig>;
  readonly limits?: Partial<AgentConfig['limits']>;
  readonly queueDelayMs?: number;
  /** Commits on main before the hooks are installed: S1, S2 … */
  readonly commits?: number;
  readonly texts?: AgentConfig['texts'];
  /** The background scan, which is off in most tests: 0. */
  readonly scanHours?: number;
  readonly scanMegabytesPerSecond?: number;
  readonly passMegabytes?: number;
  readonly webhook?: AgentConfig['webhook'];
  /** The repository's folder on old, below `srv`: app.git. */
  readonly name?: string;
}

export const noConsent: Consent = { abandon: false, unhookedWriters: false, endOlderPushes: false };

/** A pair in this phase, which ends with the test. */
export async function pairIn(
  t: TestContext,
  phase: 'old' | 'mirror' | 'both',
  options: PairOptions = {},
): Promise<Pair> {
  const pair = await startPair(options);
  t.after(() => pair.close());
  if (phase !== 'old') await pair.move('mirror');
  if (phase === 'both') await pair.move('both');
  return pair;
}

export async function startPair(options: PairOptions = {}): Promise<Pair> {
  const lab = labFolder();
  const at = (name: string): string => path.join(lab.path, name);
  const env = makeHome(at('home'));
  const sides = { folder: lab.path, old: at(`srv/${options.name ?? 'app.git'}`), gitlab: at('gitlab/app.git'), env };
  const people = makePeople(sides);
  await makeSides(people, sides, options.commits ?? 1);
  const authorizedKeys = at('authorized_keys');
  fs.writeFileSync(authorizedKeys, '');
  const sshd = await startSshd({ folder: at('sshd'), authorizedKeys, env: { HOME: at('home') } });
  const agentFolder = at('agent');
  installAgent(agentFolder);
  const call: Pair['call'] = (verb, request) => callAgent(agentFolder, verb, request, env);
  const { publicKey } = await call('setup', { config: agentConfig(options, sshd) });
  fs.writeFileSync(authorizedKeys, `${publicKey}\n`);
  const config = repositoryConfig(options, sides, sshd);
  await call('attach', { config });
  const [name = ''] = fs.readdirSync(path.join(agentFolder, 'repositories'));
  const agent: Pair['agent'] = (...args) =>
    run(process.execPath, [path.join(agentFolder, 'agent.cjs'), ...args], { cwd: '/', env });
  // The timer's tick keeps a connection to GitLab warm, as it does for real.
  await agent('tick');
  return {
    ...people,
    ...sides,
    agentFolder,
    state: path.join(agentFolder, 'repositories', name),
    config,
    sshd,
    call,
    move: async (to, consent) => call('move', { config, to, consent: { ...noConsent, ...consent } }),
    pass: () => call('pass', { path: sides.old }),
    refs: (side) => people.must(sides[side], 'for-each-ref', '--format=%(refname) %(objectname)', ...namespaces),
    agent,
    close: async () => {
      await run('ssh', ['-F', path.join(agentFolder, 'ssh/config'), '-O', 'exit', 'gitlab'], { cwd: '/', env });
      await sshd.stop();
      await lab.close();
    },
  };
}

const namespaces = ['refs/heads', 'refs/tags', 'refs/notes'];

const limits: AgentConfig['limits'] = {
  holdMs: 10_000,
  leaseMs: 60_000,
  longestGitlabPushMs: 1_000,
  connectMs: 15_000,
  lookMs: 10_000,
  breakerShare: 0.33,
  breakerRefs: 3,
  refsPerPush: 2_000,
  fence: true,
};

function agentConfig(options: PairOptions, sshd: Sshd): AgentConfig {
  return {
    version: 1,
    gitlab: { sshHost: '127.0.0.1', sshPort: sshd.port, sshUser: userName(), hostKeys: [sshd.hostKey] },
    queueDelayMs: options.queueDelayMs ?? 0,
    timer: 'none',
    limits: { ...limits, ...options.limits },
    scanHours: options.scanHours ?? 0,
    scanMegabytesPerSecond: options.scanMegabytesPerSecond ?? 1000,
    ...(options.passMegabytes === undefined ? {} : { passMegabytes: options.passMegabytes }),
    texts: options.texts ?? {},
    ...(options.webhook === undefined ? {} : { webhook: options.webhook }),
  };
}

function repositoryConfig(options: PairOptions, sides: { old: string; gitlab: string }, sshd: Sshd): RepositoryConfig {
  return {
    path: sides.old,
    project: 'team/app',
    gitlabUrl: `ssh://${userName()}@127.0.0.1:${sshd.port}${sides.gitlab}`,
    peopleUrl: 'git@gitlab.example.org:team/app.git',
    namespaces: [],
    waivedNamespaces: [],
    hooksAfterPass: true,
    ciSkip: true,
    brownouts: [],
    ...options.config,
  };
}

function userName(): string {
  return process.env['USER'] ?? execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
}
