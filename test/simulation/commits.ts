/** The history that people make: commits and their parents, and how a commit is called. */
import type { Oid } from '../../agent/rules/values';

/** An id says nothing but its number, in its first eight digits: those that a shortened id keeps. */
const digits = 8;
const inWords = new RegExp(`\\b(0[0-9a-f]{${digits - 1}})(?:0{${40 - digits}})?\\b`, 'g');

/** The one spelling of a commit in what people read. */
export function short(oid: string | null): string {
  return oid === null ? 'absent' : `c${oid.slice(0, digits).replace(/^0+/, '')}`;
}

/** Words of the agent, of git and of the checkers, with each id in that spelling. */
export function spelled(words: string): string {
  return words.replace(inWords, (_id, number: string) => short(/^0+$/.test(number) ? null : number));
}

export class Commits {
  private readonly parents = new Map<Oid, readonly Oid[]>();

  make(parents: readonly (Oid | null)[]): Oid {
    const oid = (this.parents.size + 1).toString(16).padStart(digits, '0').padEnd(40, '0') as Oid;
    this.parents.set(
      oid,
      parents.filter((parent): parent is Oid => parent !== null),
    );
    return oid;
  }

  parent(oid: Oid): Oid | null {
    return this.parents.get(oid)?.[0] ?? null;
  }

  parentsOf(oid: Oid): readonly Oid[] {
    return this.parents.get(oid) ?? [];
  }

  /** The commits and everything below them, as far as `has` knows it. */
  closure(tips: Iterable<Oid | null>, has: (oid: Oid) => boolean = () => true): Set<Oid> {
    const seen = new Set<Oid>();
    const open = [...tips].filter((tip): tip is Oid => tip !== null);
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (seen.has(oid) || !has(oid)) continue;
      seen.add(oid);
      open.push(...this.parentsOf(oid));
    }
    return seen;
  }

  /** True when every walk down from the tips comes to `ends` or to a first commit, over what `has` knows alone. */
  reaches(tips: Iterable<Oid | null>, ends: (oid: Oid) => boolean, has: (oid: Oid) => boolean): boolean {
    const seen = new Set<Oid>();
    const open = [...tips].filter((tip): tip is Oid => tip !== null);
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (seen.has(oid) || ends(oid)) continue;
      if (!has(oid)) return false;
      seen.add(oid);
      open.push(...this.parentsOf(oid));
    }
    return true;
  }

  isAncestor(ancestor: Oid, descendant: Oid): boolean {
    return this.closure([descendant]).has(ancestor);
  }
}
