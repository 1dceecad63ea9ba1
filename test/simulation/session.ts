/** One push to old, from its client's first look until the client has read an end. */
import type { Oid, Update } from '../../agent/rules/values';
import type { OldServer, SimLease } from './oldserver';
import type { Process, Activity } from './scheduler';
import type { Simulation } from './simulation';

export interface Attempt {
  readonly who: string;
  readonly updates: readonly Update[];
  readonly atomic: boolean;
  /** Its way to GitLab breaks once it is sent: it never lands, and nobody is told. */
  readonly isUnanswered?: boolean;
}

/** What the client and the server's processes of one push share. */
export interface Session {
  readonly sim: Simulation;
  readonly old: OldServer;
  readonly id: number;
  readonly updates: readonly Update[];
  readonly quarantine: ReadonlySet<Oid>;
  readonly receivePack: Process;
  readonly hook: Process;
  lease: SimLease | null;
  /** The epoch by whose rules the hook acted. */
  epoch: number | null;
  words: string;
  /** Looks at a hold, 100 ms apart. */
  waits: number;
  /** How long the repository's own hook kept it, ms. */
  stalledMs: number;
  /** Of the hook; null while it runs. */
  accepted: boolean | null;
  /** No hook ran: git took it by itself. */
  alone: boolean;
  /** GitLab has taken it. */
  forwarded: boolean;
  /** What receive-pack told the client; null as long as it did not. */
  failed: readonly Update[] | null;
}

export function* pause(sim: Simulation, process: Process): Activity {
  sim.mayDie(process);
  yield sim.random.between(0.5, 8);
}
