/** The product in its lab, with an operator who moves it from phase to phase. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isPhase, phaseTable, type Phase } from '../../agent/contract/phase';
import type { Fact, Listed, Oid, Refs, Server } from '../history/history';
import { gitlab } from '../history/history';
import type { Lab } from '../lab/lab';
import { until } from '../lab/processes';
import { AuditWatch } from './auditwatch';
import { chosenFaults } from './faults/every';
import type { Fault, Ground } from './faults/fault';
import { Operator } from './operator';
import { PhaseWatch } from './phasewatch';
import { Random } from '../random';
import type { Ending, Recorder } from './recorder';
import { ancestry, plant, refsOf } from './refs';
import { gitlabUrl, oldAddress, openRelayedLab, type RelayedLab } from './relayedlab';
import { names, repository, type Relays, type Site } from './site';

export interface SiteOptions {
  readonly seed: number;
  readonly recorder: Recorder;
  readonly say: (line: string) => void;
  /** Of all faults, also the unusual ones, those whose name matches. */
  readonly only?: RegExp | undefined;
}

const project = 'code/team/app';
/** After `mirror`, again and again. */
const journey: readonly Phase[] = ['both', 'warn', 'mirror', 'both', 'warn', 'refuse', 'both', 'mirror'];
const passesMax = 12;
const damageInMirror = 0.3;
const careMs = 3_000;
const drainMs = 60_000;
/** A trouble is settled after the first, GitLab's longest push is over after the second. */
const restingTriesMax = 5;

export async function openProduct(options: SiteOptions): Promise<Site> {
  return new Product(await openRelayedLab(), options);
}

class Product implements Site {
  readonly people;
  readonly faults: readonly Fault[];
  private readonly path: string;
  private readonly operator: Operator;
  private readonly watch: PhaseWatch;
  private readonly audit: AuditWatch;
  private lastOnGitlab: Refs = new Map();
  private travelling: Promise<void> = Promise.resolve();
  private resting = false;
  private readonly damaging: Random;
  /** Of the journey, made before anything is wrong: half of the runs begin with both sides open. */
  private readonly stops: number;

  private readonly lab: Lab;
  private readonly relays: Relays;

  constructor(
    private readonly servers: RelayedLab,
    private readonly options: SiteOptions,
  ) {
    const { seed, recorder, say } = options;
    const { lab, relays } = servers;
    this.lab = lab;
    this.relays = relays;
    this.people = names.map((name) => lab.person(name));
    this.path = lab.old.repositoryPath(repository);
    this.operator = new Operator({
      lab,
      recorder,
      say,
      project,
      path: this.path,
      random: Random.stream(seed, 'operator'),
    });
    this.watch = new PhaseWatch(lab.agentFolder, recorder);
    this.damaging = Random.stream(seed, 'damage');
    this.stops = Random.stream(seed, 'start').whole(0, 1);
    this.audit = new AuditWatch(lab, recorder);
    this.faults = chosenFaults(lab, this.ground(), this.operator, options.only);
  }

  url(server: Server): string {
    return server === gitlab
      ? gitlabUrl(this.servers).replace('{project}', project)
      : `${oldAddress(this.servers)}${this.path}`;
  }

  /** Some do not know, or do not mind, where one may push. */
  server(chance: Random): Server {
    const row = isPhase(this.watch.phase) ? phaseTable[this.watch.phase] : phaseTable.old;
    const toGitlab = !row.gitlabOpen ? 0.1 : row.oldTakesPushes ? 0.45 : 0.9;
    return chance.chance(toGitlab) ? gitlab : 'old';
  }

  async open(): Promise<Refs> {
    plant(this.path);
    const first = refsOf(this.path);
    const phases: readonly Phase[] = ['old', 'mirror', ...journey.slice(0, this.stops)];
    for (const phase of phases) if (!(await this.operator.reach(phase, () => true))) this.fail(phase);
    return first;
  }

  private fail(phase: Phase): never {
    throw new Error(`Cannot begin as ${phase} must be reached while nothing is wrong.`);
  }

  private ground(): Ground {
    const { lab } = this;
    return {
      random: Random.stream(this.options.seed, 'faults'),
      recorder: this.options.recorder,
      relays: this.relays,
      oldRepository: this.path,
      gitlabRepository: () => lab.gitlab.repositoryPath(project),
      oldSshd: () => lab.old.sshdPid(),
      mayDamage: () => this.mayDamage(),
      reboot: async (meanwhile) => {
        await lab.old.reboot(meanwhile);
        lab.startTimer();
      },
    };
  }

  /**
   * In `mirror` a person must settle each, and no move goes on meanwhile: less often, or no run would get beyond it.
   */
  private mayDamage(): boolean {
    return this.watch.phase === 'mirror' ? this.damaging.chance(damageInMirror) : this.watch.phase !== 'old';
  }

  begin(): void {
    const chance = Random.stream(this.options.seed, 'journey');
    const travel = async (): Promise<void> => {
      for (let stop = this.stops; !this.resting; stop++) {
        await this.arrive(journey[stop % journey.length] ?? 'both');
        await pause(chance.whole(1_000, 5_000));
      }
    };
    this.travelling = Promise.all([travel(), this.takeCare(), this.keepHouse()]).then(() => undefined);
  }

  /** Somebody looks at `status` now and then, and settles what is listed. */
  private async takeCare(): Promise<void> {
    while (!this.resting) {
      await pause(careMs);
      await this.operator.settleAll();
    }
  }

  /** GitLab's own, which would come an hour later. A Gitaly that is away now does it the next time. */
  private async keepHouse(): Promise<void> {
    do {
      await pause(careMs);
      await this.lab.gitlab.housekeeping(project).catch(() => undefined);
    } while (!this.resting);
  }

  /** However often it takes while there are faults; when they are over it may not take for ever. */
  private async arrive(phase: Phase): Promise<void> {
    const { recorder } = this.options;
    const began = recorder.now();
    let tries = 0;
    const arrived = await this.operator.reach(phase, () => this.resting && ++tries > restingTriesMax);
    if (!arrived)
      recorder.waits.push({
        what: `the move to ${phase}, when nothing was wrong any more,`,
        began,
        ended: null,
        limitMs: 0,
      });
  }

  /** The move under way is finished: nothing may keep it from that now. */
  async rest(): Promise<void> {
    this.resting = true;
    await this.travelling;
  }

  async converge(): Promise<Ending> {
    await until(
      'every push on old to end',
      async () => ((await this.operator.status())?.livePushes ?? 1) === 0,
      drainMs,
      200,
    );
    let passes = await this.passesUntilEqual();
    if ((await this.operator.settleAll()) > 0)
      passes = Math.max(passes ?? passesMax, (await this.passesUntilEqual()) ?? passesMax);
    const troubles = (await this.operator.status())?.troubles ?? [];
    this.lastOnGitlab = await this.lab.gitlab.refs(project);
    return {
      last: new Map([
        ['old', refsOf(this.path)],
        [gitlab, this.lastOnGitlab],
      ]),
      attic: new Set(refsOf(this.path, 'refs/handover/attic').values()),
      listed: troubles.map(({ ref, kind }): Listed => ({ server: 'old', ref, kind })),
      passesToEqual: passes,
      isAncestor: ancestry(this.path, this.lab.gitlab.repositoryPath(project)),
    };
  }

  /** Null when they gave up. What is listed may differ. */
  private async passesUntilEqual(): Promise<number | null> {
    for (let passes = 1; passes <= passesMax; passes++) {
      await this.operator.pass();
      if (await this.isLevel()) return passes;
    }
    return null;
  }

  private async isLevel(): Promise<boolean> {
    const [old, other] = [refsOf(this.path), await this.lab.gitlab.refs(project)];
    const listed = ((await this.operator.status())?.troubles ?? []).map(({ ref }) => ref);
    return [...new Set([...old.keys(), ...other.keys()])].every(
      (ref) => old.get(ref) === other.get(ref) || listed.includes(ref) || listed.includes('refs/'),
    );
  }

  seenOnGitlab(): readonly Fact[] {
    return this.audit.stop(this.lastOnGitlab);
  }

  taken(): ReadonlyMap<Oid, number> {
    return this.operator.taken;
  }

  notes(): readonly string[] {
    const { ups, failedUps, settlements } = this.operator;
    return [
      `pulumi up ran ${ups} times, ${failedUps.count()} of them failed; a person settled ${settlements} refs; it ends in ${this.watch.phase}`,
      ...failedUps.lines(),
    ];
  }

  evidence(): Readonly<Record<string, string>> {
    const file = join(this.lab.agentFolder, 'log', 'agent.jsonl');
    return existsSync(file) ? { 'agent.jsonl': readFileSync(file, 'utf8') } : {};
  }

  async close(): Promise<void> {
    this.watch.stop();
    this.audit.stop();
    await Promise.all(Object.values(this.relays).map((relay) => relay.close()));
    await this.lab.close();
  }
}
