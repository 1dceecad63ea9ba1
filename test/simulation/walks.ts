/**
 * How git walks down the history where some of it is not here: by when commits are of, which is the same second for all
 * of them, so first come, first served. Where it looks first decides whether it comes to what is missing. What a walk
 * starts at must be here. Sources: git's commit-reach.c (paint_down_to_common), revision.c (limit_list).
 */
import type { Oid } from '../../agent/rules/values';

export interface History {
  readonly parentsOf: (oid: Oid) => readonly Oid[];
  readonly has: (oid: Oid) => boolean;
}

/** As `git merge-base` tells it. */
export function isRelated(history: History, one: Oid, other: Oid): boolean {
  const { colours, isWhole } = paint(history, one, other);
  return one === other || (isWhole && [...colours.values()].some((colour) => (colour & fromBoth) === fromBoth));
}

/** As `git merge-base --is-ancestor` tells it: what it saw before it came to what is missing counts. */
export function isAncestor(history: History, ancestor: Oid, descendant: Oid): boolean {
  return ((paint(history, ancestor, descendant).colours.get(ancestor) ?? 0) & fromOther) !== 0;
}

const fromOne = 1;
const fromOther = 2;
const fromBoth = fromOne | fromOther;
const belowCommon = 4;

interface Painted {
  /** Bits of what each commit lies below. */
  readonly colours: ReadonlyMap<Oid, number>;
  readonly isWhole: boolean;
}

/** Each of the two paints what lies below it, until there is nothing left but what lies below a common one. */
function paint({ parentsOf, has }: History, one: Oid, other: Oid): Painted {
  const colours = new Map<Oid, number>();
  const open: Oid[] = [];
  const add = (oid: Oid, colour: number): void => {
    colours.set(oid, (colours.get(oid) ?? 0) | colour);
    open.push(oid);
  };
  add(one, fromOne);
  add(other, fromOther);
  const lacks = (oid: Oid, colour: number): boolean => ((colours.get(oid) ?? 0) & colour) !== colour;
  for (let oid = open.shift(); oid !== undefined; oid = open.shift()) {
    const own = colours.get(oid) ?? 0;
    const colour = own === fromBoth ? own | belowCommon : own;
    const parents = parentsOf(oid).filter((parent) => lacks(parent, colour));
    const missing = parents.findIndex((parent) => !has(parent));
    parents.slice(0, missing < 0 ? parents.length : missing).forEach((parent) => add(parent, colour));
    if (missing >= 0) return { colours, isWhole: false };
    if (!open.some((left) => lacks(left, belowCommon))) break;
  }
  return { colours, isWhole: true };
}

/** `git rev-list <asked> ^<tips>`; null where it ends badly, as it does below what no tip is known to contain yet. */
export function beyond(history: History, asked: readonly Oid[], tips: readonly Oid[]): Set<Oid> | null {
  const { parentsOf, has } = history;
  const parsed = new Set([...asked, ...tips]);
  const contained = new Set(tips);
  const open = [...parsed];
  const containBelow = (oid: Oid): void => {
    if (!parsed.has(oid)) return;
    for (const parent of parentsOf(oid).filter((up) => !contained.has(up))) {
      contained.add(parent);
      containBelow(parent);
    }
  };
  tips.forEach(containBelow);
  const found: Oid[] = [];
  for (let oid = open.shift(); oid !== undefined; oid = open.shift()) {
    const isContained = contained.has(oid);
    const parents = parentsOf(oid);
    if (isContained) parents.forEach((parent) => contained.add(parent));
    else found.push(oid);
    if (!isContained && !parents.every(has)) return null;
    const fresh = parents.filter((parent) => has(parent) && !parsed.has(parent));
    fresh.forEach((parent) => parsed.add(parent));
    open.push(...fresh);
    if (isContained) parents.forEach(containBelow);
  }
  return new Set(found.filter((oid) => !contained.has(oid)));
}
