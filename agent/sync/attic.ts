/** Where old keeps tips that were overwritten or deleted: their names, made in one place. */
import type { Oid, RefName, Refs, Update } from '../rules/values';

/** A moment as names of the attic spell it: 20260101T000000000Z. */
export function atticTime(wall: string): string {
  return wall.replace(/[^0-9TZ]/g, '');
}

export interface Kept {
  readonly ref: RefName;
  readonly value: Oid | null;
}

export interface AtticUpdate extends Update {
  /** The ref whose value it keeps. */
  readonly keeps: RefName;
}

/** What makes the refs of the attic, one for each value. `by` tells apart who keeps something in the same moment. */
export function atticUpdates(wall: string, kept: readonly Kept[], by = ''): AtticUpdate[] {
  return kept.map(({ ref, value }, index) => ({
    ref: atticName(ref, `${atticTime(wall)}${by}-${index}`),
    before: null,
    after: value,
    keeps: ref,
  }));
}

/**
 * Where the attic has the value of this ref already, that name: else each try of a change that fails would leave
 * another copy. `refs` are all of old.
 */
export function onceOnly(refs: Refs, updates: readonly AtticUpdate[]): readonly AtticUpdate[] {
  if (updates.length === 0) return updates;
  const there = new Map<string, RefName>(
    [...refs].flatMap(([name, oid]) => {
      const kept = keptRef(name);
      return kept === null ? [] : [[`${oid} ${kept}`, name] as const];
    }),
  );
  return updates.map((update) => ({
    ...update,
    ref: there.get(`${update.after ?? ''} ${update.keeps}`) ?? update.ref,
  }));
}

/** refs/handover/attic/<time>/heads/main */
function atticName(ref: RefName, time: string): RefName {
  return `refs/handover/attic/${time}/${ref.slice('refs/'.length)}` as RefName;
}

/** The ref whose value lies there; null for what is no name of the attic. */
export function keptRef(attic: RefName): RefName | null {
  const rest = /^refs\/handover\/attic\/[^/]+\/(.+)$/s.exec(attic)?.[1];
  return rest === undefined ? null : (`refs/${rest}` as RefName);
}
