/** Writes a history down while it happens. */
import type { Fact, Listed, Oid, Push, Refs, Server, Update, Wait } from '../history/history';
import { gitlab, type History } from '../history/history';
import type { GitlabLoss } from './losses';

export interface Ending {
  readonly last: ReadonlyMap<Server, Refs>;
  readonly attic: ReadonlySet<Oid>;
  readonly listed: readonly Listed[];
  readonly passesToEqual: number | null;
  readonly isAncestor: History['isAncestor'];
}

export class Recorder {
  readonly pushes: Push[] = [];
  readonly facts: Fact[] = [];
  readonly waits: Wait[] = [];
  readonly losses: GitlabLoss[] = [];
  private readonly start = performance.now();
  private ids = 0;

  /** The one clock of the history, ms since its beginning. */
  now(): number {
    return Math.round(performance.now() - this.start);
  }

  /** One entry for each outcome that occurs among the updates. */
  push(push: Omit<Push, 'id' | 'updates' | 'outcome'>, parts: ReadonlyMap<Push['outcome'], readonly Update[]>): void {
    for (const [outcome, updates] of parts) {
      if (updates.length > 0) this.pushes.push({ ...push, id: ++this.ids, updates, outcome });
    }
  }

  damage(server: Server, update: Update): void {
    this.facts.push({ kind: 'damage', at: this.now(), server, update });
  }

  /** GitLab lost these in one moment by itself; `held` is what old had just then. */
  gitlabLost(updates: readonly Update[], held: Refs): void {
    const at = this.now();
    for (const update of updates) {
      this.facts.push({ kind: 'damage', at, server: gitlab, update });
      if (update.before !== null) this.losses.push({ at, update, held: held.get(update.ref) ?? null, refs: held.size });
    }
  }

  rot(server: Server): void {
    this.facts.push({ kind: 'rot', at: this.now(), server });
  }

  phase(server: Server, phase: string, epoch: number): void {
    this.facts.push({ kind: 'phase', at: this.now(), server, phase, epoch });
  }

  /** `done` false: it failed or was killed, and may have done its work all the same. */
  settled(ref: string, value: Oid | null, done: boolean): void {
    this.facts.push({ kind: 'settled', at: this.now(), ref, value, done });
  }

  /** Notes what took how long, whatever comes of it. */
  async wait<T>(what: string, limitMs: number, work: () => Promise<T>): Promise<T> {
    const began = this.now();
    return work().finally(() => this.waits.push({ what, began, ended: this.now(), limitMs }));
  }

  history(first: Refs, ending: Ending): History {
    return { pushes: this.pushes, facts: this.facts, waits: this.waits, first, ...ending };
  }
}
