/**
 * A whole lab: the old server, a GitLab stand-in, people with rights on both, and a ready stack for the real `pulumi`.
 */
import { existsSync, mkdirSync, symlinkSync, writeFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Verbs } from '../../agent/contract/verbs';
import { sharingGroup } from './accounts';
import { type LabFolder, labFolder } from './folder';
import { startGitlab } from './gitlab/gitlab';
import { installGitlabPlugin } from './gitlab-provider/install';
import type { Seen } from './contract';
import { type Login, type OldServer, startOldServer } from './old';
import { type LabPerson, makePerson } from './person';
import { markName, type Started, startProcess, type Surroundings } from './processes';
import { tools } from './toolchain';

export type GitlabStandIn = Awaited<ReturnType<typeof startGitlab>>;

export interface LabOptions {
  /** Bare repositories below the old server's root. */
  readonly repositories: readonly string[];
  /** People who may push to old from the start, and to GitLab as the phase allows. */
  readonly people: readonly string[];
  /** Settings below `git-handover:` that replace the lab's, by first key. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** How often the lab's stand-in for cron runs the agent's tick; 0 never. */
  readonly tickSeconds?: number;
  /** Without it GIT_HANDOVER_LAB_LOGIN says, else all log in as the owner. */
  readonly login?: Login;
  /** What the agent and everybody's sessions on old see beside HOME, PATH and the boot id. */
  readonly oldEnv?: Readonly<Record<string, string>>;
}

export interface Lab {
  readonly folder: string;
  readonly gitlab: GitlabStandIn;
  readonly old: OldServer;
  /** The Pulumi project: links to this one, and a Pulumi.lab.yaml of its own. */
  readonly project: string;
  /** What `pulumi` needs to be run by hand. */
  readonly env: Readonly<Record<string, string>>;
  readonly agentFolder: string;
  person(name: string): LabPerson;
  /** Further people with keys on old only when they are let in by hand. */
  stranger(name: string): LabPerson;
  oldUrl(repository: string): string;
  gitlabUrl(project: string): string;
  /** `pulumi …` in the project; what it printed, in order. */
  pulumi(...args: string[]): Promise<Seen>;
  /** The same, not waited for. */
  beginPulumi(...args: string[]): Started;
  /** Changes the stack's configuration, as an editor would. */
  configure(change: (settings: Record<string, unknown>) => void): void;
  /** One command of the agent on old, in the surroundings of its timer. */
  agent(...args: string[]): Promise<Seen>;
  /** One call of the agent with this request (agent/contract/verbs.ts). */
  ask(verb: keyof Verbs, request: unknown): Promise<Seen>;
  /** Starts the stand-in for cron again, after a reboot. */
  startTimer(): void;
  close(): Promise<void>;
}

const stack = 'lab';
const linked = [
  'Pulumi.yaml',
  'package.json',
  'tsconfig.json',
  'stacks',
  'agent',
  'scripts',
  'sdks',
  'dist',
  'node_modules',
];

export async function startLab(options: LabOptions): Promise<Lab> {
  const folder = labFolder();
  const at = (name: string): string => join(folder.path, name);
  const old = await startOldServer({
    folder: mkdir(at('old')),
    repositories: options.repositories,
    env: options.oldEnv ?? {},
    login: options.login ?? usualLogin(),
  });
  const gitlab = await startGitlab({ localWebhooks: ['127.0.0.1'] });
  const people = await admitPeople(folder.path, { old, gitlab, names: options.people });
  const service = await gitlab.addUser({ username: 'handover', name: 'git-handover', admin: true });
  const env = pulumiEnvironment(folder.path, service.token);
  const project = layOutProject(at('project'), settings({ options, old, gitlab }));
  await installGitlabPlugin(env['PULUMI_HOME'] ?? '', tools().pulumi);
  const agentFolder = join(old.home, '.git-handover');
  const labelled = { folder, old, gitlab, env, project, agentFolder, oldEnv: options.oldEnv ?? {} };
  await must(runPulumi(labelled, ['stack', 'init', stack, '--non-interactive']));
  return assemble(labelled, people, options);
}

interface Parts {
  readonly folder: LabFolder;
  readonly old: OldServer;
  readonly gitlab: GitlabStandIn;
  readonly env: Readonly<Record<string, string>>;
  readonly project: string;
  readonly agentFolder: string;
  readonly oldEnv: Readonly<Record<string, string>>;
}

function assemble(parts: Parts, people: ReadonlyMap<string, LabPerson>, options: LabOptions): Lab {
  const { old, gitlab, agentFolder } = parts;
  let timer: Started | null = null;
  const startTimer = (): void => {
    if ((options.tickSeconds ?? 1) > 0) timer = startTick(parts, options.tickSeconds ?? 1);
  };
  startTimer();
  return {
    folder: parts.folder.path,
    gitlab,
    old,
    project: parts.project,
    env: parts.env,
    agentFolder,
    person: (name) => people.get(name) ?? unknownPerson(name),
    stranger: (name) =>
      makePerson({ folder: parts.folder.path, name, servers: servers(parts), ...accountOn(old, name) }),
    oldUrl: (repository) =>
      `ssh://${old.agent === null ? `${old.user}@` : ''}${old.host}:${old.port}${old.repositoryPath(repository)}`,
    gitlabUrl: (project) => `ssh://${gitlab.sshUser}@${gitlab.sshHost}:${gitlab.sshPort}/${project}.git`,
    pulumi: (...args) => seen(runPulumi(parts, args)),
    beginPulumi: (...args) => runPulumi(parts, args),
    configure: (change) => configure(parts.project, change),
    agent: (...args) => seen(runAgent(parts, args)),
    ask: (verb, request) => seen(runAgent(parts, ['call', verb], JSON.stringify(request))),
    startTimer,
    close: async () => {
      await timer?.stop();
      await old.stop();
      await gitlab.stop();
      await parts.folder.close();
    },
  };
}

function usualLogin(): Login {
  return process.env['GIT_HANDOVER_LAB_LOGIN'] === 'accounts' ? 'accounts' : 'owner';
}

function accountOn(old: OldServer, name: string): { account?: string } {
  const account = old.accountOf(name);
  return account === null ? {} : { account: account.name };
}

function unknownPerson(name: string): never {
  throw new Error(`Cannot find ${name} as people must be named when the lab starts.`);
}

function servers({
  old,
  gitlab,
}: Pick<Parts, 'old' | 'gitlab'>): { host: string; port: number; hostKeys: readonly string[] }[] {
  return [old, { host: gitlab.sshHost, port: gitlab.sshPort, hostKeys: gitlab.hostKeys }];
}

/** A user of GitLab and a key on old for each; on GitLab they are developers of one group. */
async function admitPeople(
  folder: string,
  { old, gitlab, names }: { old: OldServer; gitlab: GitlabStandIn; names: readonly string[] },
): Promise<Map<string, LabPerson>> {
  const people = new Map<string, LabPerson>();
  const members: { userId: number; accessLevel: number }[] = [];
  for (const name of names) {
    const person = makePerson({ folder, name, servers: servers({ old, gitlab }), ...accountOn(old, name) });
    await old.addKey(person.publicKey);
    members.push({
      userId: (await gitlab.addUser({ username: name, sshPublicKey: person.publicKey })).id,
      accessLevel: 30,
    });
    people.set(name, person);
  }
  await gitlab.addGroup({ path: 'developers', members });
  return people;
}

function pulumiEnvironment(folder: string, token: string): Record<string, string> {
  return {
    PATH: `${tools().pulumi}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: mkdir(join(folder, 'operator')),
    PULUMI_HOME: mkdir(join(folder, 'pulumi')),
    PULUMI_BACKEND_URL: `file://${mkdir(join(folder, 'backend'))}`,
    PULUMI_CONFIG_PASSPHRASE: 'lab',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    GITLAB_TOKEN: token,
    [markName]: folder,
  };
}

function settings({
  options,
  old,
  gitlab,
}: {
  options: LabOptions;
  old: OldServer;
  gitlab: GitlabStandIn;
}): Record<string, unknown> {
  return {
    phase: 'old',
    longestPushSeconds: 3,
    server: {
      host: old.host,
      port: old.port,
      user: old.user,
      hostKeys: [...old.hostKeys],
      privateKeyFile: old.operatorKey,
      root: old.root,
      folder: join(old.home, '.git-handover'),
      node: process.execPath,
    },
    gitlab: {
      url: gitlab.url,
      sshHost: gitlab.sshHost,
      sshPort: gitlab.sshPort,
      sshHostKeys: [...gitlab.hostKeys],
      group: { path: 'code', create: true },
    },
    people: { groups: [{ path: 'developers', access: 'developer' }] },
    repositories: Object.fromEntries(options.repositories.map((repository) => [repository, {}])),
    agent: { queueDelaySeconds: 0, timer: 'none', connectSeconds: 10, lookSeconds: 10 },
    ...options.settings,
  };
}

/** A folder of its own, so that nothing is written into this project. */
function layOutProject(folder: string, values: Record<string, unknown>): string {
  mkdir(folder);
  for (const name of linked.filter((candidate) => existsSync(join(tools().project, candidate))))
    symlinkSync(join(tools().project, name), join(folder, name));
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`git-handover:${key}`, value]));
  writeFileSync(configFile(folder), stringify({ config }));
  return folder;
}

function configFile(project: string): string {
  return join(project, `Pulumi.${stack}.yaml`);
}

function configure(project: string, change: (settings: Record<string, unknown>) => void): void {
  const file = parse(readFileSync(configFile(project), 'utf8')) as { config: Record<string, unknown> };
  change(file.config);
  writeFileSync(configFile(project), stringify(file));
}

function runPulumi({ project, env }: Pick<Parts, 'project' | 'env'>, args: readonly string[]): Started {
  return startProcess('pulumi', args, { env: { ...env }, cwd: project });
}

async function must(started: Started): Promise<void> {
  const { code } = await started.ended;
  if (code !== 0) throw new Error(`Cannot start the lab as pulumi failed: ${started.output()}`);
}

async function seen(started: Started): Promise<Seen> {
  const start = performance.now();
  const { code } = await started.ended;
  return { code: code ?? -1, output: started.output(), ms: performance.now() - start };
}

function runAgent(parts: Parts, args: readonly string[], input = ''): Started {
  return startProcess(process.execPath, [join(parts.agentFolder, 'agent.cjs'), ...args], {
    env: oldEnvironment(parts),
    cwd: '/',
    input,
    account: agentAccount(parts),
  });
}

function agentAccount({ old }: Parts): NonNullable<Surroundings['account']> | null {
  return old.agent === null ? null : { ...old.agent, groups: [sharingGroup.gid] };
}

function oldEnvironment({ old, folder, oldEnv }: Parts): NodeJS.ProcessEnv {
  return {
    ...oldEnv,
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: old.home,
    GIT_HANDOVER_BOOT_ID_FILE: join(folder.path, 'old', 'boot_id'),
    [markName]: join(folder.path, 'old'),
  };
}

/** What cron does on a real server, more often. */
function startTick(parts: Parts, everySeconds: number): Started {
  const agent = join(parts.agentFolder, 'agent.cjs');
  const loop = `while :; do [ -e ${agent} ] && ${process.execPath} ${agent} watch; sleep ${everySeconds}; done`;
  return startProcess('sh', ['-c', loop], { env: oldEnvironment(parts), cwd: '/', account: agentAccount(parts) });
}

function mkdir(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
