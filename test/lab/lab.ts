/**
 * A whole lab: the old server, a GitLab stand-in, people with rights on both, and a ready stack for the real `pulumi`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Verbs } from '../../agent/contract/verbs';
import { type AgentOnOld, runAgent, startTick } from './agentonold';
import type { Seen } from './contract';
import { type LabFolder, labFolder } from './folder';
import { startGitlab } from './gitlab/gitlab';
import type { GitlabStandIn } from './gitlab/standin';
import { type Login, type OldPrograms, type OldServer, startOldServer } from './old';
import { type LabPerson, makePerson } from './person';
import type { Started } from './processes';
import { configure, makeStack, runPulumi, type Stack, usualSettings } from './stack';

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
  /** On old, instead of the machine's: then the Node that the stack copied there runs the agent. */
  readonly oldPath?: string;
  /** Without them old has the machine's. */
  readonly oldPrograms?: OldPrograms;
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

export async function startLab(options: LabOptions): Promise<Lab> {
  const folder = labFolder();
  const at = (name: string): string => join(folder.path, name);
  mkdirSync(at('old'));
  const old = await startOldServer({
    folder: at('old'),
    repositories: options.repositories,
    env: { ...options.oldEnv, ...(options.oldPath === undefined ? {} : { PATH: options.oldPath }) },
    login: options.login ?? usualLogin(),
    ...(options.oldPrograms === undefined ? {} : { programs: options.oldPrograms }),
  });
  const gitlab = await startGitlab({ localWebhooks: ['127.0.0.1'] });
  const people = await admitPeople(folder.path, { old, gitlab, names: options.people });
  const service = await gitlab.addUser({ username: 'handover', name: 'git-handover', admin: true });
  const stack = await makeStack(folder.path, service.token, usualSettings(options, { old, gitlab }));
  const agent = { old, folder: join(old.home, '.git-handover'), bootIdFile: at('old/boot_id'), mark: at('old') };
  return assemble(
    { folder, old, gitlab, stack, agent: { ...agent, env: options.oldEnv ?? {}, path: options.oldPath ?? null } },
    people,
    options,
  );
}

interface Parts {
  readonly folder: LabFolder;
  readonly old: OldServer;
  readonly gitlab: GitlabStandIn;
  readonly stack: Stack;
  readonly agent: AgentOnOld;
}

function assemble(parts: Parts, people: ReadonlyMap<string, LabPerson>, options: LabOptions): Lab {
  const { old, gitlab, stack, agent } = parts;
  let timer: Started | null = null;
  const startTimer = (): void => {
    if ((options.tickSeconds ?? 1) > 0) timer = startTick(agent, options.tickSeconds ?? 1);
  };
  startTimer();
  return {
    folder: parts.folder.path,
    gitlab,
    old,
    project: stack.project,
    env: stack.env,
    agentFolder: agent.folder,
    person: (name) => people.get(name) ?? unknownPerson(name),
    stranger: (name) =>
      makePerson({ folder: parts.folder.path, name, servers: servers(parts), ...accountOn(old, name) }),
    oldUrl: (repository) =>
      `ssh://${old.agent === null ? `${old.user}@` : ''}${old.host}:${old.port}${old.repositoryPath(repository)}`,
    gitlabUrl: (project) => `ssh://${gitlab.sshUser}@${gitlab.sshHost}:${gitlab.sshPort}/${project}.git`,
    pulumi: (...args) => seen(runPulumi(stack, args)),
    beginPulumi: (...args) => runPulumi(stack, args),
    configure: (change) => configure(stack, change),
    agent: (...args) => seen(runAgent(agent, args)),
    ask: (verb, request) => seen(runAgent(agent, ['call', verb], JSON.stringify(request))),
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

async function seen(started: Started): Promise<Seen> {
  const start = performance.now();
  const { code } = await started.ended;
  return { code: code ?? -1, output: started.output(), ms: performance.now() - start };
}
