/**
 * What those who push notice of a change of phase: people push all the time while `pulumi up` moves their repositories.
 */
import type { Phase } from '../../../agent/contract/phase';
import { until } from '../../lab/processes';
import { expectDone } from '../../system/walk';
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, nothing, type Outcome } from '../figures';
import type { Places, Site } from '../site';
import { median, percentile } from '../statistics';

const moved = ['moving/app-1.git', 'moving/app-2.git', 'moving/app-3.git'] as const;
const plain = 'moving/plain.git';
const journey: readonly Phase[] = ['both', 'warn'];
/** Pushes of each before the first move and after each one, to know how long one takes at rest. */
const atRest = 8;
const restMs = 120_000;

export const moving: Measurement = {
  name: 'moving',
  about: 'the longest a push waits while its repository changes its phase',
  quick: false,
  places: (): Places => ({
    [plain]: { phase: 'plain' },
    ...Object.fromEntries(moved.map((name) => [name, { phase: 'mirror' as const }])),
  }),
  async measure(bench) {
    const site = await bench.site();
    const pushers = await Promise.all(
      [...moved, plain].map(
        async (repository, index) =>
          new Pusher(await makeClient(site.lab, `mover-${index + 1}`, 'multiplexed'), repository),
      ),
    );
    const running = Promise.all(pushers.map((pusher) => pusher.run()));
    try {
      return await measureMoves(site, bench, pushers);
    } finally {
      pushers.forEach((pusher) => pusher.stop());
      await running;
    }
  },
};

interface Window {
  readonly from: number;
  readonly to: number;
}

async function measureMoves(site: Site, bench: Bench, pushers: readonly Pusher[]): Promise<Outcome> {
  const windows: Window[] = [];
  await rest(pushers);
  for (let move = 0; move < bench.rounds(8, 1); move++) {
    const phase = journey[move % journey.length] ?? 'both';
    bench.say(`a change to ${phase} under pushes`);
    for (const name of moved) site.walk.choose(phase, name);
    const from = performance.now();
    expectDone(await site.walk.up());
    windows.push({ from, to: performance.now() });
    await rest(pushers);
  }
  const pauses = (repositories: readonly string[]): number[] =>
    pushers
      .filter(({ repository }) => repositories.includes(repository))
      .flatMap((pusher) => windows.map((window) => pusher.pauseIn(window, windows) / 1_000));
  return {
    ...nothing,
    figures: [
      figure(
        'pause during a change of phase, p99',
        percentile(pauses(moved), 0.99),
        's',
        'Nobody’s push waits longer than that because its repository moves on.',
      ),
      figure(
        'pause during a change of phase, p50',
        median(pauses(moved)),
        's',
        'The longest wait of a usual change of phase.',
      ),
    ],
    noise: {
      'longest wait on a plain repository during the same `pulumi up`, p99, s': percentile(pauses([plain]), 0.99),
      'longest wait on a plain repository during the same `pulumi up`, p50, s': median(pauses([plain])),
    },
  };
}

async function rest(pushers: readonly Pusher[]): Promise<void> {
  const counts = pushers.map((pusher) => pusher.count + atRest);
  await until(
    'pushes to go on',
    () => pushers.every((pusher, index) => pusher.count >= (counts[index] ?? 0) || pusher.failed !== null),
    restMs,
  );
  const failed = pushers.find((pusher) => pusher.failed !== null)?.failed;
  if (failed) throw failed;
}

/** Pushes one empty commit after the other to a branch of its own. */
class Pusher {
  private readonly pushes: { readonly start: number; readonly ms: number }[] = [];
  private going = true;
  failed: Error | null = null;

  constructor(
    private readonly client: Client,
    readonly repository: string,
  ) {}

  get count(): number {
    return this.pushes.length;
  }

  /** Never throws: what failed is kept. */
  async run(): Promise<void> {
    try {
      const folder = await this.client.clone(this.repository);
      let tip = 'HEAD';
      while (this.going) tip = await this.pushOne(folder, tip);
    } catch (error) {
      this.failed = error instanceof Error ? error : new Error(String(error));
    }
  }

  private async pushOne(folder: string, tip: string): Promise<string> {
    const { person } = this.client;
    const next = (
      await person.git(folder, 'commit-tree', '-p', tip, '-m', `step ${this.count}`, 'HEAD^{tree}')
    ).output.trim();
    const start = performance.now();
    this.pushes.push({
      start,
      ms: await this.client.timed(folder, 'push', '--quiet', 'origin', `${next}:refs/heads/${person.name}`),
    });
    return next;
  }

  stop(): void {
    this.going = false;
  }

  /** By how much the longest push in this time exceeded the median of those at rest, ms. */
  pauseIn({ from, to }: Window, windows: readonly Window[]): number {
    const meets = (push: { start: number; ms: number }, window: Window): boolean =>
      push.start < window.to && push.start + push.ms > window.from;
    const resting = this.pushes.filter((push) => !windows.some((window) => meets(push, window))).map(({ ms }) => ms);
    const during = this.pushes.filter((push) => meets(push, { from, to })).map(({ ms }) => ms);
    return Math.max(0, ...during) - median(resting);
  }
}
