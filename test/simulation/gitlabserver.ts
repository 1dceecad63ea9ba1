/** GitLab in memory: compare-and-set on refs, people's access, and a reception that may be gone. */
import { inTheWay } from '../../agent/rules/refs';
import type { Oid, RefName, Refs } from '../../agent/rules/values';
import type { Commits } from './commits';
import { Host } from './scheduler';

export interface Wanted {
  readonly ref: RefName;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

export type Taken =
  | { readonly kind: 'done'; readonly failed: readonly RefName[] }
  /** One refused ref refuses the whole push. */
  | { readonly kind: 'declined'; readonly words: string };

export class GitlabServer {
  readonly host = new Host('gitlab');
  readonly refs: Refs = new Map();
  readonly store = new Set<Oid>();
  /** Refs that somebody else is writing. */
  readonly locked = new Set<RefName>();
  readonly head = 'refs/heads/main' as RefName;
  /** People may write. */
  open = false;
  gone = false;
  /** A ref that GitLab declines at the moment. */
  declines: RefName | null = null;
  /** What each fence was before, oldest first: a backup brings one of them. */
  readonly fences = new Map<RefName, (Oid | null)[]>();

  constructor(private readonly commits: Commits) {}

  /** Pre-receive over all refs, then the refs: all or none where `atomic`. */
  take(wanted: readonly Wanted[], atomic: boolean, applied: (update: Wanted) => void): Taken {
    const reason = this.refusal(wanted);
    if (reason !== null) return { kind: 'declined', words: reason };
    if (atomic && !this.fitTogether(wanted)) return { kind: 'done', failed: wanted.map(({ ref }) => ref) };
    const failed: RefName[] = [];
    for (const update of this.inOrder(wanted)) {
      if (!this.fits(this.refs, update)) {
        failed.push(update.ref);
        continue;
      }
      this.set(update.ref, update.after);
      applied(update);
    }
    return { kind: 'done', failed };
  }

  /** One transaction: a name that it deletes is still in the way of one that it makes. */
  private fitTogether(wanted: readonly Wanted[]): boolean {
    const made: Refs = new Map(this.refs);
    return wanted.every((update) => {
      const fits = this.fits(made, update);
      if (update.after !== null) made.set(update.ref, update.after);
      return fits;
    });
  }

  private fits(refs: Refs, { ref, before, after }: Wanted): boolean {
    if (this.locked.has(ref) || (this.refs.get(ref) ?? null) !== before) return false;
    return after === null || inTheWay(refs, ref) === null;
  }

  /** As git's client sends them one by one: what is there before what is new. */
  private inOrder(wanted: readonly Wanted[]): readonly Wanted[] {
    const isNew = ({ ref }: Wanted): number => Number(!this.refs.has(ref));
    return [...wanted].sort((a, b) => isNew(a) - isNew(b) || (a.ref < b.ref ? -1 : 1));
  }

  set(ref: RefName, value: Oid | null): void {
    if (isOurs(ref)) this.fences.set(ref, [...(this.fences.get(ref) ?? []), this.refs.get(ref) ?? null]);
    if (value === null) this.refs.delete(ref);
    else this.refs.set(ref, value);
    this.commits.closure([value]).forEach((oid) => this.store.add(oid));
  }

  private refusal(wanted: readonly Wanted[]): string | null {
    if (wanted.some(({ ref, after }) => ref === this.head && after === null))
      return 'The default branch of a project cannot be deleted.';
    const declined = wanted.find(({ ref }) => ref === this.declines);
    return declined === undefined ? null : `GitLab: ${declined.ref} does not follow the rules`;
  }
}

/** Nobody sees it but the agent. */
export function isOurs(ref: string): boolean {
  return ref.startsWith('refs/handover/');
}
