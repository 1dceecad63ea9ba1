/** The agent's Journal, in memory. Each call may be the process's last, and other processes may act just before it. */
import { bothDrops, printDrops } from '../../agent/rules/drops';
import type { Journal, Unlock } from '../../agent/rules/ports';
import type { Drops, Lease, State, Tries, Trouble } from '../../agent/rules/values';
import type { Taken } from '../../agent/rules/taken';
import { instantOf, wallOf } from './clock';
import { short } from './commits';
import { readLeases, recordsWithout, removeRefused } from './leasefiles';
import type { OldServer, SimLock } from './oldserver';
import { enter } from './place';
import type { Process } from './scheduler';
import type { Simulation } from './simulation';

interface Caller {
  readonly sim: Simulation;
  readonly old: OldServer;
  readonly process: Process;
}

export function openJournal(sim: Simulation, old: OldServer, process: Process): Journal {
  const caller: Caller = { sim, old, process };
  const read = <T>(work: () => T): T => {
    enter(sim, process);
    return work();
  };
  return {
    state: () => read(() => old.state),
    changeState: (change) =>
      sim.scheduler
        .step(process, sim.random.between(1, 10), () => undefined)
        .then(() => changeUnderLock(caller, change)),
    agreed: () => read(() => (old.agreed === null ? null : new Map(old.agreed))),
    deleted: () => read(() => new Map(old.deleted ?? [])),
    tries: () => read(() => copyOf(old.tries)),
    troubles: () => read(() => [...old.troubles]),
    taken: () => read(() => [...(old.taken ?? [])]),
    followed: () => read(() => [...(old.followed ?? [])]),
    stuck: () => read(() => [...(old.stuck ?? [])]),
    leases: () => read(() => readLeases(old, instantOf(sim, old))),
    unhooked: () => read(() => [...old.unhooked]),
    lastPass: () => read(() => old.lastPass),
    lock: (waitMs) => takeLock(caller, waitMs),
    drop: (drops) => dropRecords(caller, drops),
    ...writesOf(caller),
  };
}

function writesOf(
  caller: Caller,
): Pick<
  Journal,
  | 'writeAgreed'
  | 'writeDeleted'
  | 'forget'
  | 'writeTries'
  | 'writeTroubles'
  | 'writeTaken'
  | 'writeFollowed'
  | 'writeStuck'
  | 'addUnhooked'
  | 'markSkipped'
  | 'markPass'
> {
  const { sim, old } = caller;
  return {
    writeAgreed: (refs) => write(caller, isEqual(old.agreed, refs), () => void (old.agreed = new Map(refs))),
    writeDeleted: (all) => write(caller, isEqual(old.deleted, all), () => void (old.deleted = new Map(all))),
    forget: () => {
      change(caller, () => void (old.agreed = null));
      change(caller, () => void (old.deleted = null));
      change(caller, () => void (old.unhooked = []));
    },
    writeTries: (tries) => write(caller, isEqual(old.tries, copyOf(tries)), () => void (old.tries = copyOf(tries))),
    writeTroubles: (troubles) =>
      write(caller, isEqual(old.troubles, troubles), () => {
        noteAlarms(sim, old, troubles);
        old.troubles = [...troubles];
      }),
    writeTaken: (taken) =>
      write(caller, isEqual(old.taken, taken), () => {
        noteTakenOver(sim, old, taken);
        old.taken = [...taken];
      }),
    writeFollowed: (updates) => write(caller, isEqual(old.followed, updates), () => void (old.followed = [...updates])),
    writeStuck: (stuck) => write(caller, isEqual(old.stuck, stuck), () => void (old.stuck = [...stuck])),
    addUnhooked: (times) => {
      const all = [...old.unhooked, ...times].slice(-100);
      write(caller, isEqual(old.unhooked, all), () => {
        old.unhooked = all;
        sim.facts.push({ kind: 'alarm', at: sim.scheduler.now, server: old.name, ref: 'refs/', trouble: 'unhooked' });
        sim.tell(`${old.name} counts a writer without hooks`);
      });
    },
    markSkipped: (skipped) => change(caller, () => void (old.skipped = skipped)),
    markPass: () => write(caller, false, () => markPass(sim, old)),
  };
}

function markPass(sim: Simulation, old: OldServer): void {
  old.lastPass = { wall: wallOf(sim, old), at: instantOf(sim, old) };
  old.passFailure = null;
  old.passes.push({ began: old.lockedAt, skipped: old.skipped });
}

/** What needs no room on the disk: a file goes, or an empty one comes. */
function change({ sim, process }: Caller, work: () => void): void {
  enter(sim, process);
  work();
  sim.mayDie(process);
}

/** `isThere`: what is on the disk already and equal is not written again, so a full disk stops it not. */
function write({ sim, old, process }: Caller, isThere: boolean, work: () => void): void {
  enter(sim, process);
  if (!isThere) requireRoom(sim, old);
  work();
  sim.mayDie(process);
}

function requireRoom(sim: Simulation, old: OldServer): void {
  if (old.diskFull || sim.strikes('writeFails'))
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** As the files of the journal compare, which hold what was written in its order. */
function isEqual(left: unknown, right: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? [...part] : part));
  return text(left) === text(right);
}

function noteAlarms(sim: Simulation, old: OldServer, troubles: readonly Trouble[]): void {
  for (const { ref, kind, words } of troubles.filter(
    (trouble) => !old.troubles.some(({ ref: known, kind: sort }) => known === trouble.ref && sort === trouble.kind),
  )) {
    sim.facts.push({ kind: 'alarm', at: sim.scheduler.now, server: old.name, ref, trouble: kind });
    sim.tell(`${old.name} lists ${ref.replace('refs/heads/', '')} as ${kind}: ${words}`);
  }
}

function noteTakenOver(sim: Simulation, old: OldServer, taken: readonly Taken[]): void {
  const known = new Set(old.taken?.map(({ attic }) => attic));
  for (const { ref, before, after, attic } of taken.filter((one) => !known.has(one.attic))) {
    const server = old.name;
    sim.facts.push({ kind: 'taken-over', at: sim.scheduler.now, server, taken: { ref, before, after }, attic });
    sim.tell(`${server} notes that it takes over ${ref.replace('refs/heads/', '')} ${short(before)} → ${short(after)}`);
  }
}

/** A ref without values leaves no line behind. */
function copyOf({ sent, late, unanswered }: Tries): Tries {
  const copy = (values: Tries['sent']): Tries['sent'] =>
    new Map([...values].filter(([, oids]) => oids.length > 0).map(([ref, oids]) => [ref, [...oids]]));
  return { sent: copy(sent), late: copy(late), unanswered };
}

/** The real one reads, changes and renames under a lock that nobody else holds meanwhile: one step here. */
function changeUnderLock({ sim, old, process }: Caller, changed: Parameters<Journal['changeState']>[0]): State {
  enter(sim, process);
  const next = changed(old.state);
  if (next === null) return old.state;
  requireRoom(sim, old);
  if (next.epoch !== old.state.epoch) {
    sim.facts.push({ kind: 'phase', at: sim.scheduler.now, server: old.name, phase: next.phase, epoch: next.epoch });
    sim.tell(`${old.name}: ${old.state.phase} → ${next.phase}, epoch ${next.epoch}`);
  } else if ((next.hold === null) !== (old.state.hold === null))
    sim.tell(`${old.name}: hold ${next.hold === null ? 'ends' : 'begins'}`);
  old.state = written(next);
  sim.mayDie(process);
  return next;
}

/** The file holds the end of a hold in whole seconds, for the shims. */
function written(state: State): State {
  if (state.hold === null) return state;
  return { ...state, hold: { ...state.hold, endUptimeMs: Math.ceil(state.hold.endUptimeMs / 1000) * 1000 } };
}

/** Written down as a whole before the first record goes; one lease after the other then. */
function dropRecords(caller: Caller, drops: Drops): void {
  const { sim, old } = caller;
  removeRefused(old);
  const all = bothDrops(old.drops, drops);
  if (all.size === 0) return;
  const before = readLeases(old, instantOf(sim, old), false);
  write(caller, printDrops(old.drops) === printDrops(all), () => void (old.drops = all));
  for (const [id, refs] of all) forget(caller, { id, lease: before.find((one) => one.id === id) ?? null, refs });
  change(caller, () => void (old.drops = new Map()));
}

function forget(
  caller: Caller,
  { id, lease, refs }: { id: string; lease: Lease | null; refs: Parameters<typeof recordsWithout>[1] },
): void {
  if (lease?.live === true) return;
  const { sim, old } = caller;
  const left = lease === null ? '' : recordsWithout(lease, refs);
  if (left === '') return change(caller, () => void old.leases.delete(id));
  change(caller, () => {
    requireRoom(sim, old);
    const file = old.leases.get(id);
    if (file !== undefined) file[lease?.landed === null ? 'refs' : 'landed'] = left;
  });
}

/** Looks again until it is free; the children that inherit it hold it too. */
async function takeLock({ sim, old, process }: Caller, waitMs: number): Promise<Unlock | null> {
  const lock: SimLock = old.lock;
  const end = sim.scheduler.now + waitMs;
  for (;;) {
    const taken = await sim.scheduler.step(process, sim.random.between(1, 8), () => lock.free && lock.hold(process));
    if (taken) old.lockedAt = sim.scheduler.now;
    if (taken) return { fd: 0, release: () => lock.release(process) };
    if (sim.scheduler.now >= end) return null;
    await sim.scheduler.step(process, sim.random.between(10, 60), () => undefined);
  }
}
