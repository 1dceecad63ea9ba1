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
 * Leaves out what the attic has of this ref already: else each try of a change that fails would leave another copy.
 * `refs` are all of old.
 */
export function notInAttic(refs: Refs, kept: readonly Kept[]): readonly Kept[] {
  if (kept.length === 0) return kept;
  const there = new Set(
    [...refs].map(([name, oid]) => `${oid} ${name.replace(/^refs\/handover\/attic\/[^/]+\//, '')}`),
  );
  return kept.filter(({ ref, value }) => !there.has(`${value ?? ''} ${ref.slice('refs/'.length)}`));
}

/** refs/handover/attic/<time>/heads/main */
function atticName(ref: RefName, time: string): RefName {
  return `refs/handover/attic/${time}/${ref.slice('refs/'.length)}` as RefName;
}
