/** Fetching from old: no hook runs there, so nothing may change. */
import type { Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure } from '../figures';
import { ratio } from '../statistics';
import { takeTurns, timesOf, type Variant } from '../turns';
import type { Site } from '../site';

const repositories = { plain: 'fetch/plain.git', both: 'fetch/both.git' } as const;

export const fetching: Measurement = {
  name: 'fetch',
  about: 'a fetch of one commit from old with the agent, against the same without it',
  quick: false,
  places: () => ({ [repositories.plain]: { phase: 'plain' }, [repositories.both]: { phase: 'both' } }),
  async measure(bench) {
    bench.say('fetches from old');
    const site = await bench.site();
    const [author, reader] = [
      await makeClient(site.lab, 'author', 'multiplexed'),
      await makeClient(site.lab, 'reader', 'fresh'),
    ];
    const variants = [
      variant('plain', repositories.plain),
      variant('both', repositories.both),
      variant('plain again', repositories.plain),
    ].map((one) => one(site, author, reader));
    const times = await takeTurns(variants, { rounds: bench.rounds(30, 6) });
    const plain = [...timesOf(times, 'plain'), ...timesOf(times, 'plain again')];
    const { p50 } = ratio(timesOf(times, 'both'), plain);
    return {
      figures: [
        figure(
          'fetch from old with the agent / without, fresh connection, p50',
          p50,
          '×',
          'Whoever only reads from old notices nothing when this is about 1.',
        ),
      ],
      noise: { 'plain fetch / plain fetch, p50': ratio(timesOf(times, 'plain again'), timesOf(times, 'plain')).p50 },
      missing: [],
      charts: [],
    };
  },
};

function variant(name: string, repository: string): (site: Site, author: Client, reader: Client) => Variant {
  return (site, author, reader) => ({
    name,
    async run() {
      const folder = await reader.clone(repository);
      await author.push(repository);
      await site.settle(repository);
      return reader.timed(folder, 'fetch', '--quiet', 'origin');
    },
  });
}
