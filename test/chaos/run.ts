/** One run: faults while people push, then everything heals and must become equal, then the judgement. */
import { setTimeout as pause } from 'node:timers/promises';
import type { History, Verdict } from '../history/history';
import type { LabPerson } from '../lab/person';
import { openBaseline } from './baselines/baseline';
import { judge } from './judge';
import { openProduct } from './product';
import { Crowd, Pusher } from './pusher';
import { Random } from '../random';
import { Recorder } from './recorder';
import { runFaults } from './schedule';
import type { Site } from './site';

/** How a run differs from the usual one. */
export interface Choice {
  /** Only faults whose name matches; those that are not among the usual ones as well. */
  readonly only?: RegExp | undefined;
  /** So many faults at once. */
  readonly atOnce?: number | undefined;
  /** What is on for a while stays on for so long. */
  readonly stayMs?: number | undefined;
}

export interface RunOptions extends Choice {
  readonly seed: number;
  readonly minutes: number;
  readonly target: Target;
  readonly say: (line: string) => void;
}

export const targets = ['product', 'push-mirror-hook', 'forwarding-hook'] as const;
export type Target = (typeof targets)[number];

export interface Result {
  readonly history: History;
  readonly verdicts: readonly Verdict[];
  /** How often each kind of fault fired. */
  readonly faults: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  /** Text files by name that help to find out what happened. */
  readonly evidence: Readonly<Record<string, string>>;
}

const graceMs = 120_000;
const paceMs = { low: 100, high: 700 };

export async function runChaos(options: RunOptions): Promise<Result> {
  const recorder = new Recorder();
  const say = (line: string): void => options.say(`${(recorder.now() / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const { seed, target } = options;
  const site =
    target === 'product'
      ? await openProduct({ seed, recorder, say, only: options.only })
      : await openBaseline(target, { seed, recorder, say });
  try {
    return await runOn(site, recorder, { ...options, say });
  } finally {
    await site.close();
  }
}

async function runOn(site: Site, recorder: Recorder, options: RunOptions): Promise<Result> {
  const { seed, minutes, say, atOnce = 1, stayMs = 0 } = options;
  const first = await site.open();
  const pushers = await Promise.all(
    site.people.map((person) => makePusher(site, recorder, { person, seed, root: first.get('refs/heads/main') ?? '' })),
  );
  const paces = new Map(pushers.map((pusher) => [pusher, Random.stream(seed, `pace of ${pusher.name}`)]));
  const crowd = new Crowd(pushers, (pusher) => pause(paces.get(pusher)?.whole(paceMs.low, paceMs.high) ?? paceMs.high));
  site.begin();
  try {
    await runFaults({
      faults: site.faults,
      random: Random.stream(seed, 'schedule'),
      forMs: minutes * 60_000,
      graceMs,
      atOnce,
      stayMs,
      say,
    });
    say('everything is healed');
  } finally {
    await Promise.all(site.faults.map((fault) => fault.heal()));
    await site.rest();
    await crowd.stop();
  }
  say('nobody pushes any more');
  const history = recorder.history(first, await site.converge());
  return {
    history,
    verdicts: judge(history, { seenOnGitlab: site.seenOnGitlab(), losses: recorder.losses, taken: site.taken() }),
    faults: Object.fromEntries(site.faults.map(({ name, fired }) => [name, fired])),
    notes: site.notes(),
    evidence: site.evidence(),
  };
}

async function makePusher(
  site: Site,
  recorder: Recorder,
  { person, seed, root }: { person: LabPerson; seed: number; root: string },
): Promise<Pusher> {
  const clone = await person.clone(site.url('old'));
  await person.git(clone, 'config', 'maintenance.auto', 'false');
  const town = { recorder, root, url: site.url.bind(site), server: site.server.bind(site) };
  return new Pusher(person, clone, town, Random.stream(seed, person.name));
}
