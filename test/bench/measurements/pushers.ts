/**
 * Many people who push at once, as fast as they can: to branches of one repository, and to repositories of their own.
 */
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, type Figure, type Outcome, together } from '../figures';
import { noResident, residentPid, usageDuring, type Usage } from '../resident';
import type { Place, Site } from '../site';
import { median } from '../statistics';

const kinds = ['plain', 'both'] as const;
type Kind = (typeof kinds)[number];

interface Crowd {
  readonly layout: 'branches' | 'repositories';
  readonly people: number;
  readonly name: string;
  readonly quick: boolean;
}

const layouts: readonly Crowd[] = [
  { layout: 'branches', people: 8, name: '8 pushers on 8 branches', quick: true },
  { layout: 'repositories', people: 8, name: '8 pushers on 8 repositories', quick: false },
  { layout: 'repositories', people: 20, name: '20 pushers on 20 repositories', quick: false },
];
const pushesEach = { whole: 5, quick: 2 };
const blocks = { whole: 5, quick: 2 };

export const pushers: Measurement = {
  name: 'pushers',
  about: '8 people at once on 8 branches and on 8 repositories, and 20 on 20: pushes a second against plain',
  quick: true,
  places: (options) =>
    Object.fromEntries(
      wanted(options.quick).flatMap((crowd) =>
        kinds.flatMap((kind) => repositoriesOf(crowd, kind).map((name): [string, Place] => [name, { phase: kind }])),
      ),
    ),
  async measure(bench) {
    const site = await bench.site();
    const crowds = wanted(bench.options.quick);
    const clients = await Promise.all(
      Array.from({ length: Math.max(...crowds.map(({ people }) => people)) }, (_, index) =>
        makeClient(site.lab, `many-${index + 1}`, 'fresh'),
      ),
    );
    const outcomes: Outcome[] = [];
    for (const crowd of crowds)
      outcomes.push(await measureCrowd(crowd, { bench, site, clients: clients.slice(0, crowd.people) }));
    return together(outcomes);
  },
};

function wanted(isQuick: boolean): typeof layouts {
  return layouts.filter(({ quick }) => quick || !isQuick);
}

function repositoriesOf({ layout, people }: Crowd, kind: Kind): string[] {
  return layout === 'branches'
    ? [`crowd/${kind}.git`]
    : Array.from({ length: people }, (_, index) => `crowd/${kind}-${index + 1}.git`);
}

interface Ground {
  readonly bench: Bench;
  readonly site: Site;
  readonly clients: readonly Client[];
}

async function measureCrowd(crowd: Crowd, ground: Ground): Promise<Outcome> {
  const { layout, name } = crowd;
  const { bench, site } = ground;
  bench.say(name);
  const count = bench.options.quick ? blocks.quick : blocks.whole;
  const rates: Record<Kind, number[]> = { plain: [], both: [] };
  const usages: Usage[] = [];
  for (let block = 0; block < count; block++) {
    for (const kind of block % 2 === 0 ? kinds : [...kinds].reverse())
      rates[kind].push(await rate(crowd, kind, ground, usages));
  }
  const half = (odd: number): number => median(rates.plain.filter((_, index) => index % 2 === odd));
  const load =
    layout === 'branches' ? underLoad(usages, residentPid(site.lab.agentFolder)) : { figures: [], missing: [] };
  return {
    figures: [
      figure(
        `${name}: both / plain`,
        median(rates.both) / median(rates.plain),
        '×',
        'How many pushes a busy server still takes, as a share of what it took before.',
      ),
      figure(
        `${name}: pushes in both`,
        median(rates.both),
        'pushes/s',
        'With all three (people, old, GitLab) on one machine, which a real site has not.',
      ),
      ...load.figures,
    ],
    noise: { [`${name}: plain / plain`]: half(1) / half(0) },
    missing: load.missing,
    charts: [],
  };
}

/** Pushes a second, all people together. */
async function rate(crowd: Crowd, kind: Kind, { bench, clients, site }: Ground, usages: Usage[]): Promise<number> {
  const each = bench.options.rounds ?? (bench.options.quick ? pushesEach.quick : pushesEach.whole);
  const places = repositoriesOf(crowd, kind);
  const commits = await Promise.all(
    clients.map((client, index) => client.prepare(places[index % places.length] ?? '', each)),
  );
  const start = performance.now();
  const pushing = Promise.all(
    clients.map((client, index) => pushAll(client, places[index % places.length] ?? '', commits[index] ?? [])),
  );
  const pid = kind === 'both' ? residentPid(site.lab.agentFolder) : null;
  if (pid !== null) usages.push(await usageDuring(pid, pushing));
  await pushing;
  return (1_000 * crowd.people * each) / (performance.now() - start);
}

async function pushAll(client: Client, repository: string, commits: readonly string[]): Promise<void> {
  const folder = await client.clone(repository);
  for (const commit of commits)
    await client.timed(folder, 'push', '--quiet', 'origin', `${commit}:refs/heads/${client.person.name}`);
}

function underLoad(
  usages: readonly Usage[],
  pid: number | null,
): { figures: Figure[]; missing: { name: string; why: string }[] } {
  if (pid === null || usages.length === 0)
    return { figures: [], missing: [{ name: 'resident memory and processor under load', why: noResident }] };
  return {
    figures: [
      figure(
        'resident memory, 8 pushers',
        Math.max(...usages.map(({ megabytes }) => megabytes)),
        'MB',
        'What the resident agent needs on old while people push.',
      ),
      figure(
        'resident processor, 8 pushers',
        median(usages.map(({ percent }) => percent)),
        '% of a core',
        'With the processes that it starts and waits for.',
      ),
    ],
    missing: [],
  };
}
