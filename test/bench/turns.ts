/** Takes turns, so that whatever the machine does meanwhile hits all that are compared. */
import { Random } from '../random';

export interface Variant {
  readonly name: string;
  /** Answers ms. */
  run(): Promise<number>;
  /** What must be over before the next one begins. */
  after?(): Promise<void>;
}

export interface Turns {
  readonly rounds: number;
  /** Rounds whose times do not count: first connections, cold caches. */
  readonly warmUps?: number;
}

/** Each variant once in each round, in an order of chance. Answers the times by name. */
export async function takeTurns(
  variants: readonly Variant[],
  { rounds, warmUps = 1 }: Turns,
): Promise<Map<string, number[]>> {
  const order = Random.stream(1, 'turns');
  const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const variant of order.shuffled(variants)) {
      const ms = await timed(variant);
      times.get(variant.name)?.push(...(round < 0 ? [] : [ms]));
    }
  }
  return times;
}

async function timed(variant: Variant): Promise<number> {
  const ms = await variant.run();
  await variant.after?.();
  return ms;
}

/** The times of one variant; none is a mistake of the measurement. */
export function timesOf(times: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  const found = times.get(name) ?? [];
  if (found.length === 0) throw new Error(`Cannot compare ${name} as it was never measured.`);
  return found;
}
