/**
 * Sees each change of GitLab's refs, by its own audit, soon after it happened. A push that was killed on GitLab between
 * its refs and its last hook told of nothing: whether it changed them is seen by what stands there at the end, or by
 * who went on from there.
 */
import type { Fact, Oid, Push, Refs } from '../history/history';
import { gitlab } from '../history/history';
import type { Lab } from '../lab/lab';
import type { Recorder } from './recorder';

const everyMs = 50;
const absent = /^0+$/;

export interface Change {
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
  private readonly letThrough: Change[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly lab: Lab,
    private readonly recorder: Recorder,
  ) {
    this.timer = setInterval(() => this.look(), everyMs);
  }

  /** As facts: those of people belong to the push that asked for the same. */
  stop(last: Refs = new Map()): Fact[] {
    clearInterval(this.timer);
    this.look();
    const all = [...this.changes, ...untold(this.changes, this.letThrough, last)].sort(
      (one, other) => one.at - other.at,
    );
    return all.map(({ at, actor, ...update }) => ({
      kind: 'applied',
      at,
      server: gitlab,
      update,
      push: actor.startsWith('key-') ? null : pushOf(this.recorder.pushes, update),
      epoch: null,
    }));
  }

  private look(): void {
    const { audit } = this.lab.gitlab;
    for (const entry of audit.slice(this.read)) {
      const list =
        entry.kind === 'let-through'
          ? this.letThrough
          : entry.kind === 'change' && entry.refusal === null
            ? this.changes
            : null;
      if (list === null || entry.kind === 'rest' || entry.kind === 'connect') continue;
      // Moves of the fence are nobody's push.
      if (!entry.ref.startsWith('refs/handover/'))
        list.push({
          at: this.recorder.now(),
          ref: entry.ref,
          before: oid(entry.before),
          after: oid(entry.after),
          actor: entry.actor,
        });
    }
    this.read = audit.length;
  }
}

/** Backwards, since a change that nobody told of may follow another one. Pure. */
export function untold(told: readonly Change[], letThrough: readonly Change[], last: Refs): Change[] {
  const known = [...told];
  const found: Change[] = [];
  for (const change of [...letThrough].reverse()) {
    const { ref, before, after } = change;
    const later = known.filter((other) => other.ref === ref && other.at >= change.at);
    if (known.some((other) => other.ref === ref && other.before === before && other.after === after)) continue;
    const stands = later.length === 0 && (last.get(ref) ?? null) === after;
    if (!stands && !later.some((other) => other.before === after && after !== null)) continue;
    known.push(change);
    found.push(change);
  }
  return found;
}

function oid(value: string): Oid | null {
  return absent.test(value) ? null : value;
}

/** -1: of somebody whose push nobody wrote down. */
function pushOf(pushes: readonly Push[], change: { ref: string; before: Oid | null; after: Oid | null }): number {
  return (
    pushes.find(
      ({ server, updates }) =>
        server === gitlab &&
        updates.some(
          ({ ref, before, after }) => ref === change.ref && before === change.before && after === change.after,
        ),
    )?.id ?? -1
  );
}
