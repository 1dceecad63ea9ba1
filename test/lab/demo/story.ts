/**
 * The demo's story: phase after phase, what moved, what a pusher saw, how long anyone waited, and the count at the end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from '../lab';
import { until } from '../processes';
import { losses } from './ledger';
import { emptyTally, makePusher, type Pusher, type Tally } from './pushers';
import { readRefs, takeHistory } from './history';

export interface StoryOptions {
  readonly repository: string;
  readonly verbose: boolean;
  readonly say: (line: string) => void;
}

interface Stage {
  readonly lab: Lab;
  readonly tally: Tally;
  readonly pushers: readonly Pusher[];
  readonly say: (line: string) => void;
  readonly verbose: boolean;
}

const repository = 'team/app.git';
const project = 'code/team/app';

const chapters: readonly { phase: string; title: string }[] = [
  { phase: 'old', title: 'The agent is installed on the old server. Nothing changes for anybody.' },
  { phase: 'mirror', title: 'GitLab becomes a read-only mirror. People go on pushing to the old server.' },
  { phase: 'both', title: 'Both servers take pushes, and act as one.' },
  { phase: 'mirror', title: 'Second thoughts: back to the mirror. What was pushed to GitLab comes along.' },
  { phase: 'both', title: 'And forward again.' },
  { phase: 'warn', title: 'The old server tells people politely where to go.' },
  { phase: 'refuse', title: 'The old server takes no pushes any more. The forgotten machine reads what to type.' },
  { phase: 'retired', title: 'The old repository is renamed away, to find those who still read from it.' },
];

/** Exit code of the demo. */
export async function runStory(lab: Lab, options: StoryOptions): Promise<number> {
  const { say } = options;
  const summary = takeHistory(options.repository, lab.old.repositoryPath(repository));
  say(`The history: ${summary}`);
  const first = readRefs(lab.old.repositoryPath(repository));
  const tally = emptyTally();
  const stage: Stage = { lab, tally, say, verbose: options.verbose, pushers: await startPushers(lab, tally) };
  for (const [index, chapter] of chapters.entries()) {
    say(`\n${index + 1}. ${chapter.phase}: ${chapter.title}`);
    await tellChapter(stage, chapter.phase);
  }
  return tellEnd(stage, first);
}

async function startPushers(lab: Lab, tally: Tally): Promise<Pusher[]> {
  const names = ['ada', 'bob', 'carol', 'dan'];
  return Promise.all(
    names.map(async (name) => {
      const person = lab.person(name);
      return makePusher(person, 'old', await person.clone(lab.oldUrl(repository)), tally);
    }),
  );
}

/** People push before, while and after the phase changes; when they rest, both sides must become equal. */
async function tellChapter(stage: Stage, phase: string): Promise<void> {
  const { say, tally } = stage;
  const waitsBefore = tally.waits.length;
  const [acknowledged, refused] = [tally.acknowledged.length, tally.refused.length];
  // What is renamed away stays as it is: nobody pushes while the last comparison is made.
  if (phase === 'retired') return raisePhase(stage, phase);
  const crowd = startCrowd(stage);
  try {
    await raisePhase(stage, phase);
    await moveHouse(stage, phase);
    await crowd.more(phase === 'both' ? 10 : 6);
  } finally {
    await crowd.stop();
  }
  tellWaits(stage, tally.waits.slice(waitsBefore), {
    acknowledged: tally.acknowledged.length - acknowledged,
    refused: tally.refused.length - refused,
  });
  if (phase === 'old') return;
  const start = performance.now();
  await until(
    'both sides to be equal while people rest',
    async () => (await differing(stage.lab, stage.lab.old.repositoryPath(repository))).length === 0,
    60_000,
  );
  say(`   people rest: both sides equal after ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function raisePhase({ lab, say, verbose }: Stage, phase: string): Promise<void> {
  await lab.pulumi('config', 'set', 'git-handover:phase', phase, '--stack', 'lab');
  const up = await lab.pulumi(
    'up',
    '--yes',
    '--skip-preview',
    '--stack',
    'lab',
    '--non-interactive',
    '--color',
    'never',
  );
  if (verbose) say(up.output);
  if (up.code !== 0) throw new Error(`Cannot go on as \`pulumi up\` to ${phase} must succeed:\n${up.output}`);
  say(`   pulumi up: ${(up.ms / 1000).toFixed(1)} s`);
}

/** Refs whose values differ between old, where it lies now, and GitLab. */
async function differing(lab: Lab, location: string): Promise<string[]> {
  const [old, gitlab] = [readRefs(location), await lab.gitlab.refs(project)];
  return [...new Set([...old.keys(), ...gitlab.keys()])].filter((ref) => old.get(ref) !== gitlab.get(ref));
}

/** From `both` on carol and dan work on GitLab; when GitLab closes again they are back on old. */
async function moveHouse({ lab, pushers }: Stage, phase: string): Promise<void> {
  for (const pusher of pushers.filter(({ person }) => ['carol', 'dan'].includes(person.name))) {
    const server = phase === 'old' || phase === 'mirror' ? 'old' : 'gitlab';
    if (pusher.server === server) continue;
    await pusher.person.git(
      pusher.clone,
      'remote',
      'set-url',
      'origin',
      server === 'old' ? lab.oldUrl(repository) : lab.gitlabUrl(project),
    );
    pusher.server = server;
  }
}

interface Crowd {
  /** Waits until each has done so many more things. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

const steps = new Map<string, number>();

function startCrowd({ pushers }: Stage): Crowd {
  let going = true;
  let failure: unknown = null;
  const done = new Map(pushers.map((pusher) => [pusher, 0]));
  const loops = pushers.map(async (pusher) => {
    while (going) {
      const step = steps.get(pusher.person.name) ?? 0;
      steps.set(pusher.person.name, step + 1);
      await pusher.act(step);
      // People think between two pushes; without it two cores would measure nothing but themselves.
      await pause(400 + Math.random() * 800);
      done.set(pusher, (done.get(pusher) ?? 0) + 1);
    }
  });
  void Promise.all(loops).catch((error: unknown) => (failure = error));
  return {
    more: async (count) => {
      const goals = new Map([...done].map(([pusher, so]) => [pusher, so + count]));
      await until(
        'everybody to go on pushing',
        () => failure !== null || [...goals].every(([pusher, goal]) => (done.get(pusher) ?? 0) >= goal),
        120_000,
      );
      if (failure !== null) throw failure as unknown;
    },
    stop: async () => {
      going = false;
      await Promise.all(loops);
    },
  };
}

function tellWaits(
  { say, pushers }: Stage,
  waits: readonly number[],
  count: { acknowledged: number; refused: number },
): void {
  const sorted = [...waits].sort((a, b) => a - b);
  const longest = sorted[sorted.length - 1] ?? 0;
  const middle = sorted[sorted.length >> 1] ?? 0;
  say(
    `   ${count.acknowledged} pushes acknowledged, ${count.refused} refused with instructions; a push took ${Math.round(middle)} ms, the longest ${Math.round(longest)} ms`,
  );
  for (const pusher of pushers.filter(({ heard }) => heard !== '')) {
    say(
      `   ${pusher.person.name} was told:\n${pusher.heard
        .split('\n')
        .slice(0, 6)
        .map((line) => `      ${line}`)
        .join('\n')}`,
    );
    pusher.heard = '';
  }
}

async function tellEnd({ lab, tally, say }: Stage, first: ReadonlyMap<string, string>): Promise<number> {
  say('\nThe count');
  const gitlab = await lab.gitlab.refs(project);
  const unequal = await differing(lab, `${lab.old.repositoryPath(repository)}.retired`);
  const gone = await lab.person('ada').git('/', 'ls-remote', lab.oldUrl(repository));
  say(`   asking the old server now ends with: ${gone.output.trim().split('\n')[0] ?? ''}`);
  const lost = losses(tally.acknowledged, first, gitlab);
  for (const { ref, story } of lost) say(`   LOST ${ref}: ${story}`);
  for (const ref of unequal) say(`   DIFFERENT ${ref}`);
  for (const words of tally.mute) say(`   REFUSED WITHOUT INSTRUCTIONS: ${words}`);
  for (const edge of tally.unknown) say(`   UNKNOWN ${edge.ref} by ${edge.who}`);
  const good =
    lost.length === 0 &&
    unequal.length === 0 &&
    tally.mute.length === 0 &&
    tally.unknown.length === 0 &&
    gone.code !== 0 &&
    tally.refused.length > 0;
  say(
    `demo: ${tally.acknowledged.length} pushes acknowledged, ${tally.refused.length} refused with instructions, ${lost.length} lost, ${unequal.length === 0 ? 'both sides equal' : `${unequal.length} refs differ`}`,
  );
  return good ? 0 : 1;
}
