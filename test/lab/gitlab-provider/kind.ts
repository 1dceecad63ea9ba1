/** What each resource type of the provider has to be able to do, in calls of GitLab's API. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Rest } from './rest';
import type { Props } from './wire';

export interface Change {
  readonly state: Props;
  readonly news: Props;
  /** Only what differs; null for what was taken out. */
  readonly changed: Props;
}

export interface Kind {
  /** Properties whose change means another resource although the schema does not say so. */
  readonly replaces?: readonly string[];
  /** True for those whose name is made up when the program gives none. */
  readonly named?: boolean;
  /** Answers the id as soon as GitLab has the thing: what can fail after that is `settle`'s. */
  create(rest: Rest, inputs: Props): Promise<string>;
  settle?(rest: Rest, id: string, inputs: Props): Promise<void>;
  /** null when it is gone. `known` is the state before, or the inputs just after creation, or nothing for an import. */
  read(rest: Rest, id: string, known: Props): Promise<Props | null>;
  update?(rest: Rest, id: string, change: Change): Promise<void>;
  delete(rest: Rest, id: string, state: Props): Promise<void>;
}

const POLL_MS = 300;

/** Ids made of two parts: `project:key`. Only the second may contain a colon. */
export function joined(first: unknown, second: unknown): string {
  return `${String(first)}:${String(second)}`;
}

export function halves(id: string): [string, string] {
  const at = id.indexOf(':');
  if (at < 1) throw new Error(`expected an id of the form first:second, got ${id}`);
  return [id.slice(0, at), id.slice(at + 1)];
}

export interface Awaited {
  readonly what: string;
  readonly timeoutMs: number;
}

export async function until(rest: Rest, { what, timeoutMs }: Awaited, reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await pause(POLL_MS, undefined, { signal: rest.signal });
  }
}
