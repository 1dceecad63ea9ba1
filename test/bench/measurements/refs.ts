/** What many refs cost: GitLab shows all of them to every push, before it takes anything. */
import { join } from 'node:path';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { startProcess } from '../../lab/processes';
import type { Bench, Measurement } from '../bench';
import { type Client, makeClient } from '../client';
import { Filler, replaceContents } from '../contents';
import { figure, type Figure, type Outcome } from '../figures';
import { type Places, openSite, type Site } from '../site';
import { median, ratio } from '../statistics';
import { expectDone, projectOf } from '../../system/walk';
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
      await grow(site);
      return await measureIn(site, bench);
    } finally {
      await site.close();
    }
  },
};

/**
 * Those for `mirror` begin in `both`: the refs are put there on both sides at once, as a first copy of so many takes
 * long.
 */
function places(): Places {
  return Object.fromEntries(
    sizes.flatMap((size) => kinds.map((kind) => [repository(kind, size), { phase: kind === 'plain' ? kind : 'both' }])),
  );
}

/**
 * As git's own housekeeping leaves them, on both servers: with a commit-graph, without which git reads every commit
 * that a ref names.
 */
async function grow({ lab, walk }: Site): Promise<void> {
  const filler = new Filler();
  for (const size of sizes) {
    const like = join(lab.folder, `like-${size}.git`);
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', like]);
    await filler.fill(like, { commits: size, fileBytes, refs: size });
    await promisify(execFile)('git', ['-C', like, 'gc', '--quiet']);
    const attached = [repository('both', size), repository('mirror', size)];
    const ours = attached.flatMap((name) => [lab.gitlab.repositoryPath(projectOf(name)), lab.old.repositoryPath(name)]);
    for (const place of [...ours, lab.old.repositoryPath(repository('plain', size))]) replaceContents(like, place);
    for (const name of attached) expectDone(await lab.ask('pass', { path: lab.old.repositoryPath(name) }));
    walk.choose('mirror', repository('mirror', size));
  }
  expectDone(await walk.up());
}

function repository(kind: (typeof kinds)[number], size: number): string {
  return `many-refs/${kind}-${size}.git`;
}

async function measureIn(site: Site, bench: Bench): Promise<Outcome> {
  bench.say('pushes to repositories with many refs');
  const client = await makeClient(site.lab, 'many-refs', 'multiplexed');
  const pushes = sizes.flatMap((size) => kinds.map((kind) => variant(site, client, repository(kind, size))));
  const asks = sizes.map((size): Variant => ({
    name: `advertisement ${size}`,
    run: () => advertisement(site, repository('both', size)),
  }));
  const times = await takeTurns([...pushes, ...asks], { rounds: bench.rounds(30, 8), warmUps: 2 });
  return {
    figures: sizes.flatMap((size) => figuresOf(size, times)),
    noise: {},
    missing: [],
    charts: [
      {
        name: 'refs',
        title: 'One push with many refs, multiplexed connection',
        unit: 'ms',
        bars: sizes.flatMap((size) =>
          kinds.map((kind) => ({
            label: `${counted(size)} refs, ${kind}`,
            value: median(timesOf(times, repository(kind, size))),
          })),
        ),
      },
    ],
  };
}

function variant(site: Site, client: Client, name: string): Variant {
  return { name, run: () => client.push(name), after: () => site.settle(name) };
}

/** The time in which GitLab shows its refs to a push that then sends nothing, over the agent's warm connection. */
async function advertisement({ lab }: Site, name: string): Promise<number> {
  const start = performance.now();
  const ssh = startProcess(
    'ssh',
    ['-F', join(lab.agentFolder, 'ssh', 'config'), 'gitlab', `git-receive-pack '${projectOf(name)}.git'`],
    { env: process.env, cwd: '/', input: '0000' },
  );
  await ssh.ended;
  const ms = performance.now() - start;
  if (!ssh.output().includes('refs/heads/main'))
    throw new Error(`Cannot measure an advertisement as GitLab must show its refs: ${ssh.output().slice(-300)}`);
  return ms;
}

function figuresOf(size: number, times: ReadonlyMap<string, readonly number[]>): Figure[] {
  const [plain, mirror, both] = kinds.map((kind) => timesOf(times, repository(kind, size)));
  const shown = median(timesOf(times, `advertisement ${size}`));
  const beyond = median(both ?? []) - median(plain ?? []);
  const base = `${counted(size)} refs`;
  return [
    figure(
      `${base}: push in mirror / plain, multiplexed connection`,
      ratio(mirror ?? [], plain ?? []).p50,
      '×',
      'How much longer a push takes in mirror.',
    ),
    figure(
      `${base}: push in both / plain, multiplexed connection`,
      ratio(both ?? [], plain ?? []).p50,
      '×',
      'How much longer a push takes in both.',
    ),
    figure(
      `${base}: one advertisement by GitLab`,
      shown,
      'ms',
      'GitLab shows all its refs to every push: no client can do without.',
    ),
    figure(
      `${base}: push in both beyond plain`,
      beyond / shown,
      'advertisements',
      `A push waits ${Math.round(beyond)} ms longer than before, in units of what GitLab needs to show its refs.`,
    ),
  ];
}

function counted(size: number): string {
  return size.toLocaleString('en-US');
}
