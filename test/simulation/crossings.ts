/**
 * Journeys at the worst moment, found by search: a short run in which branches go back and forth between a few values
 * is run again and again, each time with a backup at one of its points and a journey back to it at another. Only what a
 * journey breaks is judged, so a run ends soon after it.
 */
import { Random } from '../random';
import type { Verdict } from '../history/history';
import { settlesMs } from '../history/reading';
import { seedRepositories, startTimer } from './beginning';
import { fenceWorlds } from './fenceworlds';
import { startOperator } from './operator';
import { drawOptions, type Changes } from './options';
import { startPushers } from './pushers';
import { spread } from './searching';
import { Simulation } from './simulation';
import { watchNotice, watchStray } from './stray';
import { watchSpread } from './spread';
import { backUp, go, journeys, type JourneyName, type Snapshots } from './travels';

export interface Crossing {
  readonly journey: JourneyName;
  /** Points of the run, as of `--at`: the backup is older. */
  readonly backup: number;
  readonly at: number;
}

export interface CrossingResult {
  readonly points: number;
  /** After which of them something moved: the fence, the phase, a ref. */
  readonly moments: readonly number[];
  readonly verdicts: readonly Verdict[];
  readonly story: readonly string[];
}

/** What a journey breaks shows in the first passes after it, ms. */
const afterMs = 10_000;
const stepMs = 500;

export async function runCrossing(
  seed: number,
  crossing: Crossing | null,
  changes: Changes = {},
): Promise<CrossingResult> {
  const sim = new Simulation({ ...drawOptions(seed), ...fenceWorlds.crossings, ...changes });
  seedRepositories(sim);
  startTimer(sim);
  startPushers(sim);
  startOperator(sim);
  watchSpread(sim);
  const [moments, ends] = [[] as number[], { at: sim.options.activeMs }];
  const stray = watchStray(sim);
  const notice = watchNotice(sim);
  const box: { taken: Snapshots | null } = { taken: null };
  let known = 0;
  sim.atPoint = (_process, point) => {
    const [old] = sim.olds;
    if (sim.moments > known) moments.push(point);
    known = sim.moments;
    if (old === undefined || crossing === null) return;
    if (point === crossing.backup) box.taken = backUp(sim, old);
    if (point !== crossing.at || box.taken === null || old.state.phase === 'old') return;
    sim.count('travels');
    go(sim, old, { taken: box.taken, name: crossing.journey });
    notice.travelled();
    ends.at = sim.scheduler.now + afterMs;
  };
  while (sim.scheduler.now < ends.at) await sim.scheduler.until(Math.min(ends.at, sim.scheduler.now + stepMs));
  return {
    points: sim.points,
    moments,
    verdicts: [...unsettled(sim), ...stray(), ...notice.verdicts()],
    story: sim.story,
  };
}

/** What a person chose for both sides while they were apart is that person's. */
function unsettled({ spread: found, facts }: Simulation): Verdict[] {
  const isDecided = (at: number): boolean =>
    facts.some((fact) => fact.kind === 'settled' && fact.at >= at && fact.at < at + settlesMs);
  return found.filter(({ at }) => at === undefined || !isDecided(at));
}

const names = Object.keys(journeys) as readonly JourneyName[];

/** How many moments a backup is older than the journey, at most: in a short world what is older is another affair. */
const momentsMax = 8;

/** `journeysMax` journeys, spread over the run; each back to right after one of the last few moments. */
export async function searchCrossings(
  seed: number,
  journeysMax: number,
  each: (crossing: Crossing, result: CrossingResult) => void,
): Promise<void> {
  const plain = await runCrossing(seed, null);
  const random = Random.stream(seed, 'crossings');
  for (const at of spread(plain.points, journeysMax, random)) {
    const before = plain.moments.filter((moment) => moment < at).slice(-momentsMax);
    if (before.length === 0) continue;
    const crossing = { journey: random.pick(names), backup: random.pick(before), at };
    each(crossing, await runCrossing(seed, crossing));
  }
}

/** `gitlab:120:340`: who travels, from which backup, and when; null for anything else. */
export function parseCrossing(text: string): Crossing | null {
  const [name, backup, at] = text.split(':');
  const journey = names.find((one) => one === name);
  const isPoint = (point: string | undefined): boolean => /^\d+$/.test(point ?? '');
  return journey === undefined || !isPoint(backup) || !isPoint(at)
    ? null
    : { journey, backup: Number(backup), at: Number(at) };
}

export function printCrossing({ journey, backup, at }: Crossing): string {
  return `${journey}:${backup}:${at}`;
}
