/** A side goes back in time: old or GitLab comes back from a snapshot, or GitLab's project is made anew. */
import { phaseTable } from '../../agent/contract/phase';
import type { Oid, RefName, Refs } from '../../agent/rules/values';
import { wipeFence } from './gitlabbreaks';
import { notePhaseUnborn } from './inforce';
import type { OldServer, SimLease } from './oldserver';
import { clientProcess } from './oldpush';
import type { Activity } from './scheduler';
import type { Simulation } from './simulation';
import { apartIn } from './stray';

/** What a snapshot of old holds: the repository, and the agent's state. */
interface OldSnapshot {
  readonly refs: Refs;
  readonly files: Pick<
    OldServer,
    | 'head'
    | 'state'
    | 'agreed'
    | 'deleted'
    | 'tries'
    | 'troubles'
    | 'taken'
    | 'stuck'
    | 'followed'
    | 'unhooked'
    | 'drops'
    | 'fenceCopy'
  >;
  readonly leases: ReadonlyMap<string, SimLease>;
}

function snapshotOf(old: OldServer): OldSnapshot {
  const { head, state, agreed, deleted, tries, troubles, taken, stuck, followed, unhooked, drops, fenceCopy } = old;
  return {
    refs: new Map(old.refs),
    files: { head, state, agreed, deleted, tries, troubles, taken, stuck, followed, unhooked, drops, fenceCopy },
    leases: new Map([...old.leases].map(([id, lease]) => [id, { ...lease }])),
  };
}

export interface Snapshots {
  readonly old: OldSnapshot;
  readonly gitlab: Refs;
}

export function backUp(sim: Simulation, old: OldServer): Snapshots {
  sim.tell('both sides are backed up');
  return { old: snapshotOf(old), gitlab: new Map(sim.gitlab.refs) };
}

/** One snapshot of both sides, at some time; one of them goes back to it later. */
export function* travel(sim: Simulation): Activity {
  const [old] = sim.olds;
  if (old === undefined) return;
  yield sim.random.between(2_000, sim.options.activeMs * 0.6);
  if (sim.random.chance(0.5)) yield* untilMoment(sim, 1);
  const taken = backUp(sim, old);
  // Most journeys are short: what tells of them must be there soon.
  if (sim.random.chance(0.3)) yield sim.random.between(500, sim.options.activeMs * 0.6);
  else yield* untilMoment(sim, sim.random.whole(1, 6));
  if (!sim.faulty || old.state.phase === 'old') return;
  sim.count('travels');
  go(sim, old, { taken, name: sim.random.pick(Object.keys(journeys) as JourneyName[]) });
}

/** Back to what was taken. What nothing can notice is not held against the agent. */
export function go(sim: Simulation, old: OldServer, { taken, name }: { taken: Snapshots; name: JourneyName }): void {
  if (name === 'old' || name === 'oldWiped') notePhaseUnborn(sim, old, taken.old.files.state.epoch);
  journeys[name](sim, old, taken);
  if (old.state.fence === null) sim.forgot = sim.facts.length;
  if (apartIn(sim, old) === 'not') forgetReturned(sim, old, taken);
}

/**
 * Old decides, its ref went X, Y, X while the fence stayed where it is, and the backup was made at Y: GitLab had X all
 * the time, and old's files say that Y is to go there (docs/design/fence.md, What nothing notices).
 */
function forgetReturned(sim: Simulation, old: OldServer, taken: Snapshots): void {
  if (phaseTable[old.state.phase].authority !== 'old') return;
  for (const [ref, oid] of taken.gitlab) {
    const here = old.refs.get(ref) ?? null;
    if (sim.gitlab.refs.get(ref) === oid && sim.truthOf(ref) === oid && here !== oid) sim.decides(ref, here);
  }
}

/** Right after so many things happened: the fence moved, the phase changed, or a ref. */
function* untilMoment(sim: Simulation, count: number): Activity {
  for (const moment = sim.moments + count; sim.moments < moment && sim.faulty;) yield 1;
  yield sim.random.between(0, 40);
}

export const journeys = {
  old: (sim: Simulation, old: OldServer, { old: taken }: Snapshots) => {
    sim.tell(`${old.name} goes back to its backup`);
    restoreRepository(old, taken);
    old.host.boots += 1;
    old.host.bootedAt = sim.scheduler.now;
    Object.assign(old, taken.files);
    old.leases.clear();
    taken.leases.forEach((lease, id) => old.leases.set(id, lease));
  },
  /** And somebody's push takes the fence away before it has looked. */
  oldWiped: (sim: Simulation, old: OldServer, taken: Snapshots) => {
    journeys.old(sim, old, taken);
    wipeFence(sim);
  },
  repository: (sim: Simulation, old: OldServer, { old: taken }: Snapshots) => {
    sim.tell(`the repository of ${old.name} alone goes back to its backup`);
    restoreRepository(old, taken);
  },
  gitlab: (sim: Simulation, _old: OldServer, { gitlab }: Snapshots) => {
    sim.tell('gitlab goes back to its backup');
    replace(sim, gitlab);
  },
  anew: (sim: Simulation) => {
    sim.tell("gitlab's project is made anew");
    const first = [...sim.gitlab.refs].find(([ref]) => ref === sim.gitlab.head);
    const root = first === undefined ? null : sim.commits.parent(first[1]);
    replace(sim, root === null ? new Map() : new Map([[sim.gitlab.head, root]]));
  },
} as const;

export type JourneyName = keyof typeof journeys;

/** Under nobody's feet. */
function restoreRepository(old: OldServer, { refs, files: { head, fenceCopy } }: OldSnapshot): void {
  [...old.host.processes].forEach((process) => process.end());
  old.refs.clear();
  refs.forEach((oid, ref) => old.refs.set(ref, oid));
  Object.assign(old, { head, fenceCopy });
}

function replace({ gitlab }: Simulation, refs: ReadonlyMap<RefName, Oid>): void {
  gitlab.refs.clear();
  refs.forEach((oid, ref) => gitlab.set(ref, oid));
}

export function startTravel(sim: Simulation): void {
  if (sim.options.fence && sim.options.travels > 0) sim.scheduler.play(clientProcess(sim, 'travel'), travel(sim));
}
