/** What several checkers read from a history. Pure. */
import type { Fact, History, Listed, Oid, PromiseName, Refs, Server, UnknownReason, Verdict } from './history';

export function valid(promise: PromiseName): Verdict {
  return { promise, answer: 'valid', story: '' };
}

export function unknown(promise: PromiseName, reason: UnknownReason, story: string): Verdict {
  return { promise, answer: 'unknown', reason, story };
}

export function show(oid: Oid | null): string {
  return oid === null ? 'absent' : oid.slice(0, 8);
}

/** Every ref that anybody named or that is anywhere. */
export function refsOf({ pushes, facts, first, last }: History): string[] {
  const named = facts.flatMap((fact) =>
    'update' in fact ? [fact.update.ref] : fact.kind === 'settled' ? [fact.ref] : [],
  );
  const pushed = pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref));
  return [
    ...new Set([...first.keys(), ...[...last.values()].flatMap((refs) => [...refs.keys()]), ...named, ...pushed]),
  ].sort();
}

export type Applied = Extract<Fact, { kind: 'applied' }>;

export function appliedOf({ facts }: History): Applied[] {
  return facts.filter((fact): fact is Applied => fact.kind === 'applied');
}

/** A pass that stopped is about every ref; what a scan found lies in files, and excuses no ref. */
export function isStopped({ ref, kind }: Pick<Listed, 'ref' | 'kind'>): boolean {
  return ref === 'refs/' && (kind === 'stopped' || kind === 'travelled');
}

/** A settlement is noted when it ends, ms. */
export const settlesMs = 5_000;

/** The phase of a server at a time; before its first switch it is `old`. */
export function phaseAt({ facts }: History, server: Server, at: number): { phase: string; epoch: number } {
  const seen = facts.filter(
    (fact): fact is Extract<Fact, { kind: 'phase' }> =>
      fact.kind === 'phase' && fact.server === server && fact.at <= at,
  );
  return seen[seen.length - 1] ?? { phase: 'old', epoch: 1 };
}

export function oldServers({ last }: History): Server[] {
  return [...last.keys()].filter((server) => server !== 'gitlab');
}

export function differing(left: Refs, right: Refs): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].filter((ref) => left.get(ref) !== right.get(ref)).sort();
}
