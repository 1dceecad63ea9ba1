/** One seed's whole world: servers, clock, faults, and what is written down for the checkers. */
import type { AgentConfig, RepositoryConfig } from '../../agent/contract/configs';
import type { Oid, RefName } from '../../agent/rules/values';
import type { Fact, Push, Server, Update, Verdict, Wait } from '../history/history';
import { Commits, short, spelled } from './commits';
import { GitlabServer } from './gitlabserver';
import { OldServer } from './oldserver';
import type { FaultName, Options } from './options';
import { Random } from '../random';
import { Scheduler, type Process } from './scheduler';

/** Short, so that much happens in a seed. */
export const limits: AgentConfig['limits'] = {
  holdMs: 6_000,
  leaseMs: 25_000,
  longestGitlabPushMs: 6_000,
  connectMs: 3_000,
  lookMs: 4_000,
  breakerShare: 0.33,
  breakerRefs: 3,
  refsPerPush: 2_000,
};
export const agentConfig: Pick<AgentConfig, 'texts'> = { texts: {} };
export const healMs = 10_000;

export class Simulation {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly commits = new Commits();
  readonly gitlab: GitlabServer;
  readonly olds: readonly OldServer[];
  readonly pushes: Push[] = [];
  readonly facts: Fact[] = [];
  readonly waits: Wait[] = [];
  /** Pushes to old whose receive-pack was started. */
  readonly begun: { readonly server: Server; readonly receivePack: Process; readonly updates: readonly Update[] }[] =
    [];
  /** Refs that were to be changed inside a push's quarantine. */
  quarantined = 0;
  /** Every value that was put into an attic: what rots there later is damage. */
  readonly attic = new Set<Oid>();
  readonly faults = new Map<FaultName, number>();
  /** What happened, for people. */
  readonly story: string[] = [];
  /** Pushes whose way to GitLab breaks each time, numbers. */
  readonly unanswered = new Set<number>();
  /** Faults may be drawn; off in the second half of a run. */
  faulty = true;
  /** The values that people go back and forth between, where they do. */
  readonly pool = new Map<RefName, readonly Oid[]>();
  /** Counts what a journey in time may come right after. */
  moments = 0;
  /** What `watchSpread` found. */
  readonly spread: Verdict[] = [];
  /** Phases that old went back from before anybody was let in (inforce.ts). */
  readonly unborn = new Set<Fact>();
  /** Facts that old knows nothing of: it went back to before its first fence. */
  forgot = 0;
  /** The refs that a person was shown who brings both sides together just now, and keeps GitLab's of all others. */
  asked: ReadonlySet<string> | null = null;
  /** Hears of each change of a ref, before it is told. */
  heard: (server: Server, update: Update, push: number | null) => void = () => undefined;
  /** Hears what a person decided, before it is done. */
  decides: (ref: string, value: Oid | null) => void = () => undefined;
  /** What the accepted updates of a ref give; undefined where nobody watches. */
  truthOf: (ref: string) => Oid | null | undefined = () => undefined;
  /** Steps of processes on old until everything was healed. */
  points = 0;
  /** What is to happen at one of them. */
  atPoint: (process: Process, point: number) => void = () => undefined;
  /** A change of phase is under way. */
  moving = false;
  private pushIds = 0;

  constructor(readonly options: Options) {
    this.random = new Random(options.seed + 1);
    this.scheduler = new Scheduler(this.random.fork());
    this.gitlab = new GitlabServer(this.commits);
    this.olds = Array.from(
      { length: options.oldServers },
      (_none, index) => new OldServer(`old${index + 1}`, `/srv/old${index + 1}/app.git`),
    );
  }

  /** Faults that a scenario wants at the next opportunity. */
  readonly forced: FaultName[] = [];

  /** Draws a fault and counts it when it is to happen. */
  strikes(fault: FaultName, share = this.options[fault]): boolean {
    if (this.forced.includes(fault)) {
      this.forced.splice(this.forced.indexOf(fault), 1);
      return true;
    }
    if (!this.faulty || !this.random.chance(share)) return false;
    this.count(fault);
    return true;
  }

  count(fault: FaultName): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  /** A step of a process may be its last. */
  mayDie(process: Process): void {
    if (this.faulty && process.alive && process.host.name.startsWith('old')) this.atPoint(process, (this.points += 1));
    if (!process.alive || process.host.name === 'gitlab' || !this.strikes('kill')) return;
    this.tell(`${process.name} (${process.pid}) is killed`);
    process.end();
  }

  /** What a request over the network takes, ms. */
  latency(): number {
    return this.strikes('slow') ? this.random.between(500, 5_000) : this.random.between(2, 40);
  }

  newPush(): number {
    this.pushIds += 1;
    return this.pushIds;
  }

  tell(words: string): void {
    this.story.push(`${(this.scheduler.now / 1000).toFixed(3).padStart(8)} s  ${spelled(words)}`);
  }

  /** A ref changed; `push` null when the agent did it. */
  applied(server: Server, update: Update, by: { push: number | null; epoch: number | null }): void {
    this.heard(server, update, by.push);
    this.moments += 1;
    this.facts.push({ kind: 'applied', at: this.scheduler.now, server, update, ...by });
    this.tell(
      `${server}: ${shortRef(update.ref)} ${short(update.before)} → ${short(update.after)}${by.push === null ? ' by the agent' : ` by push #${by.push}`}`,
    );
  }
}

export function shortRef(ref: RefName | string): string {
  return ref.replace('refs/heads/', '');
}

/** Of its attachments, counted from 1. */
export function fenceId({ name }: OldServer, attachment: number): string {
  return `${name}-${attachment}`;
}

/** Those of several servers are attached once: their operator knows each other's fence. */
export function repositoryConfig({ olds }: Simulation, old: OldServer): RepositoryConfig {
  return {
    path: old.directory,
    project: 'team/app',
    gitlabUrl: 'ssh://git@gitlab/team/app.git',
    peopleUrl: 'git@gitlab:team/app.git',
    namespaces: [],
    waivedNamespaces: [],
    hooksAfterPass: false,
    ciSkip: false,
    brownouts: [],
    otherFences: olds.filter((other) => other !== old).map((other) => fenceId(other, 1)),
  };
}

/** One that the attic does not hold; null where there is none. */
export function pickRef({ random }: Simulation, refs: ReadonlyMap<RefName, Oid>): RefName | null {
  const names = [...refs.keys()].filter((ref) => !ref.startsWith('refs/handover/'));
  return names.length === 0 ? null : random.pick(names);
}
