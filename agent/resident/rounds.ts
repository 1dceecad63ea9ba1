/**
 * Whose turn it is: which repository the resident looks at next. Pure; times are ms on any clock that only grows. Any
 * number of wake-ups fold into one waiting look, and a repository is looked at by one pass at a time.
 */
interface Turn {
  /** When it is due; while it runs: when it is due again. */
  dueMs: number;
  running: boolean;
}

export class Rounds {
  private readonly turns = new Map<string, Turn>();

  /** New ones are due at once; those that are gone are forgotten. */
  keep(names: readonly string[], nowMs: number): void {
    const there = new Set(names);
    for (const name of this.turns.keys()) if (!there.has(name)) this.turns.delete(name);
    for (const name of there) if (!this.turns.has(name)) this.turns.set(name, { dueMs: nowMs, running: false });
  }

  /** False when nobody knows the name. */
  wake(name: string, atMs: number): boolean {
    const turn = this.turns.get(name);
    if (turn !== undefined) turn.dueMs = Math.min(turn.dueMs, atMs);
    return turn !== undefined;
  }

  /** The one that waits longest of those that there is room for, marked as running; null when none is due. */
  take(nowMs: number, hasRoom: (name: string) => boolean = () => true): string | null {
    const due = [...this.turns].filter(([name, turn]) => !turn.running && turn.dueMs <= nowMs && hasRoom(name));
    const [first] = due.sort(([, a], [, b]) => a.dueMs - b.dueMs);
    if (first === undefined) return null;
    const [name, turn] = first;
    Object.assign(turn, { running: true, dueMs: Infinity });
    return name;
  }

  /** It was looked at; a wake-up that came meanwhile makes it due earlier than `nextMs`. */
  done(name: string, nextMs: number): void {
    const turn = this.turns.get(name);
    if (turn === undefined) return;
    Object.assign(turn, { running: false, dueMs: Math.min(turn.dueMs, nextMs) });
  }

  /** When the next one is due that there is room for; Infinity when none will be. */
  nextDueMs(hasRoom: (name: string) => boolean = () => true): number {
    const waiting = [...this.turns].filter(([name, { running }]) => !running && hasRoom(name));
    return Math.min(Infinity, ...waiting.map(([, { dueMs }]) => dueMs));
  }
}
