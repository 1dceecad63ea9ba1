/** The figures of a run, for people and for machines. Pure. */
import { gitlab, type History, type Oid, type Refs, type Update } from '../history/history';
import { checkNothingLost } from '../history/order';
import { allowances, countUnknown, isTooMany, tellUnknown } from '../history/unknown';
import type { Result } from './run';

export interface Figures {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Acknowledged updates on which nothing that is there at the end builds. */
  readonly lost: number;
  /** Refs whose values differ at the end. */
  readonly different: number;
  readonly violations: number;
  /** Verdicts that are unknown where no allowance covers it (test/history/unknown.ts): each fails the run. */
  readonly undecided: number;
  /** Kinds of faults that had no turn. */
  readonly missing: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
}

export function figuresOf(result: Result): Figures {
  const {
    history: { pushes },
    verdicts,
    faults,
  } = result;
  const count = (outcome: string): number =>
    pushes.filter((push) => push.outcome === outcome).reduce((sum, push) => sum + push.updates.length, 0);
  return {
    acknowledged: count('ok'),
    refused: count('fail'),
    unknown: count('info'),
    lost: lostUpdates(result),
    different: differentRefs(result).length,
    violations: verdicts.filter(({ answer }) => answer === 'invalid').length,
    undecided: countUnknown([verdicts], allowances.chaos).filter(isTooMany).length,
    missing: Object.keys(faults).filter((name) => faults[name] === 0),
    faults,
  };
}

/**
 * Counted only on refs whose order the checker rejects: walks back from the last value along what pushers were told.
 */
function lostUpdates({ history }: Result): number {
  const refs = [...new Set(history.pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref)))];
  return refs
    .map((ref) => onlyRef(history, ref))
    .filter(isLossy)
    .reduce((sum, part) => sum + lostOf(part), 0);
}

function isLossy(history: History): boolean {
  return checkNothingLost(history).some(({ answer }) => answer === 'invalid');
}

/** The same history, as if there were no other ref. */
function onlyRef(history: History, ref: string): History {
  const only = (refs: Refs): Refs => new Map([...refs].filter(([name]) => name === ref));
  const facts = history.facts
    .filter((fact) => !('ref' in fact) || fact.ref === ref || fact.ref === 'refs/')
    .filter((fact) => !('update' in fact) || fact.update.ref === ref);
  const pushes = history.pushes.map((push) => ({
    ...push,
    updates: push.updates.filter((update) => update.ref === ref),
  }));
  return {
    ...history,
    facts,
    pushes,
    first: only(history.first),
    last: new Map([...history.last].map(([server, refs]) => [server, only(refs)])),
  };
}

function lostOf({ pushes, last }: History): number {
  const told = pushes
    .filter(({ outcome }) => outcome !== 'fail')
    .flatMap(({ updates, outcome }) => updates.map((update) => ({ update, isSure: outcome === 'ok' })));
  const [end = null] = last.get(gitlab)?.values() ?? [];
  const kept = walkBack(
    told.map(({ update }) => update),
    end,
  );
  return Math.max(1, told.filter(({ update, isSure }) => isSure && !kept.has(update)).length);
}

function walkBack(told: readonly Update[], last: Oid | null): Set<Update> {
  const kept = new Set<Update>();
  let at = last;
  for (let index = told.length - 1; index >= 0; index--) {
    const update = told[index];
    if (update === undefined || update.after !== at) continue;
    kept.add(update);
    at = update.before;
  }
  return kept;
}

export function differentRefs({ history: { last } }: Result): string[] {
  const [old, other] = [last.get('old') ?? new Map<string, Oid>(), last.get(gitlab) ?? new Map<string, Oid>()];
  return [...new Set([...old.keys(), ...other.keys()])].filter((ref) => old.get(ref) !== other.get(ref)).sort();
}

/** Aligned lines. */
export function tell(result: Result): string {
  const figures = figuresOf(result);
  const faults = Object.entries(figures.faults).map(([name, fired]) => `  ${String(fired).padStart(4)}  ${name}`);
  const verdicts = result.verdicts.map(
    ({ promise, answer, story }) => `  ${promise}  ${answer}${story === '' ? '' : `: ${story}`}`,
  );
  const unknown = countUnknown([result.verdicts], allowances.chaos).map((one) => `  ${tellUnknown(one)}`);
  return [
    'Updates',
    `  ${figures.acknowledged} acknowledged, ${figures.refused} refused, ${figures.unknown} unknown, ${figures.lost} lost; ${figures.different} refs differ at the end`,
    'Faults',
    ...faults,
    'Promises',
    ...verdicts,
    ...(unknown.length === 0 ? [] : ['Unknown', ...unknown]),
    ...result.notes,
  ].join('\n');
}
