/** Eight people who push at once, as fast as they can: to eight branches of one repository, and to eight repositories. */
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, type Figure, type Outcome, together } from '../figures';
import { noResident, residentPid, usageDuring, type Usage } from '../resident';
import type { Place, Site } from '../site';
import { median } from '../statistics';

const people = 8;
const kinds = ['plain', 'both'] as const;
type Kind = (typeof kinds)[number];
type Layout = 'branches' | 'repositories';

const layouts: readonly { readonly layout: Layout; readonly name: string; readonly quick: boolean }[] = [
  { layout: 'branches', name: '8 pushers on 8 branches', quick: true },
  { layout: 'repositories', name: '8 pushers on 8 repositories', quick: false },
];
const pushesEach = { whole: 5, quick: 2 };
const blocks = { whole: 5, quick: 2 };

export const pushers: Measurement = {
  name: 'pushers',
  about: '8 people at once on 8 branches and on 8 repositories: pushes a second against plain',
  quick: true,
  places: (options) => Object.fromEntries(wanted(options.quick).flatMap(({ layout }) => kinds.flatMap((kind) => repositoriesOf(layout, kind).map((name): [string, Place] => [name, { phase: kind }])))),
  async measure(bench) {
    const site = await bench.site();
    const clients = await Promise.all(Array.from({ length: people }, (_, index) => makeClient(site.lab, `many-${index + 1}`, 'fresh')));
    const outcomes: Outcome[] = [];
    for (const one of wanted(bench.options.quick)) outcomes.push(await measureLayout(one.layout, one.name, { bench, site, clients }));
    return together(outcomes);
  },
};

function wanted(isQuick: boolean): typeof layouts {
  return layouts.filter(({ quick }) => quick || !isQuick);
}

function repositoriesOf(layout: Layout, kind: Kind): string[] {
  return layout === 'branches' ? [`crowd/${kind}.git`] : Array.from({ length: people }, (_, index) => `crowd/${kind}-${index + 1}.git`);
}

interface Ground {
  readonly bench: Bench;
  readonly site: Site;
  readonly clients: readonly Client[];
}

async function measureLayout(layout: Layout, name: string, ground: Ground): Promise<Outcome> {
  const { bench, site } = ground;
  bench.say(name);
  const count = bench.options.quick ? blocks.quick : blocks.whole;
  const rates: Record<Kind, number[]> = { plain: [], both: [] };
  const usages: Usage[] = [];
  for (let block = 0; block < count; block++) {
    for (const kind of block % 2 === 0 ? kinds : [...kinds].reverse()) rates[kind].push(await rate(layout, kind, ground, usages));
  }
  const half = (odd: number): number => median(rates.plain.filter((_, index) => index % 2 === odd));
  const load = layout === 'branches' ? underLoad(usages, residentPid(site.lab.agentFolder)) : { figures: [], missing: [] };
  return {
    figures: [
      figure(`${name}: both / plain`, median(rates.both) / median(rates.plain), '×', 'How many pushes a busy server still takes, as a share of what it took before.'),
      figure(`${name}: pushes in both`, median(rates.both), 'pushes/s', 'With all three (people, old, GitLab) on one machine, which a real site has not.'),
      ...load.figures,
    ],
    noise: { [`${name}: plain / plain`]: half(1) / half(0) },
    missing: load.missing, charts: [],
  };
}

/** Pushes a second, all people together. */
async function rate(layout: Layout, kind: Kind, { bench, clients, site }: Ground, usages: Usage[]): Promise<number> {
  const each = bench.options.rounds ?? (bench.options.quick ? pushesEach.quick : pushesEach.whole);
  const places = repositoriesOf(layout, kind);
  const commits = await Promise.all(clients.map((client, index) => client.prepare(places[index % places.length] ?? '', each)));
  const start = performance.now();
  const pushing = Promise.all(clients.map((client, index) => pushAll(client, places[index % places.length] ?? '', commits[index] ?? [])));
  const pid = kind === 'both' ? residentPid(site.lab.agentFolder) : null;
  if (pid !== null) usages.push(await usageDuring(pid, pushing));
  await pushing;
  return (1_000 * people * each) / (performance.now() - start);
}

async function pushAll(client: Client, repository: string, commits: readonly string[]): Promise<void> {
  const folder = await client.clone(repository);
  for (const commit of commits) await client.timed(folder, 'push', '--quiet', 'origin', `${commit}:refs/heads/${client.person.name}`);
}

function underLoad(usages: readonly Usage[], pid: number | null): { figures: Figure[]; missing: { name: string; why: string }[] } {
  if (pid === null || usages.length === 0) return { figures: [], missing: [{ name: 'resident memory and processor under load', why: noResident }] };
  return {
    figures: [
      figure('resident memory, 8 pushers', Math.max(...usages.map(({ megabytes }) => megabytes)), 'MB', 'What the resident agent needs on old while people push.'),
      figure('resident processor, 8 pushers', median(usages.map(({ percent }) => percent)), '% of a core', 'With the processes that it starts and waits for.'),
    ],
    missing: [],
  };
}
