/** Which fault comes when: each kind gets its turn before any comes again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './faults/fault';
import type { Random } from '../random';

export interface ScheduleOptions {
  readonly faults: readonly Fault[];
  readonly random: Random;
  readonly forMs: number;
  /** Longer, while some kind has not had its turn. */
  readonly graceMs: number;
  readonly say: (line: string) => void;
}

const gapMs = { low: 300, high: 1_200 };

/** One fault at a time; each is healed before the next. */
export async function runFaults({ faults, random, forMs, graceMs, say }: ScheduleOptions): Promise<void> {
  const start = performance.now();
  let deck: Fault[] = [];
  const missing = (): Fault[] => faults.filter(({ fired }) => fired === 0);
  const isOver = (): boolean => {
    const past = performance.now() - start;
    return past > forMs && (missing().length === 0 || past > forMs + graceMs);
  };
  while (!isOver()) {
    if (deck.length === 0) deck = random.shuffled(performance.now() - start > forMs ? missing() : faults);
    const fault = deck.shift();
    if (fault !== undefined) await strike(fault, say);
    await pause(random.whole(gapMs.low, gapMs.high));
  }
}

/** Nothing happens where there is nothing to strike now. */
async function strike(fault: Fault, say: (line: string) => void): Promise<void> {
  if (!(await fault.inject())) return;
  say(`fault: ${fault.name}`);
  try {
    await pause(fault.holdMs);
  } finally {
    await fault.heal();
  }
}
