/**
 * The worst moment, found by search: a run in which nothing goes wrong is run again and again, each time with one fault
 * at another of its points.
 */
import { Random } from '../random';
import { faultNames, type Changes, type FaultName, type Worst } from './options';
import { runSeed, type SeedResult } from './run';
import { worstFaults } from './worst';

/** Short, and much in it: every phase, pushes all the time. */
const dense: Changes = {
  ...(Object.fromEntries(faultNames.map((name) => [name, 0])) as Record<FaultName, number>),
  oldServers: 1,
  pushers: 2,
  // Enough for a backup of GitLab that is older.
  branches: 9,
  adversary: false,
  activeMs: 20_000,
  pushEveryMs: 500,
  moveEveryMs: 3_000,
};

/** What a whole run of one seed with one fault is: the changes that run it again. */
export function denseWith(worst: Worst | null): Changes {
  return { ...dense, worst };
}

/** One run for each fault at each of `pointsMax` points, spread over the run, from a place that hangs on the seed. */
export async function searchWorst(
  seed: number,
  pointsMax: number,
  each: (worst: Worst | null, result: SeedResult) => Promise<void>,
): Promise<number> {
  const plain = await runSeed(seed, denseWith(null));
  await each(null, plain);
  const random = Random.stream(seed, 'worst');
  for (const fault of worstFaults) {
    for (const at of spread(plain.points, pointsMax, random)) {
      const worst = { fault, at };
      await each(worst, await runSeed(seed, denseWith(worst)));
    }
  }
  return plain.points;
}

/** One of each stretch: all of them where there are no more. */
export function spread(points: number, most: number, random: Random): number[] {
  const count = Math.min(points, most);
  const length = points / count;
  return Array.from({ length: count }, (_none, index) =>
    Math.min(points, 1 + Math.floor(index * length + (count === points ? 0 : random.between(0, length)))),
  );
}
