/** What many refs cost: GitLab shows all of them to every push, before it takes anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { figure, type Figure, type Outcome } from '../figures';
import { type Places, openSite, type Site } from '../site';
import { median, ratio } from '../statistics';
import { projectOf } from '../../system/walk';
import { takeTurns, timesOf, type Variant } from '../turns';

const sizes = [10, 1_000, 50_000] as const;
const kinds = ['plain', 'mirror', 'both'] as const;
const fileBytes = 40;
/** A tick looks at all refs; what it costs on the whole is measured elsewhere. */
const tickSeconds = 60;

export const refs: Measurement = {
  name: 'refs',
  about: 'a push in mirror and both with 10, 1,000 and 50,000 refs',
  quick: false,
  async measure(bench) {
    const site = await openSite(places(), { say: bench.say, tickSeconds });
    try {
      return await measureIn(site, bench);
    } finally {
      await site.close();
    }
  },
};

function places(): Places {
  return Object.fromEntries(sizes.flatMap((size) => kinds.map((phase) => [repository(phase, size), { phase, contents: { commits: size, fileBytes, refs: size } }])));
}

function repository(kind: (typeof kinds)[number], size: number): string {
  return `many-refs/${kind}-${size}.git`;
}

async function measureIn(site: Site, bench: Bench): Promise<Outcome> {
  bench.say('pushes to repositories with many refs');
  const client = await makeClient(site.lab, 'many-refs', 'multiplexed');
  const pushes = sizes.flatMap((size) => kinds.map((kind) => variant(site, client, repository(kind, size))));
  const asks = sizes.map((size): Variant => ({ name: `advertisement ${size}`, run: async () => advertisement(site, repository('both', size)) }));
  const times = await takeTurns([...pushes, ...asks], { rounds: bench.rounds(30, 8), warmUps: 2 });
  return {
    figures: sizes.flatMap((size) => figuresOf(size, times)), noise: {}, missing: [],
    charts: [{ name: 'refs', title: 'One push with many refs, multiplexed connection', unit: 'ms', bars: sizes.flatMap((size) => kinds.map((kind) => ({ label: `${counted(size)} refs, ${kind}`, value: median(timesOf(times, repository(kind, size))) }))) }],
  };
}

function variant(site: Site, client: Client, name: string): Variant {
  return { name, run: () => client.push(name), after: () => site.settle(name) };
}

/** The time in which GitLab shows its refs to a push that then sends nothing, over the agent's warm connection. */
function advertisement({ lab }: Site, name: string): number {
  const config = join(lab.agentFolder, 'ssh', 'config');
  const start = performance.now();
  const { stdout, stderr } = spawnSync('ssh', ['-F', config, 'gitlab', `git-receive-pack '${projectOf(name)}.git'`], { input: '0000', maxBuffer: 1 << 28 });
  const ms = performance.now() - start;
  if (!stdout.includes('refs/heads/main')) throw new Error(`Cannot measure an advertisement as GitLab must show its refs: ${stderr.toString()} ${readFileSync(config, 'utf8')}`);
  return ms;
}

function figuresOf(size: number, times: ReadonlyMap<string, readonly number[]>): Figure[] {
  const [plain, mirror, both] = kinds.map((kind) => timesOf(times, repository(kind, size)));
  const shown = median(timesOf(times, `advertisement ${size}`));
  const beyond = median(both ?? []) - median(plain ?? []);
  const base = `${counted(size)} refs`;
  return [
    figure(`${base}: push in mirror / plain, multiplexed connection`, ratio(mirror ?? [], plain ?? []).p50, '×', 'How much longer a push takes in mirror.'),
    figure(`${base}: push in both / plain, multiplexed connection`, ratio(both ?? [], plain ?? []).p50, '×', 'How much longer a push takes in both.'),
    figure(`${base}: one advertisement by GitLab`, shown, 'ms', 'GitLab shows all its refs to every push: no client can do without.'),
    figure(`${base}: push in both beyond plain`, beyond / shown, 'advertisements', `A push waits ${Math.round(beyond)} ms longer than before, in units of what GitLab needs to show its refs.`),
  ];
}

function counted(size: number): string {
  return size.toLocaleString('en-US');
}
