/** What the acceptance suite of the port Git asks of a door, and what it looks at. Commits are letters. */
import type { Git } from '../../agent/rules/ports';
import type { Oid, RefName, Refs, Update } from '../../agent/rules/values';
import type { Door } from './kit/compare';

/** Git on old takes it from nobody. */
export const refusedLetter = 'G';

/** Each with its parents. */
export const commits = {
  A: [],
  B: ['A'],
  C: ['B'],
  D: ['A'],
  E: [],
  F: ['C', 'D'],
  G: ['A'],
} as const satisfies Record<string, readonly string[]>;

export type Letter = keyof typeof commits;
export const letters = Object.keys(commits) as Letter[];

export type Side = 'old' | 'gitlab';

/** What a door's set-up hands in. */
export interface GitSetUp {
  readonly git: Git;
  run<T>(work: () => Promise<T>): Promise<T>;
  oid(letter: Letter): Oid;
  /** Somebody moves a ref, with all its objects. */
  set(side: Side, ref: RefName, to: Letter | null): Promise<void>;
  refs(side: Side): Promise<Refs>;
  head(): Promise<RefName>;
  /** Other names of main on old. */
  alias(ref: RefName): Promise<void>;
  /** Objects come to old, and are lost there. */
  bring(letter: Letter): Promise<void>;
  lose(letter: Letter): Promise<void>;
  /** Somebody else is writing this ref. */
  lock(side: Side, ref: RefName, isLocked: boolean): Promise<void>;
  gitlabGone(isGone: boolean): Promise<void>;
  declines(ref: RefName | null): Promise<void>;
  /** The answer to pushes is lost, before or after GitLab took them. */
  loseAnswers(when: 'before' | 'after' | 'never'): Promise<void>;
  close(): Promise<void>;
}

export interface GitDoor extends Door {
  readonly at: GitSetUp;
  /** Ids as letters, wherever they stand. */
  readonly named: (value: unknown) => unknown;
}

export function gitDoor(at: GitSetUp): GitDoor {
  const names = new Map(letters.map((letter) => [at.oid(letter), letter]));
  const named = (value: unknown): unknown => {
    if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, named(one)]));
    if (value instanceof Set) return new Set([...value].map(named));
    if (Array.isArray(value)) return value.map(named);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, named(one)]));
    return names.get(value as Oid) ?? value;
  };
  return {
    at,
    named,
    show: async () => named({ old: await at.refs('old'), gitlab: await at.refs('gitlab'), head: await at.head() }),
    close: () => at.close(),
  };
}

/** What a story says of an update; where a ref is when its turn comes, the story does not know. */
export interface Wish {
  readonly ref: RefName;
  readonly before: 'right' | Letter | null;
  readonly after: Letter | null;
}

/** Those that would change nothing from nothing are none. */
export async function updatesOf(at: GitSetUp, side: Side, wishes: readonly Wish[]): Promise<Update[]> {
  const refs = await at.refs(side);
  const oid = (letter: Letter | null): Oid | null => (letter === null ? null : at.oid(letter));
  return wishes
    .map(({ ref, before, after }) => ({
      ref,
      before: before === 'right' ? (refs.get(ref) ?? null) : oid(before),
      after: oid(after),
    }))
    .filter(({ before, after }) => before !== null || after !== null);
}
