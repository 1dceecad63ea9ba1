/** Where a process of the simulated old server stands. */
import type { Oid } from '../../agent/rules/values';
import type { OldServer } from './oldserver';
import { Died, type Process } from './scheduler';
import type { Simulation } from './simulation';

export interface Place {
  readonly sim: Simulation;
  readonly old: OldServer;
  readonly process: Process;
  /** Objects that only this push has, while its hook runs. */
  readonly quarantine: ReadonlySet<Oid>;
  /** The pusher's push that a hook serves, and the epoch that it acts in; null for passes. */
  readonly serves: { readonly push: number; readonly epoch: number } | null;
}

/** Before a call of the agent: others may act, and this process may die. */
export function enter(sim: Simulation, process: Process): void {
  sim.scheduler.preempt();
  sim.mayDie(process);
  if (!process.alive) throw new Died(process.name);
}
