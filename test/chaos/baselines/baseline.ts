/** Two plain git servers joined by hooks, as many have tried it: what the same run does to them. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fact, gitlab, type Refs, type Server } from '../../history/history';
import { type LabFolder, labFolder } from '../../lab/folder';
import { type OldServer, startOldServer } from '../../lab/old';
import { type LabPerson, makeKey, makePerson } from '../../lab/person';
import { until } from '../../lab/processes';
import { type Relay, startRelay } from '../../lab/relay';
import { damage } from '../faults/damage';
import { fullDisk, mountSmallDisk } from '../faults/disk';
import type { Fault, Ground } from '../faults/fault';
import { kills } from '../faults/kills';
import { network } from '../faults/network';
import type { SiteOptions } from '../product';
import { Random } from '../../random';
import type { Ending } from '../recorder';
import { ancestry, plant, refsOf } from '../refs';
import { names, repository, type Relays, type Site } from '../site';
import { receivePacks } from '../victims';
import { sshConfig } from './sshconfig';

export type BaselineName = 'push-mirror-hook' | 'forwarding-hook';

interface Kind {
  readonly script: string;
  readonly hook: 'post-receive' | 'pre-receive';
  readonly servers: readonly Server[];
  /** Share of pushes that go to the other server. */
  readonly toOther: number;
}

/** Nothing brings a push back from the other server where a hook only forwards: so nobody pushes there. */
const kinds: Readonly<Record<BaselineName, Kind>> = {
  'push-mirror-hook': { script: 'push-mirror', hook: 'post-receive', servers: ['old', gitlab], toOther: 0.5 },
  'forwarding-hook': { script: 'forwarding', hook: 'pre-receive', servers: ['old'], toOther: 0 },
};

const diskMegabytes = 48;
const quietMs = 30_000;

export async function openBaseline(name: BaselineName, options: SiteOptions): Promise<Site> {
  const folder = labFolder();
  const at = (part: string): string => join(folder.path, part);
  const start = (part: string): Promise<OldServer> => {
    mkdirSync(at(part));
    return startOldServer({ folder: at(part), repositories: [repository] });
  };
  const [old, other] = [await start('old'), await start('other')];
  const [forward, back] = [await startRelay(() => other.port), await startRelay(() => old.port)];
  const relays = {
    between: joined(forward, back),
    peopleToOld: await startRelay(() => old.port),
    peopleToGitlab: await startRelay(() => other.port),
  };
  const people = await Promise.all(
    names.map((person) =>
      admit(folder, person, [
        [old, relays.peopleToOld],
        [other, relays.peopleToGitlab],
      ]),
    ),
  );
  const baseline = new Baseline({ folder, old, other, relays, people, kind: kinds[name] }, options);
  await baseline.joinBy({ forward, back });
  return baseline;
}

/** The way there and the way back have the same weather. */
function joined(forward: Relay, back: Relay): Relay {
  const both = [forward, back];
  return {
    port: forward.port,
    count: () => both.reduce((sum, relay) => sum + relay.count(), 0),
    cut: () => both.forEach((relay) => relay.cut()),
    become: async (weather) => void (await Promise.all(both.map((relay) => relay.become(weather)))),
    heal: async () => void (await Promise.all(both.map((relay) => relay.heal()))),
    close: async () => void (await Promise.all(both.map((relay) => relay.close()))),
  };
}

async function admit(
  folder: LabFolder,
  name: string,
  ways: readonly (readonly [OldServer, Relay])[],
): Promise<LabPerson> {
  const person = makePerson({
    folder: folder.path,
    name,
    servers: ways.map(([server, { port }]) => ({ host: server.host, port, hostKeys: server.hostKeys })),
  });
  for (const [server] of ways) await server.addKey(person.publicKey);
  return person;
}

interface Parts {
  readonly folder: LabFolder;
  readonly old: OldServer;
  readonly other: OldServer;
  readonly relays: Relays;
  readonly people: readonly LabPerson[];
  readonly kind: Kind;
}

class Baseline implements Site {
  readonly people;
  readonly faults: readonly Fault[];
  private readonly oldRepository: string;
  private readonly otherRepository: string;

  constructor(
    private readonly parts: Parts,
    private readonly options: SiteOptions,
  ) {
    const { old, other, people } = parts;
    this.people = people;
    this.oldRepository = old.repositoryPath(repository);
    this.otherRepository = other.repositoryPath(repository);
    this.faults = this.allFaults();
  }

  /** Installs the hook where the kind has it, with a key that the other server lets in. */
  async joinBy({ forward, back }: { forward: Relay; back: Relay }): Promise<void> {
    const { old, other } = this.parts;
    const ends: readonly { name: Server; here: OldServer; there: OldServer; port: number; lockPort: number }[] = [
      { name: 'old', here: old, there: other, port: forward.port, lockPort: old.port },
      { name: gitlab, here: other, there: old, port: back.port, lockPort: back.port },
    ];
    for (const { here, there, port, lockPort } of ends.filter(({ name }) => this.parts.kind.servers.includes(name))) {
      const key = join(here.home, 'key');
      const publicKey = makeKey(key, 'hook');
      await Promise.all([old, other].map((server) => server.addKey(publicKey)));
      const config = join(here.home, 'ssh_config');
      writeFileSync(config, sshConfig(key, { there, port, lock: old, lockPort }));
      const settings = {
        ssh_config: config,
        other: `ssh://other${there.repositoryPath(repository)}`,
        lock: join(old.home, 'mirror.lock'),
      };
      this.install(here, settings);
    }
  }

  private install(server: OldServer, settings: Readonly<Record<string, string>>): void {
    const { script, hook } = this.parts.kind;
    const hooks = join(server.repositoryPath(repository), 'hooks');
    copyFileSync(join(__dirname, script), join(hooks, hook));
    chmodSync(join(hooks, hook), 0o755);
    writeFileSync(
      join(hooks, 'settings'),
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  }

  url(server: Server): string {
    const { old, other, relays } = this.parts;
    const [at, relay] = server === gitlab ? [other, relays.peopleToGitlab] : [old, relays.peopleToOld];
    return `ssh://${at.user}@${at.host}:${relay.port}${at.repositoryPath(repository)}`;
  }

  server(chance: Random): Server {
    return chance.chance(this.parts.kind.toOther) ? gitlab : 'old';
  }

  async open(): Promise<Refs> {
    for (const path of [this.oldRepository, this.otherRepository]) plant(path);
    this.options.recorder.phase('old', 'both', 2);
    return refsOf(this.oldRepository);
  }

  private allFaults(): Fault[] {
    const { old, relays } = this.parts;
    const ground: Ground = {
      random: Random.stream(this.options.seed, 'faults'),
      recorder: this.options.recorder,
      relays,
      oldRepository: this.oldRepository,
      gitlabRepository: () => this.otherRepository,
      oldSshd: () => old.sshdPid(),
      mayDamage: () => true,
      reboot: (meanwhile) => old.reboot(meanwhile),
    };
    const mounted = mountSmallDisk(this.oldRepository, diskMegabytes);
    return [
      ...kills(ground),
      ...network(ground),
      ...damage(ground),
      fullDisk('the repository', () => this.oldRepository, mounted),
    ];
  }

  begin(): void {
    this.options.say('nobody operates this one');
  }

  async rest(): Promise<void> {
    await Promise.all(Object.values(this.parts.relays).map((relay) => relay.heal()));
  }

  /** Nothing compares the two sides here: what differs once the last hook has ended stays so. */
  async converge(): Promise<Ending> {
    const busy = (): boolean =>
      [this.oldRepository, this.otherRepository].some((path) => receivePacks(path).length > 0);
    await until('the last hooks to end', () => !busy(), quietMs, 200).catch(() =>
      this.options.say('hooks still wait for the lock'),
    );
    return {
      last: new Map([
        ['old', refsOf(this.oldRepository)],
        [gitlab, refsOf(this.otherRepository)],
      ]),
      attic: new Set(),
      listed: [],
      passesToEqual: null,
      isAncestor: ancestry(this.oldRepository, this.otherRepository),
    };
  }

  seenOnGitlab(): readonly Fact[] {
    return [];
  }

  taken(): ReadonlyMap<string, number> {
    return new Map();
  }

  notes(): readonly string[] {
    return [];
  }

  evidence(): Readonly<Record<string, string>> {
    return {};
  }

  async close(): Promise<void> {
    const { old, other, relays, folder } = this.parts;
    await Promise.all([old.stop(), other.stop(), ...Object.values(relays).map((relay) => relay.close())]);
    await folder.close();
  }
}
