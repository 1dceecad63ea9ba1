/** One commit pushed to old in each phase, against a plain repository on the same server. */
import { type Client, type Connection, makeClient } from '../client';
import type { Bench, Measurement } from '../bench';
import { type Chart, figure, type Figure, type Outcome, together } from '../figures';
import { installClassicHook } from '../rawproject';
import type { Site } from '../site';
import { median, percentile, ratio } from '../statistics';
import { takeTurns, timesOf, type Variant } from '../turns';

const repositories = {
  plain: 'push/plain.git',
  mirror: 'push/mirror.git',
  both: 'push/both.git',
  warn: 'push/warn.git',
  straight: 'push/straight.git',
  classic: 'push/classic.git',
} as const;
type Kind = keyof typeof repositories;

const said: Readonly<Record<Connection, string>> = { fresh: 'fresh connection', multiplexed: 'multiplexed connection' };
const whole = 40;
const quick = 5;

export const pushes: Measurement = {
  name: 'pushes',
  about: 'a push in mirror, both and warn, and with the classic mirror hook, against a plain push',
  quick: true,
  places: () => ({
    [repositories.plain]: { phase: 'plain' },
    [repositories.classic]: { phase: 'plain' },
    [repositories.mirror]: { phase: 'mirror' },
    [repositories.both]: { phase: 'both' },
    [repositories.warn]: { phase: 'warn' },
    [repositories.straight]: { phase: 'both' },
  }),
  async measure(bench) {
    const site = await bench.site();
    await installClassicHook(site.lab, repositories.classic);
    return together([await by('fresh', bench, site), await by('multiplexed', bench, site)]);
  },
};

async function by(connection: Connection, bench: Bench, site: Site): Promise<Outcome> {
  bench.say(`pushes by clients with a ${said[connection]}`);
  const client = await makeClient(site.lab, `pusher-${connection}`, connection);
  const kinds = kindsOf(connection, bench.options.quick);
  const variants = [
    ...kinds.map((kind) => variant(kind, kind, client, site)),
    variant('plain again', 'plain', client, site),
  ];
  const times = await takeTurns(variants, { rounds: bench.rounds(whole, quick), warmUps: 2 });
  const plain = [...timesOf(times, 'plain'), ...timesOf(times, 'plain again')];
  const noise = ratio(timesOf(times, 'plain again'), timesOf(times, 'plain'));
  return {
    figures: [
      ...kinds
        .filter((kind) => kind !== 'plain')
        .flatMap((kind) => figuresOf(kind, connection, timesOf(times, kind), plain)),
      ...ownShare(times, plain),
    ],
    noise: {
      [`plain / plain, ${said[connection]}, p50`]: noise.p50,
      [`plain / plain, ${said[connection]}, p95`]: noise.p95,
    },
    missing: [],
    charts: [chart(connection, times, kinds)],
  };
}

function kindsOf(connection: Connection, isQuick: boolean): Kind[] {
  const other: readonly Kind[] = connection === 'multiplexed' ? ['straight'] : isQuick ? [] : ['classic'];
  return ['plain', 'mirror', 'both', ...(isQuick ? [] : (['warn'] as const)), ...other];
}

function variant(name: string, kind: Kind, client: Client, site: Site): Variant {
  return {
    name,
    run: () => client.push(repositories[kind], kind === 'straight' ? 'gitlab' : 'old'),
    after: () => site.settle(repositories[kind]),
  };
}

const named: Readonly<Record<Kind, string>> = {
  plain: 'plain',
  mirror: 'push in mirror',
  both: 'push in both',
  warn: 'push in warn',
  straight: 'push straight to GitLab',
  classic: 'push with the classic mirror hook',
};

function figuresOf(kind: Kind, connection: Connection, times: readonly number[], plain: readonly number[]): Figure[] {
  const { p50, p95 } = ratio(times, plain);
  const base = `${named[kind]} / plain, ${said[connection]}`;
  return [
    figure(`${base}, p50`, p50, '×', `A usual push takes ${percent(p50)} than before.`),
    figure(
      `${base}, p95`,
      p95,
      '×',
      `One push in twenty takes longer than ${p95.toFixed(2)} times what one in twenty took before.`,
    ),
    figure(
      `${named[kind]} beyond plain, ${said[connection]}`,
      median(times) - median(plain),
      'ms',
      'What a pusher waits longer.',
    ),
  ];
}

/** A push in `both` is one to old and one to GitLab, one after the other: what is beyond both is the agent's. */
function ownShare(times: ReadonlyMap<string, readonly number[]>, plain: readonly number[]): Figure[] {
  if (!times.has('straight')) return [];
  const [beyond, straight] = [median(timesOf(times, 'both')) - median(plain), median(timesOf(times, 'straight'))];
  return [
    figure(
      'push in both beyond plain and a push straight to GitLab, multiplexed connection',
      beyond - straight,
      'ms',
      'What the agent itself adds; the rest is the work of the two servers.',
    ),
    figure(
      'GitLab in what a push in both takes longer, multiplexed connection',
      (100 * straight) / beyond,
      '%',
      'The part that a push straight to GitLab takes as well.',
    ),
  ];
}

function percent(factor: number): string {
  const more = Math.round((factor - 1) * 100);
  return more >= 0 ? `${more} % longer` : `${-more} % less time`;
}

function chart(connection: Connection, times: ReadonlyMap<string, readonly number[]>, kinds: readonly Kind[]): Chart {
  const bars = kinds.map((kind) => ({
    label: named[kind],
    value: median(timesOf(times, kind)),
    high: percentile(timesOf(times, kind), 0.95),
  }));
  return {
    name: `push-${connection}`,
    title: `One push, ${said[connection]}: median, and p95 as a line`,
    unit: 'ms',
    bars,
  };
}
