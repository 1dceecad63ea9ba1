/** The first copy of a repository against a `git push` of the same by hand. */
import { openByPath } from '../../../agent/repository/open';
import { expectDone } from '../../system/walk';
import type { Bench, Measurement } from '../bench';
import type { Contents } from '../contents';
import { figure, nothing, type Outcome, together } from '../figures';
import { type Maker, makeMaker } from '../rawproject';
import { openSite, type Place, type Places, type Site } from '../site';
import { median, ratio } from '../statistics';
import { takeTurns, timesOf } from '../turns';

interface Kind {
  readonly folder: string;
  readonly contents: Contents;
  readonly whole: number;
  readonly name: string;
  readonly means: string;
}

/** The files are base64 of chance: git compresses them to three quarters. */
const kinds: readonly Kind[] = [
  {
    folder: 'copy',
    contents: { commits: 2_000, fileBytes: 20_000, refs: 50 },
    whole: 8,
    name: 'first copy',
    means: '2,000 commits in 30 MB with 50 refs, from the change of phase to its end; pushes go on meanwhile.',
  },
  {
    folder: 'copy-refs',
    contents: { commits: 5_000, fileBytes: 40, refs: 5_000 },
    whole: 3,
    name: 'first copy of 5,000 refs',
    means: 'Small commits with a branch or a tag at each.',
  },
];
/** Nothing but the copies may run: the timer comes to them later. */
const tickSeconds = 600;

export const firstCopy: Measurement = {
  name: 'first-copy',
  about: 'the first copy of 2,000 commits (30 MB), and of 5,000 refs, against a raw push of the same',
  quick: false,
  async measure(bench) {
    const site = await openSite(places(bench), { say: bench.say, tickSeconds });
    try {
      const maker = await makeMaker(site.lab, 'by-hand');
      const outcomes: Outcome[] = [];
      for (const kind of kinds) outcomes.push(await measureKind(kind, { site, bench, maker }));
      return together(outcomes);
    } finally {
      await site.close();
    }
  },
};

/** Each can be copied for the first time only once; the first of a kind is what is pushed by hand. */
function places(bench: Bench): Places {
  const of = ({ folder, contents, whole }: Kind): [string, Place][] =>
    Array.from({ length: bench.rounds(whole, 3) + warmUps + 1 }, (_, index) => [
      repository(folder, index),
      { phase: 'old', contents },
    ]);
  return Object.fromEntries(kinds.flatMap(of));
}

const warmUps = 1;

function repository(folder: string, index: number): string {
  return `${folder}/app-${index}.git`;
}

interface Ground {
  readonly site: Site;
  readonly bench: Bench;
  readonly maker: Maker;
}

async function measureKind({ folder, whole, name, means }: Kind, { site, bench, maker }: Ground): Promise<Outcome> {
  bench.say(`${name}, and raw pushes`);
  let copies = 1;
  let raws = 0;
  const raw = { name: 'raw', run: () => rawPush(site, maker, repository(folder, 0), `${folder}-${raws++}`) };
  const times = await takeTurns(
    [raw, { name: 'copy', run: () => copy(site, repository(folder, copies++)) }, { ...raw, name: 'raw again' }],
    { rounds: bench.rounds(whole, 3), warmUps },
  );
  const plain = [...timesOf(times, 'raw'), ...timesOf(times, 'raw again')];
  return {
    ...nothing,
    figures: [
      figure(
        `${name} / raw push`,
        ratio(timesOf(times, 'copy'), plain).p50,
        '×',
        'Moving to mirror against copying the repository by hand.',
      ),
      figure(name, median(timesOf(times, 'copy')) / 1_000, 's', means),
    ],
    noise: { [`raw push / raw push, for the ${name}`]: ratio(timesOf(times, 'raw again'), timesOf(times, 'raw')).p50 },
  };
}

/** The agent's whole change from `old` to `mirror`, as `pulumi up` asks for it. */
async function copy({ lab }: Site, name: string): Promise<number> {
  const { config } = openByPath(lab.agentFolder, lab.old.repositoryPath(name));
  const { ms } = expectDone(
    await lab.ask('move', {
      config,
      to: 'mirror',
      consent: { abandon: false, unhookedWriters: false, endOlderPushes: false },
    }),
  );
  return ms;
}

/** From the repository itself, as an operator would, to a new project. */
async function rawPush({ lab }: Site, { person, project }: Maker, name: string, to: string): Promise<number> {
  const url = await project(to);
  const { code, output, ms } = await person.git(
    lab.old.repositoryPath(name),
    'push',
    '--quiet',
    url,
    'refs/heads/*:refs/heads/*',
    'refs/tags/*:refs/tags/*',
  );
  if (code !== 0) throw new Error(`Cannot push by hand: ${output}`);
  return ms;
}
