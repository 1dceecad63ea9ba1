/**
 * Which refs a repair brings back in `mirror`, where old is the authority, and which values nobody here has any more.
 * Pure.
 */
import { isLive, leads, type EndedRecord, type LiveRefs } from './records';
import { allNames, isSynced } from './refs';
import type { Oid, RefName, Refs } from './values';

export interface PlanLook {
  readonly namespaces: readonly string[];
  /** As the files say, whether their objects are there or not. */
  readonly old: Refs;
  readonly agreed: Refs;
  readonly ended: ReadonlyMap<RefName, readonly EndedRecord[]>;
  readonly live: LiveRefs;
  /** Values below which objects are missing on both sides. */
  readonly unreadable: ReadonlySet<Oid>;
  /** True when old's value is contained in the other one. */
  readonly contains: (value: Oid, old: Oid) => boolean;
}

export interface BroughtBack {
  readonly ref: RefName;
  readonly before: Oid | null;
  readonly after: Oid;
}

export interface Lost {
  readonly ref: RefName;
  readonly value: Oid;
  /** True when the ref still names it; false when the ref is gone as well. */
  readonly named: boolean;
}

export interface RefPlan {
  readonly back: BroughtBack[];
  readonly lost: Lost[];
}

export function planRefs(look: PlanLook): RefPlan {
  const plan: RefPlan = { back: [], lost: [] };
  for (const ref of allNames(look.old, look.agreed, new Map([...look.ended.keys()].map((name) => [name, '' as Oid])))) {
    if (!isLive(look.live, ref) && isSynced(ref, look.namespaces)) planRef(look, ref, plan);
  }
  for (const [ref, value] of look.old) if (look.unreadable.has(value)) plan.lost.push({ ref, value, named: true });
  return plan;
}

function planRef(look: PlanLook, ref: RefName, plan: RefPlan): void {
  const old = look.old.get(ref) ?? null;
  const proven = provenValues(look.ended.get(ref) ?? [], look.agreed.get(ref) ?? null);
  if (!isBehind(look, ref, proven)) return;
  const readable = (value: Oid | null): value is Oid => value !== null && !look.unreadable.has(value);
  const best = proven.filter(readable).pop();
  const newer = proven.slice(best === undefined ? 0 : proven.lastIndexOf(best) + 1);
  plan.lost.push(...newer.flatMap((value) => (value === null ? [] : [{ ref, value, named: false }])));
  if (best !== undefined && best !== old) plan.back.push({ ref, before: old, after: best });
}

/** Old lost what is proven last. A readable value that is newer than what is proven is no loss, and stays as it is. */
function isBehind(look: PlanLook, ref: RefName, proven: readonly (Oid | null)[]): boolean {
  const old = look.old.get(ref) ?? null;
  const newest = proven[proven.length - 1] ?? null;
  if (newest === null || newest === old || leads(look.ended.get(ref) ?? [], newest, old)) return false;
  if (old === null) return true;
  return !look.unreadable.has(old) && (proven.includes(old) || look.contains(newest, old));
}

/**
 * From what both sides shared through every update that its pusher was told ok for; the last one is what old must have.
 */
export function provenValues(ended: readonly EndedRecord[], agreed: Oid | null): (Oid | null)[] {
  const values: (Oid | null)[] = [agreed];
  for (const { confirmed, before, after } of ended)
    if (confirmed && before === values[values.length - 1]) values.push(after);
  return values;
}
