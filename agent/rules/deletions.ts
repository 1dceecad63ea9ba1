/** What the agent remembers of deleted refs: a lost unlink or a backup brings them back. Pure. */
import type { EndedRecord } from './records';
import type { Deleted, Oid, RefName, Refs } from './values';

/** A list that is read and written as a whole. */
const refsMax = 1_000;
/** Git may keep a ref at two places, and a backup one more. */
const valuesMax = 8;

/** What both sides agreed on before a pass and after it, and the records that it knows. */
export interface Passed {
  readonly before: Refs;
  readonly after: Refs;
  readonly ended: ReadonlyMap<RefName, readonly EndedRecord[]>;
  /** In `mirror`: what old has. Pushes that GitLab has not got yet explain it, and nothing took it away. */
  readonly old?: Refs;
  /** What old had of refs that a settlement deleted: nobody agreed on it, and it may come back as well. */
  readonly taken?: Refs;
}

/**
 * With what absent refs had: the agreed value, and those of pushes that no pass saw in time. Null where nothing is new;
 * `deleted` is asked only where something may be. The oldest go first.
 */
export function withDeletions(
  deleted: () => Deleted,
  { before, after, ended, old = new Map(), taken = new Map() }: Passed,
): Deleted | null {
  const absent = [...new Set([...before.keys(), ...ended.keys(), ...taken.keys()])].filter((ref) => !after.has(ref));
  if (absent.length === 0) return null;
  const known = deleted();
  const all = new Map(known);
  for (const ref of absent) {
    const values = new Set(known.get(ref));
    const pushed = old.has(ref) ? [] : (ended.get(ref) ?? []);
    for (const value of [...valuesOf(before.get(ref), pushed), ...valuesOf(taken.get(ref), [])]) {
      values.delete(value);
      values.add(value);
    }
    all.delete(ref);
    if (values.size > 0) all.set(ref, [...values].slice(-valuesMax));
  }
  const isSame = absent.every((ref) => known.get(ref)?.join() === all.get(ref)?.join());
  return isSame ? null : new Map([...all].slice(-refsMax));
}

function valuesOf(agreed: Oid | undefined, ended: readonly EndedRecord[]): Oid[] {
  const values = [agreed ?? null, ...ended.flatMap(({ before, after }) => [before, after])];
  return values.filter((value): value is Oid => value !== null);
}
