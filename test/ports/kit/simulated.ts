/** A simulated world in which nothing happens but what a suite does, and processes of the agent in it. */
import type { OldServer } from '../../simulation/oldserver';
import { drawOptions, faultNames } from '../../simulation/options';
import type { Outcome, Process } from '../../simulation/scheduler';
import { Simulation } from '../../simulation/simulation';

export interface Calm {
  readonly sim: Simulation;
  readonly old: OldServer;
}

export function openCalm(): Calm {
  const none = Object.fromEntries(faultNames.map((name) => [name, 0]));
  const sim = new Simulation({ ...drawOptions(1), ...none, oldServers: 1 });
  const [old] = sim.olds;
  if (old === undefined) throw new Error('Cannot open a simulated world: it has no old server.');
  return { sim, old };
}

export const killed = 'killed';

/** The agent's code in a process that goes on afterwards. Answers `killed` when that died of it. */
export async function runIn<T>(sim: Simulation, process: Process, work: () => Promise<T>): Promise<T | typeof killed> {
  const box: { outcome: Outcome<T> | null } = { outcome: null };
  sim.scheduler.think(process, work, (outcome) => void (box.outcome = outcome));
  await runUntil(sim, () => box.outcome !== null || !process.alive);
  if (box.outcome === null || !process.alive) return killed;
  if ('error' in box.outcome) throw box.outcome.error;
  return box.outcome.value;
}

const deadlineMs = 600_000;

export async function runUntil(sim: Simulation, done: () => boolean): Promise<void> {
  const end = sim.scheduler.now + deadlineMs;
  while (!done()) {
    if (sim.scheduler.now > end) throw new Error(`Waited ${deadlineMs} ms of virtual time:\n${sim.story.join('\n')}`);
    await sim.scheduler.until(sim.scheduler.now + 5);
  }
}
