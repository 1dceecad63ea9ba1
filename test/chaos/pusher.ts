/** One person who keeps pushing: commits, forced pushes, creations, deletions, tags, several refs at once, races. */
import type { LabPerson } from '../lab/person';
import { markName, startProcess } from '../lab/processes';
import type { Oid, Server, Update } from '../history/history';
import { outcomes } from './outcome';
import type { Random } from '../random';
import type { Recorder } from './recorder';

export interface Town {
  readonly recorder: Recorder;
  url(server: Server): string;
  /** Where this person pushes next. */
  server(random: Random): Server;
  /** The commit that everything begins with. */
  readonly root: Oid;
}

/** Longer than all that the product may make anybody wait for: hold, connecting, looking, healing. */
export const pushLimitMs = 120_000;
const fetchLimitMs = 30_000;
/** As a shell would say it. */
const endedBySignal = 128;
const topics = 3;
const tags = 4;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

export class Pusher {
  private steps = 0;

  constructor(
    private readonly person: LabPerson,
    private readonly clone: string,
    private readonly town: Town,
    private readonly random: Random,
  ) {}

  get name(): string {
    return this.person.name;
  }

  /** Looks at a server, makes something on top of what is there, and pushes it. */
  async act(): Promise<void> {
    const server = this.town.server(this.random);
    const view = await this.look(server);
    if (view === null) return;
    const updates = await this.plan(view);
    if (updates.length > 0) await this.push(server, updates);
  }

  /** The server's branches and tags, with their objects; null when it cannot be read. */
  private async look(server: Server): Promise<Map<string, Oid> | null> {
    const seen = `refs/seen/${server}`;
    const specs = ['heads', 'tags'].map((kind) => `+refs/${kind}/*:${seen}/${kind}/*`);
    const { code } = await this.git(
      fetchLimitMs,
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      '--no-write-fetch-head',
      this.town.url(server),
      ...specs,
    );
    if (code !== 0) return null;
    const { output } = await this.git(fetchLimitMs, 'for-each-ref', '--format=%(objectname) %(refname)', seen);
    return new Map(
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => [`refs${line.slice(41 + seen.length)}`, line.slice(0, 40)]),
    );
  }

  private async plan(view: ReadonlyMap<string, Oid>): Promise<Update[]> {
    const count = this.random.chance(0.2) ? this.random.whole(2, 4) : 1;
    const updates = new Map<string, Update>();
    for (let index = 0; index < count; index++) {
      const update = await this.one(view);
      updates.set(update.ref, update);
    }
    return [...updates.values()].filter(({ before, after }) => before !== after);
  }

  private async one(view: ReadonlyMap<string, Oid>): Promise<Update> {
    const at = (ref: string): Oid | null => view.get(ref) ?? null;
    const own = `refs/heads/${this.name}/work`;
    const roll = this.random.next();
    if (roll < 0.3) return this.onTop(own, at(own));
    if (roll < 0.55) return this.onTop('refs/heads/race', at('refs/heads/race'));
    if (roll < 0.65) return { ref: own, before: at(own), after: await this.commit(this.town.root) };
    if (roll < 0.85) return this.comesOrGoes(`refs/heads/${this.name}/topic-${this.random.whole(1, topics)}`, at);
    return this.comesOrGoes(`refs/tags/${this.name}-${this.random.whole(1, tags)}`, at);
  }

  private async onTop(ref: string, before: Oid | null): Promise<Update> {
    return { ref, before, after: await this.commit(before ?? this.town.root) };
  }

  /** What is there is deleted or moved with force. */
  private async comesOrGoes(ref: string, at: (ref: string) => Oid | null): Promise<Update> {
    const before = at(ref);
    if (before !== null && this.random.chance(0.6)) return { ref, before, after: null };
    return { ref, before, after: await this.commit(this.town.root) };
  }

  /** A commit of its own each time: two updates never look alike. */
  private async commit(parent: Oid): Promise<Oid> {
    const { code, output } = await this.git(
      fetchLimitMs,
      'commit-tree',
      '-p',
      parent,
      '-m',
      `${this.name} ${++this.steps}`,
      `${parent}^{tree}`,
    );
    if (code !== 0) throw new Error(`${this.name} cannot commit on ${parent}: ${output}`);
    return output.trim();
  }

  private async push(server: Server, updates: readonly Update[]): Promise<void> {
    const { recorder } = this.town;
    const leases = updates.map(({ ref, before }) => `--force-with-lease=${ref}:${before ?? ''}`);
    const specs = updates.map(({ ref, after }) => `${after ?? ''}:${ref}`);
    const began = recorder.now();
    const { code, output } = await this.git(
      pushLimitMs,
      '-c',
      'core.abbrev=40',
      'push',
      '--porcelain',
      ...leases,
      this.town.url(server),
      ...specs,
    );
    const ended = code === null ? null : recorder.now();
    recorder.push({ who: this.name, server, began, ended, words: output }, outcomes(updates, output, code));
    if (code === null)
      recorder.waits.push({ what: `${this.name} pushes to ${server}`, began, ended, limitMs: pushLimitMs });
  }

  /**
   * `code` null: it took too long and was killed. Git ends itself by a signal when its connection breaks while it
   * writes.
   */
  private async git(limitMs: number, ...args: string[]): Promise<Ran> {
    const { env } = this.person;
    const started = startProcess('git', args, { env: { ...env, [markName]: env[markName] ?? '' }, cwd: this.clone });
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      void started.stop(0);
    }, limitMs);
    const { code } = await started.ended.finally(() => clearTimeout(timer));
    return { code: overdue ? null : (code ?? endedBySignal), output: started.output() };
  }
}

/** Everybody pushes until the crowd is stopped, each in their own rhythm. */
export class Crowd {
  private going = true;
  private readonly loops: readonly Promise<void>[];
  /** The first thing that broke a pusher: an error of the harness, not of what is tested. */
  failure: unknown = null;

  constructor(pushers: readonly Pusher[], pace: (pusher: Pusher) => Promise<unknown>) {
    this.loops = pushers.map((pusher) =>
      this.loop(pusher, pace).catch((thrown: unknown) => void (this.failure ??= thrown)),
    );
  }

  private async loop(pusher: Pusher, pace: (pusher: Pusher) => Promise<unknown>): Promise<void> {
    while (this.going) {
      await pusher.act();
      await pace(pusher);
    }
  }

  /** Answers when the last push has ended. */
  async stop(): Promise<void> {
    this.going = false;
    await Promise.all(this.loops);
    if (this.failure !== null) throw this.failure as unknown;
  }
}
