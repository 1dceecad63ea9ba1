/**
 * Whether a history of one repository whose sides became equal keeps P1 and P3. Pure. For each ref, the acknowledged updates must
 * lead, each used once, from the first value to the last; those with an unknown outcome may be used; a decision of a person may
 * put any value in any place.
 */
import type { Fact, History, Listed, Oid, Push, Refs, Update, Verdict } from '../history/history';

interface Edge extends Update {
  readonly push: Push;
}

/** More steps than that are called unknown. */
const stepsMax = 200_000;

export function check(history: History): Verdict[] {
  return [lossVerdict(history), equalVerdict(history)];
}

function lossVerdict(history: History): Verdict {
  const losses = lostRefs(history);
  if (losses.length === 0) return { promise: 'P1', answer: 'valid', story: '' };
  const lost = losses.filter(({ isSure }) => isSure);
  return { promise: 'P1', answer: lost.length > 0 ? 'invalid' : 'unknown', story: (lost.length > 0 ? lost : losses).map(({ story }) => story).join('; ') };
}

export interface Loss {
  readonly ref: string;
  readonly story: string;
  readonly isSure: boolean;
}

/** Refs on which an acknowledged update has no place between the first and the last value. */
export function lostRefs(history: History): Loss[] {
  const last = history.last.get('gitlab') ?? new Map<string, Oid>();
  const refs = new Set([...history.first.keys(), ...last.keys(), ...history.pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref))]);
  return [...refs].sort().flatMap((ref) => lossOf(history, ref, last));
}

function lossOf({ pushes, facts, first }: History, ref: string, last: Refs): Loss[] {
  const edges = pushes.flatMap((push) => push.updates.filter((update) => update.ref === ref).map((update): Edge => ({ ...update, push })));
  const search = new Search({
    sure: edges.filter(({ push }) => push.outcome === 'ok'),
    maybe: edges.filter(({ push }) => push.outcome === 'info'),
    settled: facts.flatMap((fact) => settledValue(fact, ref)),
    last: last.get(ref) ?? null,
  });
  const found = search.run(first.get(ref) ?? null);
  if (found === true) return [];
  return [{ ref, isSure: found === false, story: `${ref}: ${search.story()}` }];
}

function settledValue(fact: Fact, ref: string): (Oid | null)[] {
  if (fact.kind === 'settled' && fact.ref === ref) return [fact.value];
  return fact.kind === 'wrote' && fact.update.ref === ref ? [fact.update.after] : [];
}

interface Question {
  readonly sure: readonly Edge[];
  readonly maybe: readonly Edge[];
  readonly settled: readonly (Oid | null)[];
  readonly last: Oid | null;
}

/** Depth first, acknowledged updates before the others, in the order in which they began. */
class Search {
  private readonly usedSure = new Set<Edge>();
  private readonly usedMaybe = new Set<Edge>();
  private readonly usedSettled = new Set<number>();
  private steps = 0;
  private deepest: { at: Oid | null; left: Edge[] } | null = null;

  constructor(private readonly question: Question) {}

  /** Null: too many ways to try them all. */
  run(first: Oid | null): boolean | null {
    const found = this.from(first);
    return found || this.steps < stepsMax ? found : null;
  }

  story(): string {
    const left = this.deepest?.left ?? [];
    const [edge] = left;
    const name = (value: Oid | null): string => value?.slice(0, 8) ?? 'absent';
    const owner = edge === undefined ? '' : ` ${name(edge.before)} → ${name(edge.after)} by ${edge.push.who} on ${edge.push.server} (push ${edge.push.id})`;
    return `${left.length} acknowledged updates have no place after ${name(this.deepest?.at ?? null)}, such as${owner || ' none'}; it ends at ${name(this.question.last)}`;
  }

  private from(at: Oid | null): boolean {
    const { sure, last } = this.question;
    if (this.usedSure.size === sure.length && at === last) return true;
    if (++this.steps > stepsMax) return false;
    this.remember(at);
    return this.along(sure, this.usedSure, at) || this.along(this.question.maybe, this.usedMaybe, at) || this.settle(at);
  }

  private along(edges: readonly Edge[], used: Set<Edge>, at: Oid | null): boolean {
    for (const edge of edges) {
      if (edge.before !== at || used.has(edge)) continue;
      used.add(edge);
      if (this.from(edge.after)) return true;
      used.delete(edge);
    }
    return false;
  }

  private settle(at: Oid | null): boolean {
    for (const [index, value] of this.question.settled.entries()) {
      if (value === at || this.usedSettled.has(index)) continue;
      this.usedSettled.add(index);
      if (this.from(value)) return true;
      this.usedSettled.delete(index);
    }
    return false;
  }

  private remember(at: Oid | null): void {
    const left = this.question.sure.filter((edge) => !this.usedSure.has(edge));
    if (this.deepest === null || left.length < this.deepest.left.length) this.deepest = { at, left };
  }
}

function equalVerdict({ last, listed, passesToEqual }: History): Verdict {
  const [old, gitlab] = [last.get('old') ?? new Map<string, Oid>(), last.get('gitlab') ?? new Map<string, Oid>()];
  const different = [...new Set([...old.keys(), ...gitlab.keys()])].filter((ref) => old.get(ref) !== gitlab.get(ref) && !isListed(listed, ref));
  const story = different.length > 0 ? `different at the end: ${different.sort().join(', ')}` : passesToEqual === null ? 'the passes gave up' : '';
  return { promise: 'P3', answer: story === '' ? 'valid' : 'invalid', story };
}

function isListed(listed: readonly Listed[], ref: string): boolean {
  return listed.some((one) => one.ref === ref || one.kind === 'stopped');
}
