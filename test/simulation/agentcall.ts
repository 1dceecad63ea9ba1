/** A person calls the agent: one process of it, or a piece of work under the repository's lock. */
import type { World } from '../../agent/rules/ports';
import type { OldServer } from './oldserver';
import type { Activity, Outcome } from './scheduler';
import type { Simulation } from './simulation';
import { openWorld } from './world';

const lockMs = 10_000;

/** One process of the agent, waited for; null when it was killed. */
export function* runAgent<T>(
  sim: Simulation,
  old: OldServer,
  work: (world: World) => Promise<T>,
): Activity<Outcome<T> | null> {
  const agent = sim.scheduler.process('a call of the operator', old.host);
  const box: { outcome: Outcome<T> | null; over: boolean } = { outcome: null, over: false };
  sim.scheduler.spawn(
    agent,
    () => work(openWorld(sim, old, agent)),
    (outcome) => {
      box.outcome = outcome;
      box.over = true;
    },
  );
  while (!box.over) yield 20;
  return box.outcome;
}

export async function underLock(
  world: World,
  work: (lock: { fd: number; release(): void }) => Promise<void>,
): Promise<void> {
  const lock = await world.journal.lock(lockMs);
  if (lock === null) return;
  try {
    await work(lock);
  } finally {
    lock.release();
  }
}
