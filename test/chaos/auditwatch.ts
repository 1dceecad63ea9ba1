/** Sees each change of GitLab's refs, by its own audit, soon after it happened. */
import type { Fact, Oid, Push } from '../history/history';
import { gitlab } from '../history/history';
import type { Lab } from '../lab/lab';
import type { Recorder } from './recorder';

const everyMs = 50;
const absent = /^0+$/;

interface Change {
  readonly at: number;
  readonly ref: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
  /** `key-…` is the agent. */
  readonly actor: string;
}

export class AuditWatch {
  private read = 0;
  private readonly changes: Change[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly lab: Lab, private readonly recorder: Recorder) {
    this.timer = setInterval(() => this.look(), everyMs);
  }

  /** As facts: those of people belong to the push that asked for the same. */
  stop(): Fact[] {
    clearInterval(this.timer);
    this.look();
    return this.changes.map(({ at, actor, ...update }) => ({ kind: 'applied', at, server: gitlab, update, push: actor.startsWith('key-') ? null : pushOf(this.recorder.pushes, update), epoch: null }));
  }

  private look(): void {
    const { audit } = this.lab.gitlab;
    for (const entry of audit.slice(this.read)) {
      if (entry.kind === 'change' && entry.refusal === null) this.changes.push({ at: this.recorder.now(), ref: entry.ref, before: oid(entry.before), after: oid(entry.after), actor: entry.actor });
    }
    this.read = audit.length;
  }
}

function oid(value: string): Oid | null {
  return absent.test(value) ? null : value;
}

/** -1: of somebody whose push nobody wrote down. */
function pushOf(pushes: readonly Push[], change: { ref: string; before: Oid | null; after: Oid | null }): number {
  return pushes.find(({ server, updates }) => server === gitlab && updates.some(({ ref, before, after }) => ref === change.ref && before === change.before && after === change.after))?.id ?? -1;
}
