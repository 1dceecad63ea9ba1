/** Runs what was chosen, one after the other, in one lab where they share one. */
import type { Bench, Measurement } from './bench';
import type { Outcome } from './figures';
import { nothing } from './figures';
import type { BenchOptions } from './options';
import { openSite, type Places, type Site } from './site';

export interface Measured {
  readonly name: string;
  readonly outcome: Outcome;
  readonly minutes: number;
}

/** `keep` gets each as soon as it is measured. */
export async function measureAll(
  chosen: readonly Measurement[],
  options: BenchOptions,
  say: (line: string) => void,
  keep: (one: Measured) => void,
): Promise<Measured[]> {
  let shared: Promise<Site> | null = null;
  const places: Places = Object.assign({}, ...chosen.map((one) => one.places?.(options) ?? {})) as Places;
  const bench: Bench = {
    options,
    say,
    rounds: (whole, quick) => options.rounds ?? (options.quick ? quick : whole),
    site: () => (shared ??= openSite(places, { say })),
  };
  const all: Measured[] = [];
  const ordered = [
    ...chosen.filter(({ places: needs }) => needs !== undefined),
    ...chosen.filter(({ places: needs }) => needs === undefined),
  ];
  try {
    for (const one of ordered) {
      const start = performance.now();
      const done = {
        name: one.name,
        outcome: await measured(one, bench),
        minutes: (performance.now() - start) / 60_000,
      };
      all.push(done);
      keep(done);
    }
  } finally {
    await closed(shared);
  }
  return all;
}

/** One that cannot be measured does not take the others along. */
async function measured(one: Measurement, bench: Bench): Promise<Outcome> {
  try {
    return await one.measure(bench);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    bench.say(`${one.name}: ${why}`);
    return { ...nothing, missing: [{ name: one.name, why: `it failed: ${why.split('\n')[0] ?? ''}` }] };
  }
}

async function closed(shared: Promise<Site> | null): Promise<void> {
  const site = await shared?.catch(() => null);
  await site?.close();
}
