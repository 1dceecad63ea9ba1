/** Pushes that are large: 500 refs at once, and a pack of 200 MB. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../lab/processes';
import { projectOf } from '../../system/walk';
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, type Figure, nothing, type Outcome, together } from '../figures';
import { openSite, type Site } from '../site';
import { median, ratio } from '../statistics';
import { takeTurns, timesOf, type Turns, type Variant } from '../turns';

const kinds = ['plain', 'mirror', 'both'] as const;
type Kind = (typeof kinds)[number];
const refsAtOnce = 500;
const packMegabytes = 200;
const arrivesMs = 300_000;
/** A tick in the middle of a push is not what is measured. */
const tickSeconds = 60;

export const large: Measurement = {
  name: 'large',
  about: 'a push of 500 refs, and one of 200 MB, in mirror and both',
  quick: false,
  async measure(bench) {
    const site = await openSite(
      Object.fromEntries(
        kinds.flatMap((kind) => [
          [repository('refs', kind), { phase: kind }],
          [repository('pack', kind), { phase: kind }],
        ]),
      ),
      { say: bench.say, tickSeconds },
    );
    try {
      const client = await makeClient(site.lab, 'large', 'fresh');
      const outcomes: Outcome[] = [];
      for (const one of [manyRefs(bench), largePack(bench, client)]) {
        bench.say(one.name);
        outcomes.push(await pushes(one, site, client));
      }
      return together(outcomes);
    } finally {
      await site.close();
    }
  },
};

function repository(what: 'refs' | 'pack', kind: Kind): string {
  return `large/${what}-${kind}.git`;
}

/** One kind of push. `prepare` is not timed, and answers the new refs that are pushed. */
interface Large {
  readonly what: 'refs' | 'pack';
  readonly name: string;
  readonly turns: Turns;
  readonly prepare: (folder: string, count: number) => Promise<readonly string[]>;
}

function manyRefs(bench: Bench): Large {
  return {
    what: 'refs',
    name: `${refsAtOnce} refs in one push`,
    turns: { rounds: bench.rounds(6, 3), warmUps: 1 },
    prepare: (_folder, count) =>
      Promise.resolve(Array.from({ length: refsAtOnce }, (_, index) => `refs/heads/many-${count}/${index}`)),
  };
}

function largePack(bench: Bench, client: Client): Large {
  return {
    what: 'pack',
    name: `${packMegabytes} MB in one push`,
    turns: { rounds: bench.rounds(3, 1), warmUps: 0 },
    prepare: async (folder, count) => {
      await commitLarge(client, folder);
      return [`refs/heads/large-${count}`];
    },
  };
}

async function pushes({ what, name, turns, prepare }: Large, site: Site, client: Client): Promise<Outcome> {
  let count = 0;
  const variants = kinds.map((kind): Variant => {
    const place = repository(what, kind);
    let refs: readonly string[] = [];
    return {
      name: kind,
      run: async () => {
        const folder = await client.clone(place);
        refs = await prepare(folder, (count += 1));
        return client.timed(folder, 'push', '--quiet', 'origin', ...refs.map((ref) => `HEAD:${ref}`));
      },
      after: () => arrived(site, place, kind, refs.at(-1) ?? ''),
    };
  });
  return { ...nothing, figures: figuresOf(name, await takeTurns(variants, turns)) };
}

/** Of chance, so that nothing can make it smaller. */
async function commitLarge({ person }: Client, folder: string): Promise<void> {
  const file = join(folder, 'large.bin');
  rmSync(file, { force: true });
  for (let megabyte = 0; megabyte < packMegabytes; megabyte += 1) appendFileSync(file, randomBytes(1 << 20));
  await person.git(folder, 'add', 'large.bin');
  await person.commit(folder, 'large');
}

/** Until GitLab has it: what the mirror still sends would slow down the next one. */
async function arrived({ lab }: Site, name: string, kind: Kind, ref: string): Promise<void> {
  if (kind === 'plain') return;
  await until(
    `GitLab to have ${ref} of ${name}`,
    async () => (await lab.gitlab.refs(projectOf(name))).has(ref),
    arrivesMs,
    50,
  );
}

function figuresOf(what: string, times: ReadonlyMap<string, readonly number[]>): Figure[] {
  const plain = timesOf(times, 'plain');
  return (['mirror', 'both'] as const).flatMap((kind) => [
    figure(
      `${what}: ${kind} / plain, fresh connection`,
      ratio(timesOf(times, kind), plain).p50,
      '×',
      `How much longer such a push takes in ${kind}.`,
    ),
    figure(
      `${what}: ${kind} beyond plain`,
      (median(timesOf(times, kind)) - median(plain)) / 1_000,
      's',
      'What its pusher waits longer.',
    ),
  ]);
}
