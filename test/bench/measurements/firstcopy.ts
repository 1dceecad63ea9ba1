/** The first copy of a repository against a `git push` of the same by hand. */
import { openByPath } from '../../../agent/repository';
import { expectDone } from '../../system/walk';
import type { Bench, Measurement } from '../bench';
import { figure, nothing, type Outcome } from '../figures';
import { type Maker, makeMaker } from '../rawproject';
import { openSite, type Places, type Site } from '../site';
import { median, ratio } from '../statistics';
import { takeTurns, timesOf } from '../turns';

const contents = { commits: 2_000, fileBytes: 20_000, refs: 50 };
/** The files are base64 of chance: git compresses them to three quarters. */
const megabytes = Math.round((contents.commits * contents.fileBytes * 0.75) / 1e6);
/** Nothing but the copies may run: the timer comes to them later. */
const tickSeconds = 600;

export const firstCopy: Measurement = {
  name: 'first-copy',
  about: `the first copy of ${contents.commits} commits (${megabytes} MB) against a raw push of the same`,
  quick: false,
  async measure(bench) {
    const rounds = bench.rounds(8, 3);
    const site = await openSite(places(rounds), { say: bench.say, tickSeconds });
    try {
      return await measureIn(site, bench, rounds);
    } finally {
      await site.close();
    }
  },
};

/** Each can be copied for the first time only once; the first is what is pushed by hand. */
function places(count: number): Places {
  return Object.fromEntries(Array.from({ length: count + 2 }, (_, index) => [repository(index), { phase: 'old' as const, contents }]));
}

function repository(index: number): string {
  return `copy/app-${index}.git`;
}

async function measureIn(site: Site, bench: Bench, rounds: number): Promise<Outcome> {
  bench.say('first copies and raw pushes');
  const maker = await makeMaker(site.lab, 'by-hand');
  let copies = 1;
  let raws = 0;
  const raw = { name: 'raw', run: () => rawPush(site, maker, raws++) };
  const times = await takeTurns([raw, { name: 'copy', run: () => copy(site, repository(copies++)) }, { ...raw, name: 'raw again' }], { rounds });
  const plain = [...timesOf(times, 'raw'), ...timesOf(times, 'raw again')];
  return {
    ...nothing,
    figures: [
      figure('first copy / raw push', ratio(timesOf(times, 'copy'), plain).p50, '×', 'Moving to mirror takes as long as copying the repository by hand would.'),
      figure('first copy', median(timesOf(times, 'copy')) / 1_000, 's', `A repository of ${megabytes} MB, from the change of phase to the end; pushes go on meanwhile.`),
    ],
    noise: { 'raw push / raw push': ratio(timesOf(times, 'raw again'), timesOf(times, 'raw')).p50 },
  };
}

/** The agent's whole change from `old` to `mirror`, as `pulumi up` asks for it. */
async function copy({ lab }: Site, name: string): Promise<number> {
  const { config } = openByPath(lab.agentFolder, lab.old.repositoryPath(name));
  const { ms } = expectDone(await lab.ask('move', { config, to: 'mirror', consent: { abandon: false, unhookedWriters: false, endOlderPushes: false } }));
  return ms;
}

/** From the repository itself, as an operator would, to a new project. */
async function rawPush({ lab }: Site, { person, project }: Maker, index: number): Promise<number> {
  const url = await project(`raw-${index}`);
  const { code, output, ms } = await person.git(lab.old.repositoryPath(repository(0)), 'push', '--quiet', url, 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*');
  if (code !== 0) throw new Error(`Cannot push by hand: ${output}`);
  return ms;
}
