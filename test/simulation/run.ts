/**
 * Runs one seed: faults on, when nothing may be wrong; then everything is healed, and the sides must become equal or
 * say why not.
 */
import { asFault } from '../../agent/contract/errors';
import { runPass } from '../../agent/sync/pass';
import { legalMoves, phaseTable } from '../../agent/contract/phase';
import { isStuckKind, waitMs } from '../../agent/rules/stuck';
import type { RefName } from '../../agent/rules/values';
import { seedRepositories, startTimer } from './beginning';
import { check } from '../history/check';
import type { History, Refs, Verdict } from '../history/history';
import { isStopped } from '../history/reading';
import { spelled } from './commits';
import { startDisasters } from './disasters';
import { clientProcess } from './oldpush';
import { moveTo, startOperator } from './operator';
import { drawOptions, isCalm, type Changes, type FaultName } from './options';
import { startAdversary } from './adversary';
import { startPowers } from './powers';
import { startPushers } from './pushers';
import { alarmsOf, falseAlarms, hasTravelled, spreadOf, watchSpread } from './spread';
import { startTravel } from './travels';
import type { Activity } from './scheduler';
import { limits, Simulation } from './simulation';
import { Watch } from './watch';
import { openWorld } from './world';
import { armWorst } from './worst';

export interface SeedResult {
  readonly seed: number;
  readonly changes: Changes;
  readonly steps: number;
  /** Steps of processes on old while faults were on. */
  readonly points: number;
  readonly pushes: number;
  readonly verdicts: readonly Verdict[];
  readonly faults: ReadonlyMap<FaultName, number>;
  /** An old server found that a side is not where the other left it. */
  readonly stopped: boolean;
  readonly story: readonly string[];
}

/** After the faults: what still runs ends, ms. */
const calmMs = limits.leaseMs * 2 + limits.longestGitlabPushMs * 2 + 60_000;
const passesMax = 6;
const passMs = 60_000;

export async function runSeed(seed: number, changes: Changes = {}): Promise<SeedResult> {
  const sim = new Simulation({ ...drawOptions(seed), ...changes });
  const first = seedRepositories(sim);
  startTimer(sim);
  startPushers(sim);
  startAdversary(sim);
  startOperator(sim);
  startDisasters(sim);
  watchSpread(sim);
  startTravel(sim);
  startPowers(sim);
  armWorst(sim);
  const watch = new Watch(sim);
  await watch.until(sim.options.activeMs);
  heal(sim);
  await watch.until(sim.scheduler.now + calmMs + longestWait(sim));
  const passesToEqual = await passUntilEqual(sim);
  const history = historyOf(sim, { first, passesToEqual, quiet: watch.quiet });
  // A journey is damage that the histories' checkers know nothing of.
  const others = hasTravelled(sim)
    ? []
    : [...check(history), ...unhealed(sim), ...stillStuck(sim), ...(await lastMove(sim)), ...falseAlarms(sim)];
  const found = [...others, ...spreadOf(sim)];
  const verdicts = found.map((verdict) => ({ ...verdict, story: spelled(verdict.story) }));
  return {
    seed,
    changes,
    points: sim.points,
    steps: sim.scheduler.steps,
    pushes: sim.pushes.length,
    verdicts,
    faults: sim.faults,
    stopped: alarmsOf(sim).length > 0,
    story: sim.story,
  };
}

function heal(sim: Simulation): void {
  sim.faulty = false;
  sim.gitlab.gone = false;
  sim.gitlab.declines = null;
  for (const old of sim.olds) {
    old.diskFull = false;
    old.locked.clear();
    old.refused.clear();
    old.hooksLost = null;
  }
  sim.tell('everything is healed');
}

/** What failed lately has had its turn by then, ms. */
function longestWait({ olds }: Simulation): number {
  return Math.max(0, ...olds.flatMap(({ stuck }) => (stuck ?? []).map(waitMs)));
}

/** Passes after each other, as the timer runs them. Null: not equal after the last one. */
async function passUntilEqual(sim: Simulation): Promise<number | null> {
  for (let passes = 0; passes < passesMax; passes += 1) {
    if (sim.olds.every((old) => isLevel(sim, old.name))) return passes;
    for (const old of sim.olds) {
      const agent = sim.scheduler.process('a last pass', old.host);
      sim.scheduler.spawn(
        agent,
        () => runPass(openWorld(sim, old, agent), passMs),
        (outcome) => {
          if (outcome !== null && 'error' in outcome)
            sim.tell(`the last pass of ${old.name} failed: ${asFault(outcome.error).message}`);
        },
      );
    }
    await sim.scheduler.until(sim.scheduler.now + passMs);
  }
  return null;
}

function isLevel(sim: Simulation, name: string): boolean {
  const old = sim.olds.find((one) => one.name === name);
  if (old === undefined || old.state.phase === 'old') return true;
  const listed = new Set(old.troubles.filter(({ kind }) => !isStuckKind(kind)).map(({ ref }) => ref));
  const names = new Set([...visible(old.refs).keys(), ...visible(sim.gitlab.refs).keys()]);
  return [...names]
    .filter((ref) => !old.symbolic.has(ref as RefName))
    .every(
      (ref) =>
        listed.has(ref as RefName) ||
        listed.has('refs/' as RefName) ||
        old.refs.get(ref as RefName) === sim.gitlab.refs.get(ref as RefName),
    );
}

function visible(refs: Refs): Map<string, string> {
  return new Map([...refs].filter(([ref]) => !ref.startsWith('refs/handover/')));
}

function historyOf(sim: Simulation, seen: Pick<History, 'first' | 'passesToEqual' | 'quiet'>): History {
  const started = sim.olds.every(({ state }) => state.phase !== 'old');
  return {
    pushes: sim.pushes,
    facts: sim.facts,
    ...seen,
    attic: sim.attic,
    waits: sim.waits,
    symbolic: sim.olds.flatMap(({ symbolic }) => [...symbolic.keys()]),
    last: started
      ? new Map([
          ['gitlab', visible(sim.gitlab.refs)],
          ...sim.olds.map((old) => [old.name, visible(old.refs)] as const),
        ])
      : new Map([['gitlab', visible(sim.olds[0]?.refs ?? new Map())]]),
    listed: sim.olds.flatMap((old) => old.troubles.map(({ ref, kind }) => ({ server: old.name, ref, kind }))),
    isAncestor: (ancestor, descendant) => sim.commits.isAncestor(ancestor as never, descendant as never),
  };
}

/** With nothing wrong, a pusher who lost finds the winner's commits on old, unless the winner is still at work. */
function unhealed({ options, pushes, quarantined }: Simulation): Verdict[] {
  if (quarantined > 0)
    return [
      {
        promise: 'P6',
        answer: 'invalid',
        story: `the agent wanted to change refs from inside a quarantine ${quarantined} times, which git refuses: no heal can work like that`,
      },
    ];
  if (!isCalm(options)) return [];
  return pushes
    .filter(({ words }) => /could not be set\./.test(words))
    .map(({ id, words }): Verdict => ({
      promise: 'P6',
      answer: 'invalid',
      story: `push #${id} was told, with nothing wrong: ${words.replace(/\n/g, ' ')}`,
    }));
}

/** What old could not take it takes by itself once nothing is in the way; what a stopped pass leaves there may be. */
function stillStuck({ olds }: Simulation): Verdict[] {
  const going = olds.filter(({ troubles }) => !troubles.some(isStopped));
  return going.flatMap(({ name, troubles }) =>
    troubles
      .filter(({ kind }) => isStuckKind(kind))
      .map(({ ref, kind }): Verdict => ({
        promise: 'P3',
        answer: 'invalid',
        story: `in a healed world ${ref} is still listed as ${kind} on ${name}`,
      })),
  );
}

/** In a healed world a move must work, unless status says what a person must do first. */
async function lastMove(sim: Simulation): Promise<Verdict[]> {
  const [old] = sim.olds;
  const [to] =
    old === undefined ? [] : legalMoves(old.state.phase).filter((phase) => phase !== 'retired' && phase !== 'old');
  if (old === undefined || to === undefined || isBlocked(sim) || sim.olds.length > 1) return [];
  const box = { arrived: false };
  sim.scheduler.play(
    clientProcess(sim, 'last move'),
    lastSteps(sim, (arrived) => void (box.arrived = arrived)),
  );
  await sim.scheduler.until(sim.scheduler.now + 200_000);
  // What the move itself found may be a person's affair.
  if (box.arrived || isBlocked(sim)) return [];
  return [
    {
      promise: 'P7',
      answer: 'invalid',
      story: `in a healed world ${old.name} could not move from ${old.state.phase} to ${to}`,
    },
  ];
}

function isBlocked(sim: Simulation): boolean {
  return sim.olds.some(({ troubles }) => troubles.some(({ kind }) => kind !== 'unhooked'));
}

function* lastSteps(sim: Simulation, done: (arrived: boolean) => void): Activity {
  const [old] = sim.olds;
  const [to] =
    old === undefined ? [] : legalMoves(old.state.phase).filter((phase) => phase !== 'retired' && phase !== 'old');
  if (old === undefined || to === undefined) return;
  if (phaseTable[to].gitlabOpen || !phaseTable[old.state.phase].gitlabOpen) done(yield* moveTo(sim, old, to));
  else done(true);
}
