/** The files of leases, in memory: as the shims write them, the agent reads and forgets them. */
import { changesOf } from '../../agent/rules/records';
import { endOfSending, leaseFrom, oldestFirst, says, wholeLines } from '../../agent/rules/leasefile';
import { printUpdate } from '../../agent/rules/refs';
import { undropped } from '../../agent/rules/drops';
import type { Instant, Lease, RefName } from '../../agent/rules/values';
import { instantOf } from './clock';
import type { OldServer, SimLease } from './oldserver';
import type { Simulation } from './simulation';

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
export function removeRefused(old: OldServer): void {
  for (const { id, receivePack, hook, control } of old.leases.values()) {
    const lives = receivePack.alive || hook.alive;
    if (says(wholeLines(control), 'refused') && !lives) old.leases.delete(id);
  }
}

/** What stays of a lease without the records of these refs: the lines of a file, which goes where they are none. */
export function recordsWithout(lease: Lease, refs: ReadonlySet<RefName> | 'all'): string {
  const kept = refs === 'all' ? [] : changesOf(lease).filter(({ ref }) => !refs.has(ref));
  return kept.map((update) => `${printUpdate(update)}\n`).join('');
}

/** On a full disk the next look tries again. */
export function noteGone(sim: Simulation, old: OldServer, { id }: Lease): void {
  const file = old.leases.get(id);
  if (file === undefined || old.diskFull || sim.strikes('writeFails')) return;
  file.control += endOfSending(file.control, instantOf(sim, old));
}
