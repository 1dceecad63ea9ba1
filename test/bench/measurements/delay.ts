/** What the way between the servers costs: a relay holds back everything that goes between old and GitLab. */
import { startRelay, type Relay } from '../../lab/relay';
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, type Figure, type Outcome } from '../figures';
import { openSite, type Site } from '../site';
import { median, ratio } from '../statistics';
import { takeTurns, timesOf, type Variant } from '../turns';

const repositories = { plain: 'delay/plain.git', mirror: 'delay/mirror.git', both: 'delay/both.git' } as const;
const delaysMs = [0, 5, 50] as const;
const farMs = 50;

export const delay: Measurement = {
  name: 'delay',
  about: 'a push in mirror and both with 0, 5 and 50 ms each way between the servers',
  quick: false,
  async measure(bench) {
    let gitlabPort = 0;
    const relay = await startRelay(() => gitlabPort);
    const site = await openSite(
      {
        [repositories.plain]: { phase: 'plain' },
        [repositories.mirror]: { phase: 'mirror' },
        [repositories.both]: { phase: 'both' },
      },
      {
        say: bench.say,
        configure: (settings, { gitlab }) => (
          (gitlabPort = gitlab.sshPort),
          void Object.assign(settings['git-handover:gitlab'] as object, { sshPort: relay.port })
        ),
      },
    );
    try {
      return await measureIn(site, relay, bench);
    } finally {
      await site.close();
      await relay.close();
    }
  },
};

async function measureIn(site: Site, relay: Relay, bench: Bench): Promise<Outcome> {
  bench.say('pushes with a long way between the servers');
  const client = await makeClient(site.lab, 'far', 'fresh');
  const far = delaysMs.flatMap((delayMs) => [
    variant('both', delayMs, { site, relay, client }),
    variant('mirror', delayMs, { site, relay, client }),
  ]);
  const times = await takeTurns([variant('plain', 0, { site, relay, client }), ...far], {
    rounds: bench.rounds(30, 8),
    warmUps: 1,
  });
  const plain = timesOf(times, 'plain at 0');
  return {
    figures: [...delaysMs.flatMap((delayMs) => figuresOf(delayMs, times, plain)), roundTrips(times)],
    noise: {},
    missing: [],
    charts: [
      {
        name: 'delay',
        title: 'One push, fresh connection, with a way between the servers',
        unit: 'ms',
        bars: [
          { label: 'plain', value: median(plain) },
          ...delaysMs.flatMap((delayMs) =>
            (['mirror', 'both'] as const).map((kind) => ({
              label: `${kind}, ${delayMs} ms each way`,
              value: median(timesOf(times, `${kind} at ${delayMs}`)),
            })),
          ),
        ],
      },
    ],
  };
}

interface Ground {
  readonly site: Site;
  readonly relay: Relay;
  readonly client: Client;
}

/** People reach both servers without the delay: only what goes between the servers has it. */
function variant(kind: keyof typeof repositories, delayMs: number, { site, relay, client }: Ground): Variant {
  return {
    name: `${kind} at ${delayMs}`,
    run: async () => {
      await relay.become({ kind: 'slow', delayMs });
      return client.push(repositories[kind]);
    },
    after: async () => {
      await site.settle(repositories[kind]);
      await relay.heal();
    },
  };
}

function figuresOf(delayMs: number, times: ReadonlyMap<string, readonly number[]>, plain: readonly number[]): Figure[] {
  return (['mirror', 'both'] as const).map((kind) => {
    const { p50 } = ratio(timesOf(times, `${kind} at ${delayMs}`), plain);
    return figure(
      `${delayMs} ms each way between the servers: push in ${kind} / plain, fresh connection`,
      p50,
      '×',
      `What a push takes in ${kind} when a ping between the servers takes ${2 * delayMs} ms.`,
    );
  });
}

function roundTrips(times: ReadonlyMap<string, readonly number[]>): Figure {
  const more = median(timesOf(times, `both at ${farMs}`)) - median(timesOf(times, 'both at 0'));
  return figure(
    'round trips between the servers in one push in both',
    more / (2 * farMs),
    'round trips',
    'Multiply by your own ping between the servers to know what it adds to each push.',
  );
}
