/**
 * A virtual clock and the processes on it. Whatever happens is an event at a time; equal times keep their order. Two
 * kinds of actors: generators, which yield how long they wait (ms), and the agent's own async code, which waits for
 * promises that events resolve. A generator may run in the middle of the agent's synchronous code (`preempt`), as a
 * process on another core would.
 */
import type { Random } from '../random';

/** Yields how long it waits, ms. */
export type Activity<T = void> = Generator<number, T, void>;

/** Thrown into the agent's code when its process was killed: nothing that it does afterwards has an effect. */
export class Died extends Error {}

export class Host {
  /** Grows with each reboot. */
  boots = 1;
  bootedAt = 0;
  readonly processes = new Set<Process>();

  constructor(readonly name: string) {}
}

export class Process {
  alive = true;
  private readonly atDeath: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly host: Host,
    readonly pid: number,
  ) {
    host.processes.add(this);
  }

  /** It ended by itself or was killed: the kernel cleans up. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.host.processes.delete(this);
    this.atDeath.forEach((work) => work());
  }

  onEnd(work: () => void): void {
    this.atDeath.push(work);
  }
}

export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** It may wake async code, whose continuation must have run before the next event. */
  readonly wakes: boolean;
}

/** How far an event may be away to come in the middle of synchronous code, ms. */
const preemptMs = 15;

export class Scheduler {
  now = 0;
  steps = 0;
  private order = 0;
  private pids = 100;
  private readonly queue: Event[] = [];

  constructor(private readonly random: Random) {}

  after(ms: number, run: () => void, wakes = false): void {
    this.order += 1;
    const event: Event = { at: this.now + Math.max(0, ms), order: this.order, run, wakes };
    let [low, high] = [0, this.queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.queue[middle];
      if (other !== undefined && isBefore(other, event)) high = middle;
      else low = middle + 1;
    }
    this.queue.splice(low, 0, event);
  }

  process(name: string, host: Host): Process {
    this.pids += 1;
    return new Process(name, host, this.pids);
  }

  /** Runs a generator as a process; `done` gets what it returned, unless it was killed. */
  play<T>(process: Process, activity: Activity<T>, done: (value: T) => void = () => undefined): void {
    const go = (): void => {
      if (!process.alive) return;
      const { value, done: over } = activity.next();
      if (over !== true) return this.after(value, go);
      process.end();
      return done(value);
    };
    this.after(0, go);
  }

  /** Runs async code in a process: `body` sees the world only through calls that die with the process. */
  think<T>(process: Process, body: () => Promise<T>, done: (outcome: Outcome<T>) => void): void {
    const finish = (outcome: Outcome<T>): void => {
      if (process.alive) done(outcome);
    };
    this.after(
      0,
      () => {
        if (process.alive)
          body().then(
            (value) => finish({ value }),
            (error: unknown) => finish({ error }),
          );
      },
      true,
    );
  }

  /** The same as a process of its own, which ends with it. `done` gets null when it was killed. */
  spawn<T>(
    process: Process,
    body: () => Promise<T>,
    done: (outcome: Outcome<T> | null) => void = () => undefined,
  ): void {
    let told = false;
    const once = (outcome: Outcome<T> | null): void => {
      if (!told) this.after(0, () => done(outcome), true);
      told = true;
    };
    process.onEnd(() => once(null));
    this.think(process, body, (outcome) => {
      once(outcome);
      process.end();
    });
  }

  /** What the agent waits for: `effect` happens at its time, unless the process died before. */
  step<T>(process: Process, ms: number, effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(
        ms,
        () => {
          if (!process.alive) return;
          try {
            resolve(effect());
          } catch (error) {
            reject(error);
          }
        },
        true,
      );
    });
  }

  /** Other processes go on in the middle of synchronous code. */
  preempt(): void {
    while (this.random.chance(0.3)) {
      const index = this.queue.length - 1;
      const next = this.queue[index];
      if (next === undefined || next.wakes || next.at > this.now + preemptMs) return;
      this.queue.pop();
      this.run(next);
    }
  }

  /** Runs every event up to a time. */
  async until(at: number): Promise<void> {
    for (
      let next = this.queue[this.queue.length - 1];
      next !== undefined && next.at <= at;
      next = this.queue[this.queue.length - 1]
    ) {
      this.queue.pop();
      this.run(next);
      if (next.wakes) await continuations();
    }
    this.now = Math.max(this.now, at);
  }

  private run(event: Event): void {
    this.steps += 1;
    this.now = Math.max(this.now, event.at);
    event.run();
  }
}

/** The queue is sorted from last to first, so that the next event is popped. */
function isBefore(left: Event, right: Event): boolean {
  return left.at !== right.at ? left.at < right.at : left.order < right.order;
}

/** All promises that are settled have run what waited for them. */
function continuations(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
