/**
 * Runs one story over two doors of the same port, step by step, and says in words where they part. A story is a list of
 * operations; each has its words, so that a story that fails can be read.
 */
import { HandoverError } from '../../../agent/contract/errors';

export interface Door {
  /** Everything that an observer of this door can see. */
  show(): Promise<unknown>;
  close(): Promise<void>;
}

export interface Operation<D> {
  readonly words: string;
  run(door: D): Promise<unknown>;
}

export type Open<D> = () => Promise<D>;

export interface Doors<D> {
  readonly real: Open<D>;
  readonly simulated: Open<D>;
}

/** Null when both show the same after each step, else the step and what each showed. */
export async function difference<D extends Door>(
  story: readonly Operation<D>[],
  { real, simulated }: Doors<D>,
): Promise<string | null> {
  const doors = [await real(), await simulated()];
  try {
    return await firstParting(story, doors);
  } finally {
    await Promise.all(doors.map((door) => door.close()));
  }
}

async function firstParting<D extends Door>(
  story: readonly Operation<D>[],
  doors: readonly D[],
): Promise<string | null> {
  for (const [index, operation] of [{ words: 'nothing', run: nothing }, ...story].entries()) {
    const [left = '', right = ''] = await Promise.all(doors.map((door) => step(door, operation)));
    if (left !== right) return `step ${index}, ${operation.words}:\n${parting(left, right)}`;
  }
  return null;
}

/** Both from a little before the place where they part. */
export function parting(real: string, simulated: string): string {
  const at = [...real].findIndex((character, index) => character !== simulated[index]);
  const from = Math.max(0, (at < 0 ? real.length : at) - 60);
  const cut = (text: string): string => text.slice(from, from + 300);
  return `  real       … ${cut(real)}\n  simulated  … ${cut(simulated)}`;
}

const nothing = (): Promise<void> => Promise.resolve();

/** What a step answered and what the door shows afterwards, as one line. */
export async function step<D extends Door>(door: D, operation: Operation<D>): Promise<string> {
  const answer = await outcome(() => operation.run(door));
  return `${answer} and then ${await outcome(() => door.show())}`;
}

/** A value as text, or the kind of what was thrown: our own code, or that of the kernel. */
export async function outcome(work: () => unknown): Promise<string> {
  try {
    return canonical(await work());
  } catch (thrown) {
    return `throws ${kindOf(thrown)}`;
  }
}

function kindOf(thrown: unknown): string {
  if (thrown instanceof HandoverError) return thrown.fault.code;
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
}

/** Equal values are equal texts: what has no order is sorted. */
export function canonical(value: unknown): string {
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, one]) => `${String(key)}: ${canonical(one)}`)
      .sort()
      .join(', ')}}`;
  if (value instanceof Set) return `{${[...value].map(canonical).sort().join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return canonical(new Map(Object.entries(value).filter(([, one]) => one !== undefined)));
  return typeof value === 'string' ? value : String(value);
}
