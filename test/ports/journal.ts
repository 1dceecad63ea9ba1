/**
 * What the acceptance suite of the port Journal asks of a door, and what it looks at. Pushes are numbered, since each
 * door names its leases in its own way.
 */
import type { Journal, Unlock } from '../../agent/rules/ports';
import type { Drops, Instant, Lease } from '../../agent/rules/values';
import type { Door } from './kit/compare';

export type Who = 'ada' | 'bob';
export type LeasePart = 'control' | 'refs' | 'landed';
export type PushProcess = 'receive-pack' | 'hook';

/** What a door's set-up hands in. Ada and Bob are two processes of the agent, each with the journal open. */
export interface JournalSetUp {
  journal(who: Who): Journal;
  /** Runs work of one of them. */
  run<T>(who: Who, work: () => Promise<T>): Promise<T | 'killed'>;
  /** It dies; another process opens the journal in its place. */
  crash(who: Who): Promise<void>;
  /** The same at the n-th change that the work makes, from 1; answers `killed` if it came so far. */
  killAt(who: Who, change: number, work: () => Promise<unknown>): Promise<unknown>;
  /** A child of whoever has the lock inherits it; `childrenEnd` ends all such. */
  inherit(lock: Unlock): void;
  childrenEnd(): Promise<void>;
  /** The processes of a push start, and its empty lease is there. */
  beginPush(push: number): Promise<void>;
  /** Appends to a file of its lease, as the shims do. */
  write(push: number, part: LeasePart, text: string): void;
  endProcess(push: number, process: PushProcess): Promise<void>;
  noteGone(push: number): Promise<void>;
  fillDisk(isFull: boolean): void;
  reboot(): Promise<void>;
  now(): Instant;
  leaseId(push: number): string;
  /** Which push a lease is of, and which of its processes a pid is. */
  nameOf(id: string): number;
  processOf(push: number, pid: number): PushProcess;
  /** Drops that are written down and not carried out. */
  pending(): Drops;
  close(): Promise<void>;
}

export interface JournalDoor extends Door {
  readonly at: JournalSetUp;
  readonly locks: Map<Who, Unlock>;
  readonly begun: Set<number>;
}

export function journalDoor(at: JournalSetUp): JournalDoor {
  return { at, locks: new Map(), begun: new Set(), show: () => show(at), close: () => at.close() };
}

async function show(at: JournalSetUp): Promise<unknown> {
  const journal = at.journal('ada');
  const seen = await at.run('ada', () =>
    Promise.resolve({
      state: journal.state(),
      agreed: journal.agreed(),
      deleted: journal.deleted(),
      tries: journal.tries(),
      troubles: journal.troubles(),
      taken: journal.taken(),
      followed: journal.followed(),
      stuck: journal.stuck(),
      unhooked: journal.unhooked(),
      hadPass: journal.lastPass() !== null,
      now: at.now(),
      leases: journal.leases(),
    }),
  );
  if (seen === 'killed') return seen;
  const pending = new Map([...at.pending()].map(([id, refs]) => [at.nameOf(id), refs]));
  const { leases, now, ...rest } = seen;
  return { ...rest, leases: inOrder(at, leases).map((lease) => showLease(at, lease, now)), pending };
}

/** Of leases that began at the same moment, no order is promised. */
function inOrder(at: JournalSetUp, leases: readonly Lease[]): Lease[] {
  let rank = 0;
  const isSameMoment = (one: Lease, other: Lease | undefined): boolean =>
    one.began.boot === other?.began.boot && one.began.uptimeMs === other.began.uptimeMs;
  const ranked = leases.map((lease, index) => {
    if (!isSameMoment(lease, leases[index - 1])) rank += 1;
    return { lease, rank, push: at.nameOf(lease.id) };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.push - b.push).map(({ lease }) => lease);
}

/** A lease that wrote no time yet begins now, whenever that is. */
function showLease(at: JournalSetUp, { id, began, pids, ...rest }: Lease, now: Instant): unknown {
  const push = at.nameOf(id);
  const isNow = began.uptimeMs === now.uptimeMs;
  const name = ({ boot, uptimeMs }: Instant): unknown => ({ isThisBoot: boot === now.boot, uptimeMs });
  return {
    push,
    ...rest,
    sent: rest.sent === null ? null : name(rest.sent),
    began: isNow ? 'now' : name(began),
    processes: pids.map((pid) => at.processOf(push, pid)),
  };
}
