/** The history that people make: commits and their parents. An id says nothing but its number. */
import type { Oid } from '../../agent/rules/values';

export class Commits {
  private readonly parents = new Map<Oid, readonly Oid[]>();

  make(parents: readonly (Oid | null)[]): Oid {
    const oid = (this.parents.size + 1).toString(16).padStart(40, '0') as Oid;
    this.parents.set(
      oid,
      parents.filter((parent): parent is Oid => parent !== null),
    );
    return oid;
  }

  parent(oid: Oid): Oid | null {
    return this.parents.get(oid)?.[0] ?? null;
  }

  /** The commits and everything below them. */
  closure(tips: Iterable<Oid | null>): Set<Oid> {
    const seen = new Set<Oid>();
    const open = [...tips].filter((tip): tip is Oid => tip !== null);
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (seen.has(oid)) continue;
      seen.add(oid);
      open.push(...(this.parents.get(oid) ?? []));
    }
    return seen;
  }

  isAncestor(ancestor: Oid, descendant: Oid): boolean {
    return this.closure([descendant]).has(ancestor);
  }
}
