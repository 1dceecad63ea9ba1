/**
 * Makes a failing seed's story short: fewer people, less time, fewer kinds of faults, as long as the same promise still
 * breaks.
 */
import { drawOptions, faultNames, type Changes, type Options } from './options';
import { runSeed, type SeedResult } from './run';

const triesMax = 60;

export interface Shrunk {
  readonly changes: Changes;
  readonly result: SeedResult;
}

/** Each attempt is one whole run; what no longer breaks the promise is taken back. */
export async function shrink(seed: number, failing: SeedResult): Promise<Shrunk> {
  const promise = failing.verdicts.find(({ answer }) => answer === 'invalid')?.promise;
  let best: Shrunk = { changes: failing.changes, result: failing };
  const attempts = attemptsFor({ ...drawOptions(seed), ...failing.changes });
  for (const change of attempts.slice(0, triesMax)) {
    const changes = { ...best.changes, ...change };
    const result = await runSeed(seed, changes);
    if (result.verdicts.some((verdict) => verdict.answer === 'invalid' && verdict.promise === promise))
      best = { changes, result };
  }
  return best;
}

/** Coarse ones first. */
function attemptsFor(options: Options): Changes[] {
  const off = faultNames.filter((name) => options[name] > 0).map((name): Changes => ({ [name]: 0 }));
  const fewer: Changes[] = [
    { oldServers: 1 },
    ...[1, 2, 3]
      .filter((pushers) => pushers < options.pushers)
      .reverse()
      .map((pushers): Changes => ({ pushers })),
    ...[1, 2]
      .filter((branches) => branches < options.branches)
      .reverse()
      .map((branches): Changes => ({ branches })),
  ];
  const shorter = [0.75, 0.5, 0.35, 0.25, 0.15].map((share): Changes => ({ activeMs: options.activeMs * share }));
  return [...off, ...fewer, ...shorter, ...off];
}
