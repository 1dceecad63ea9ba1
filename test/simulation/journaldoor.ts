/** The agent's Journal, in memory. Each call may be the process's last, and other processes may act just before it. */
import type { Fault } from '../../agent/contract/views';
import { asError } from '../../agent/contract/errors';
import { bothDrops, undropped } from '../../agent/rules/drops';
import { leaseFrom, oldestFirst, says, wholeLines } from '../../agent/rules/leasefile';
import { printUpdate } from '../../agent/rules/refs';
import type { Journal, Unlock } from '../../agent/rules/ports';
import type { Drops, Instant, Lease, Tries, Trouble } from '../../agent/rules/values';
import type { OldServer, SimLease, SimLock } from './oldserver';
import { Died, type Process } from './scheduler';
import type { Simulation } from './simulation';

const diskFull: Fault = {
  code: 'disk',
  message: 'Cannot write: no space left on device.',
  next: 'Make room.',
  exit: 3,
};

export function openJournal(sim: Simulation, old: OldServer, process: Process): Journal {
  const access = accessOf(sim, old, process);
  const { read, write } = access;
  return {
    state: () => read(() => old.state),
    changeState: (change) =>
      sim.scheduler
        .step(process, sim.random.between(1, 10), () => undefined)
        .then(() => changeUnderLock({ sim, old, process }, change)),
    agreed: () => read(() => (old.agreed === null ? null : new Map(old.agreed))),
    writeAgreed: (refs) => write(() => void (old.agreed = new Map(refs))),
    forget: () =>
      write(() => {
        old.agreed = null;
        old.unhooked = [];
      }),
    tries: () => read(() => copyOf(old.tries)),
    writeTries: (tries) => write(() => void (old.tries = copyOf(tries))),
    troubles: () => read(() => [...old.troubles]),
    writeTroubles: (troubles) =>
      write(() => {
        noteAlarms(sim, old, troubles);
        old.troubles = [...troubles];
      }),
    leases: () => read(() => readLeases(old, instantOf(sim, old))),
    drop: (drops) => dropRecords(sim, old, access, drops),
    unhooked: () => read(() => [...old.unhooked]),
    addUnhooked: (times) =>
      write(() => {
        old.unhooked = [...old.unhooked, ...times].slice(-100);
        sim.facts.push({ kind: 'alarm', at: sim.scheduler.now, server: old.name, ref: 'refs/', trouble: 'unhooked' });
        sim.tell(`${old.name} counts a writer without hooks`);
      }),
    markSkipped: (skipped) => write(() => void (old.skipped = skipped)),
    markPass: () => write(() => void (old.passes += 1)),
    lastPass: () => null,
    lock: (waitMs) => takeLock({ sim, process }, old.lock, waitMs),
  };
}

interface Access {
  readonly read: <T>(work: () => T) => T;
  readonly write: (work: () => void) => void;
}

function accessOf(sim: Simulation, old: OldServer, process: Process): Access {
  return {
    read: (work) => {
      enter(sim, process);
      return work();
    },
    write: (work) => {
      enter(sim, process);
      if (old.diskFull || sim.strikes('writeFails')) throw asError(diskFull);
      work();
      sim.mayDie(process);
    },
  };
}

/** Written down first: killed here, whoever reads the leases next leaves the same out. */
function dropRecords(sim: Simulation, old: OldServer, { read, write }: Access, drops: Drops): void {
  removeRefused(old);
  if (drops.size + old.drops.size === 0) return;
  write(() => void (old.drops = bothDrops(old.drops, drops)));
  for (const lease of readLeases(old, instantOf(sim, old), false)) read(() => forget(old, lease));
  read(() => void (old.drops = new Map()));
}

function noteAlarms(sim: Simulation, old: OldServer, troubles: readonly Trouble[]): void {
  for (const { ref, kind, words } of troubles.filter(
    (trouble) => !old.troubles.some(({ ref: known, kind: sort }) => known === trouble.ref && sort === trouble.kind),
  )) {
    sim.facts.push({ kind: 'alarm', at: sim.scheduler.now, server: old.name, ref, trouble: kind });
    sim.tell(`${old.name} lists ${ref.replace('refs/heads/', '')} as ${kind}: ${words}`);
  }
}

function copyOf({ sent, late, unanswered }: Tries): Tries {
  return { sent: new Map(sent), late: new Map(late), unanswered };
}

/** Before a call of the agent: others may act, and this process may die. */
export function enter(sim: Simulation, process: Process): void {
  sim.scheduler.preempt();
  sim.mayDie(process);
  if (!process.alive) throw new Died(process.name);
}

export function instantOf(sim: Simulation, old: OldServer): Instant {
  return { boot: old.boot, uptimeMs: Math.round(sim.scheduler.now - old.host.bootedAt) };
}

interface Caller {
  readonly sim: Simulation;
  readonly old: OldServer;
  readonly process: Process;
}

/** The real one reads, changes and renames under a lock that nobody else holds meanwhile: one step here. */
function changeUnderLock(
  { sim, old, process }: Caller,
  change: Parameters<Journal['changeState']>[0],
): OldServer['state'] {
  enter(sim, process);
  const next = change(old.state);
  if (next === null) return old.state;
  if (old.diskFull || sim.strikes('writeFails')) throw asError(diskFull);
  if (next.epoch !== old.state.epoch) {
    sim.facts.push({ kind: 'phase', at: sim.scheduler.now, server: old.name, phase: next.phase, epoch: next.epoch });
    sim.tell(`${old.name}: ${old.state.phase} → ${next.phase}, epoch ${next.epoch}`);
  } else if ((next.hold === null) !== (old.state.hold === null))
    sim.tell(`${old.name}: hold ${next.hold === null ? 'ends' : 'begins'}`);
  old.state = next;
  sim.mayDie(process);
  return next;
}

/** `whole`: without what is to be forgotten. */
export function readLeases(old: OldServer, now: Instant, whole = true): Lease[] {
  const drops = whole ? old.drops : new Map();
  return oldestFirst(
    [...old.leases.values()]
      .map((lease) => readLease(lease, now))
      .map((lease) => lease && undropped(lease, drops))
      .filter((lease): lease is Lease => lease !== null),
    now,
  );
}

function readLease({ id, boot, receivePack, hook, control, refs, landed }: SimLease, now: Instant): Lease | null {
  const pids = boot === now.boot ? [receivePack, hook].filter(({ alive }) => alive).map(({ pid }) => pid) : [];
  const lease = leaseFrom({ id, boot, pids, account: null, control, refs: () => refs, landed: () => landed }, now);
  return lease === 'refused' ? null : lease;
}

/** What refused pushes left that were killed before they could take it away themselves. */
function removeRefused(old: OldServer): void {
  for (const { id, receivePack, hook, control } of old.leases.values()) {
    const lives = receivePack.alive || hook.alive;
    if (says(wholeLines(control), 'refused') && !lives) old.leases.delete(id);
  }
}

function forget(old: OldServer, lease: Lease): void {
  const file = old.leases.get(lease.id);
  const left = undropped(lease, old.drops);
  if (left === lease) return;
  if (file === undefined || left === null) return void old.leases.delete(lease.id);
  const kept = left.landed ?? left.updates ?? [];
  const text = kept.map((update) => `${printUpdate(update)}\n`).join('');
  if (lease.landed === null) file.refs = text;
  else file.landed = text;
}

/** Looks again until it is free; the children that inherit it hold it too. */
async function takeLock({ sim, process }: Omit<Caller, 'old'>, lock: SimLock, waitMs: number): Promise<Unlock | null> {
  const end = sim.scheduler.now + waitMs;
  for (;;) {
    const taken = await sim.scheduler.step(process, sim.random.between(1, 8), () => lock.free && lock.hold(process));
    if (taken) return { fd: 0, release: () => lock.release(process) };
    if (sim.scheduler.now >= end) return null;
    await sim.scheduler.step(process, sim.random.between(10, 60), () => undefined);
  }
}
