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
  /** So many at once, at different places. */
  readonly atOnce?: number;
  /** What is on for a while stays on for so long. */
  readonly stayMs?: number;
  readonly say: (line: string) => void;
}

const gapMs = { low: 300, high: 1_200 };

/** Some faults at a time, most runs one; all are healed before the next. */
export async function runFaults(options: ScheduleOptions): Promise<void> {
  const { faults, random, forMs, graceMs, atOnce = 1 } = options;
  const start = performance.now();
  let deck: Fault[] = [];
  const missing = (): Fault[] => faults.filter(({ fired }) => fired === 0);
  const isOver = (): boolean => {
    const past = performance.now() - start;
    return past > forMs && (missing().length === 0 || past > forMs + graceMs);
  };
  while (!isOver()) {
    if (deck.length === 0) deck = random.shuffled(performance.now() - start > forMs ? missing() : faults);
    const turn = nextTurn(deck, atOnce);
    deck = deck.filter((fault) => !turn.includes(fault));
    await strike(turn, options);
    await pause(random.whole(gapMs.low, gapMs.high));
  }
}

/** The first of the deck, and the next ones that strike elsewhere. Pure. */
export function nextTurn(deck: readonly Fault[], atOnce: number): Fault[] {
  const turn: Fault[] = [];
  for (const fault of deck)
    if (turn.length < atOnce && !turn.some(({ place }) => place === fault.place)) turn.push(fault);
  return turn;
}

/** Nothing happens where there is nothing to strike now. */
async function strike(turn: readonly Fault[], { say, stayMs = 0 }: ScheduleOptions): Promise<void> {
  try {
    const struck = await Promise.all(turn.map(async (fault) => ((await fault.inject()) ? [fault] : [])));
    const on = struck.flat();
    if (on.length === 0) return;
    say(`fault: ${on.map(({ name }) => name).join(' + ')}`);
    await pause(Math.max(...on.map(({ holdMs }) => (holdMs === 0 ? 0 : Math.max(holdMs, stayMs)))));
  } finally {
    await Promise.all(turn.map((fault) => fault.heal()));
  }
}
