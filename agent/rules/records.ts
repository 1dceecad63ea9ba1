/** What the records of ended pushes prove about one ref. Pure. */
import type { Lease, Oid, RefName, Update } from './values';

/** A record whose push has ended. */
export interface EndedRecord extends Update {
  /** post-receive listed it, so the pusher was told ok. */
  readonly confirmed: boolean;
  /** GitLab answered that it has it, or its outcome was seen there. */
  readonly answered?: boolean;
  /** Of the push. */
  readonly boot: string;
}

/** What a push changed, or may have changed: after post-receive only what that listed. */
export function changesOf({ landed, updates }: Pick<Lease, 'landed' | 'updates'>): readonly Update[] {
  return landed ?? updates ?? [];
}

/** The records of an ended lease. */
function recordsOf(lease: Lease): readonly EndedRecord[] {
  if (lease.live) return [];
  return changesOf(lease).map((update) => ({
    ...update,
    confirmed: lease.landed !== null,
    answered: lease.answered,
    boot: lease.began.boot,
  }));
}

/** Ended records by ref, in one walk over the leases. */
export function endedRecords(leases: readonly Lease[]): Map<RefName, EndedRecord[]> {
  const byRef = new Map<RefName, EndedRecord[]>();
  for (const record of leases.flatMap(recordsOf)) byRef.set(record.ref, [...(byRef.get(record.ref) ?? []), record]);
  return byRef;
}

/** Refs under a live lease. `any`: a lease whose records are still being written may be about every ref. */
export interface LiveRefs {
  readonly any: boolean;
  readonly refs: ReadonlySet<RefName>;
}

/** Waiting leases block nothing: they read the state again before they act. */
export function liveRefs(leases: readonly Lease[]): LiveRefs {
  const blocking = leases.filter((lease) => lease.live && lease.stage.kind !== 'waiting');
  return {
    any: blocking.some((lease) => lease.updates === null),
    refs: new Set(blocking.flatMap((lease) => (lease.updates ?? []).map((update) => update.ref))),
  };
}

/**
 * Refs that a push may have moved while both sides were read: live leases of the second look, and those that ended
 * since the first. A push that began and ended in between has no record in the first look, and would seem to be damage
 * or a writer without hooks.
 */
export function movingRefs(first: readonly Lease[], second: readonly Lease[]): LiveRefs {
  const endedBefore = new Set(first.filter((lease) => !lease.live).map(({ id }) => id));
  return liveRefs(second.filter(({ id }) => !endedBefore.has(id)).map((lease) => ({ ...lease, live: true })));
}

export function isLive(live: LiveRefs, ref: RefName): boolean {
  return live.any || live.refs.has(ref);
}

/** True when ended records lead from one value to the other, in one or more steps; null is absence. */
export function leads(records: readonly EndedRecord[], from: Oid | null, to: Oid | null): boolean {
  return valuesBefore(records, to).has(from);
}

/** Which of two earlier boots was the later one, nobody knows. */
export function areOrdered(records: readonly EndedRecord[], presentBoot: string): boolean {
  return new Set(records.map(({ boot }) => boot).filter((boot) => boot !== presentBoot)).size <= 1;
}

/**
 * Confirmed values that no push took on to the present one: an acknowledged update is gone from old, unless the present
 * one contains it. `records` are the oldest first where `isOrdered`. Where people undo pushes some record leads on from
 * nearly every value, so two more things are asked of it then: that no push after its last coming took it on, and that
 * it was come to more often than it was left. Both must say that it is lost, since pushes side by side may have been
 * written down in another order than git took them. Without an order a value that was `listed` as lost before stays so.
 */
export function lostValues(
  records: readonly EndedRecord[],
  present: Oid | null,
  isOrdered: boolean,
  listed: readonly (Oid | null)[] = [],
): (Oid | null)[] {
  const led = valuesBefore(records, present);
  const stays = staysOf(records, present, led);
  const left = leftBehind(records, present);
  const isLost = (value: Oid | null): boolean =>
    left.has(value) && (!led.has(value) || (isOrdered && (stays.get(value) ?? 0) > 0));
  const confirmed = new Set(records.filter((record) => record.confirmed).map(({ after }) => after));
  confirmed.delete(present);
  return [...confirmed].filter((value) => isLost(value) || (!isOrdered && listed.includes(value)));
}

/** Confirmed values that nothing after their last coming took on: walked from the newest record to the oldest. */
function leftBehind(records: readonly EndedRecord[], present: Oid | null): ReadonlySet<Oid | null> {
  const [goesOn, seen, left] = [new Set([present]), new Set<Oid | null>(), new Set<Oid | null>()];
  for (const { before, after, confirmed } of [...records].reverse()) {
    if (confirmed && !seen.has(after) && !goesOn.has(after)) left.add(after);
    if (confirmed) seen.add(after);
    if (goesOn.has(after)) goesOn.add(before);
  }
  return left;
}

/** How often a ref came to a value without leaving it; the first value was come to before. */
function staysOf(
  records: readonly EndedRecord[],
  present: Oid | null,
  led: ReadonlySet<Oid | null>,
): ReadonlyMap<Oid | null, number> {
  const stays = new Map<Oid | null, number>();
  const count = (value: Oid | null, by: number): void => void stays.set(value, (stays.get(value) ?? 0) + by);
  const [first] = records;
  if (first !== undefined) count(first.before, 1);
  for (const { before, after, confirmed } of records) {
    // A push that was cut off before git told of it, and that leads nowhere, changed nothing.
    if (confirmed || led.has(after) || after === present) count(before, -1);
    if (confirmed) count(after, 1);
  }
  return stays;
}

/**
 * Every value from which records lead to this one. Walks each record once: a long outage of GitLab leaves thousands of
 * one ref.
 */
function valuesBefore(records: readonly EndedRecord[], to: Oid | null): ReadonlySet<Oid | null> {
  const befores = new Map<Oid | null, (Oid | null)[]>();
  for (const { before, after } of records) {
    const known = befores.get(after);
    if (known === undefined) befores.set(after, [before]);
    else known.push(before);
  }
  const seen = new Set<Oid | null>();
  const open = [to];
  while (open.length > 0) {
    const next = (befores.get(open.pop() ?? null) ?? []).filter((value) => !seen.has(value));
    next.forEach((value) => seen.add(value));
    open.push(...next);
  }
  return seen;
}
