/**
 * Searches for histories that break a promise: many seeds, each a world of its own. A seed replays exactly; one that
 * fails is shrunk and told in words.
 *
 *   npm run simulate -- --seeds 1000
 *   npm run simulate -- --seeds 1 --seed 4711 --story
 *   npm run simulate -- --seeds 40 --powers                     # hooks that do not run, and so on (powers.ts)
 *   npm run simulate -- --seeds 200 --fence journeys            # a side goes back in time (fenceworlds.ts)
 *   npm run simulate -- --seeds 5 --worst 40                    # one fault at each of 40 points of a run
 *   npm run simulate -- --seeds 1 --seed 5 --at kill:123 --story
 */
import { parseArgs } from 'node:util';
import type { Verdict } from '../history/history';
import { allowances, countUnknown, isTooMany, tellUnknown, type Unknown } from '../history/unknown';
import { fenceWorlds } from './fenceworlds';
import { drawOptions, faultNames, type FaultName } from './options';
import { withPowers } from './powers';
import { runSeed, type SeedResult } from './run';
import { denseWith, searchWorst } from './searching';
import { tellFailing, wrongIn } from './telling';
import { parseWorst } from './worst';

const usage = `Usage: npm run simulate -- [--seeds <how many>] [--seed <the first>] [--powers | --fence <world> | --worst <points> | --at <fault>:<point>] [--story] [--json]
Worlds: ${Object.keys(fenceWorlds).join(', ')}.`;

interface Violation {
  readonly seed: number;
  readonly promise: string;
  readonly story: string;
}

interface Sum {
  seeds: number;
  steps: number;
  pushes: number;
  /** Of each seed: what is unknown is counted over all of them. */
  readonly verdicts: (readonly Verdict[])[];
  readonly faults: Map<FaultName, number>;
  readonly violations: Violation[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      story: { type: 'boolean' },
      json: { type: 'boolean' },
      worst: { type: 'string', default: '0' },
      at: { type: 'string' },
      powers: { type: 'boolean' },
      fence: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [count, first, points] = [Number(values.seeds), Number(values.seed), Number(values.worst)];
  const at = values.at === undefined ? null : parseWorst(values.at);
  const world = Object.entries(fenceWorlds).find(([name]) => name === values.fence)?.[1];
  const isUnknown = (values.at !== undefined && !at) || (values.fence !== undefined && world === undefined);
  const isOdd = ![count, first, points].every(Number.isInteger) || count < 1 || isUnknown;
  if (values.help === true || isOdd) {
    console.log(usage);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  console.log(
    `simulate: seeds ${first} to ${first + count - 1}${count === 1 ? `, options ${JSON.stringify(drawOptions(first))}` : ''}`,
  );
  const sum: Sum = {
    seeds: 0,
    steps: 0,
    pushes: 0,
    verdicts: [],
    faults: new Map(faultNames.map((name) => [name, 0])),
    violations: [],
  };
  const start = performance.now();
  const each = async (result: SeedResult): Promise<void> => {
    if (values.story === true) console.log(result.story.join('\n'));
    await addUp(sum, result);
  };
  const changes = at !== null ? denseWith(at) : values.powers === true ? withPowers : (world ?? {});
  for (let seed = first; seed < first + count; seed += 1) {
    if (points > 0) await searchWorst(seed, points, (_worst, result) => each(result));
    else await each(await runSeed(seed, changes));
  }
  const unknown = countUnknown(sum.verdicts, allowances.simulation);
  report(sum, unknown, performance.now() - start);
  if (values.json === true) console.log(asJson(sum, unknown));
  process.exitCode = sum.violations.length === 0 && !unknown.some(isTooMany) ? 0 : 1;
}

function asJson({ seeds, steps, violations, faults }: Sum, unknown: readonly Unknown[]): string {
  return JSON.stringify({
    seeds,
    steps,
    violations,
    unknown: unknown.map(({ promise, reason, count, allowed }) => ({ promise, reason, count, allowed })),
    faults: Object.fromEntries(faults),
  });
}

async function addUp(sum: Sum, result: SeedResult): Promise<void> {
  sum.seeds += 1;
  sum.steps += result.steps;
  sum.pushes += result.pushes;
  for (const [name, times] of result.faults) sum.faults.set(name, (sum.faults.get(name) ?? 0) + times);
  sum.verdicts.push(result.verdicts);
  const wrong = wrongIn(result);
  if (wrong !== null) sum.violations.push(await tell(result, wrong));
}

async function tell(result: SeedResult, wrong: Verdict): Promise<Violation> {
  const { promise, story, lines } = await tellFailing(result, wrong);
  console.log(`\n${lines.join('\n')}`);
  return { seed: result.seed, promise, story };
}

function report(sum: Sum, unknown: readonly Unknown[], ms: number): void {
  const faults = [...sum.faults].map(([name, times]) => `${name} ${times}`).join(', ');
  console.log(`\nfaults: ${faults}`);
  unknown.forEach((one) => console.log(tellUnknown(one)));
  console.log(
    `simulate: ${sum.seeds} seeds, ${sum.steps} steps, ${sum.pushes} pushes, ${sum.violations.length} violations, ${unknown.reduce((all, { count }) => all + count, 0)} unknown, ${(ms / 1000).toFixed(1)} s`,
  );
}

void main();
