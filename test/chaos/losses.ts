/**
 * P4 where GitLab itself lost something: what old had of it is still there, or it is kept and somebody was told. Pure.
 * A pass that stops until a person looks is right, and so is one that follows a small loss and lists it.
 */
import type { History, Oid, Update, Verdict } from '../history/history';
import { show } from '../history/reading';

export interface GitlabLoss {
  readonly at: number;
  readonly update: Update;
  /** What old had of the ref when it happened: only that can be kept. */
  readonly held: Oid | null;
  /** How many refs old had then. */
  readonly refs: number;
}

/** So many at once, and half of what old has: that is never somebody's work. */
const much = { refs: 5, share: 0.5 } as const;

/**
 * `taken`: values that `status` listed as taken over from GitLab, with when it did first. Nothing where all is well. A
 * stopped pass that a person lets through lists what it takes as well.
 */
export function checkLosses(
  history: History,
  losses: readonly GitlabLoss[],
  taken: ReadonlyMap<Oid, number>,
): Verdict[] {
  const silent = losses.flatMap(({ at, update, held }): Verdict[] => {
    const lost = update.before;
    if (lost === null || held === null || !history.isAncestor(lost, held)) return [];
    if (isThere(history, update.ref, held) || isReplaced(history, update.ref, held)) return [];
    const kept = leadsToOne(history, held, history.attic);
    if (kept && (isTold(history, update.ref, at) || leadsToOne(history, held, new Set(taken.keys())))) return [];
    const what = kept ? 'old followed unseen: it is in the attic only, and nothing lists it' : 'it is nowhere any more';
    const story = `${update.ref}: GitLab lost ${show(lost)} at ${at} ms, old had ${show(held)}, and ${what}`;
    return [{ promise: 'P4', answer: 'invalid', story, at }];
  });
  return [...silent, ...emptied(history, losses, taken)];
}

/** Much was lost in one moment, and old followed all of it before anybody said so. */
function emptied(history: History, losses: readonly GitlabLoss[], taken: ReadonlyMap<Oid, number>): Verdict[] {
  return [...new Set(losses.map(({ at }) => at))].flatMap((at): Verdict[] => {
    const mine = losses.filter((loss) => loss.at === at && loss.held === loss.update.before);
    const refs = mine[0]?.refs ?? 0;
    const seenAt = Math.max(...mine.map(({ held }) => taken.get(held ?? '') ?? -1));
    const followed = mine.every(({ held }) => taken.has(held ?? ''));
    const asked = history.facts.some(
      (fact) => fact.kind === 'settled' && fact.ref === 'refs/' && fact.at >= at && fact.at <= seenAt,
    );
    if (mine.length < much.refs || mine.length < refs * much.share || asked || !followed) return [];
    const story = `GitLab lost ${mine.length} of ${refs} refs at ${at} ms, and old followed all of them unasked`;
    return [{ promise: 'P4', answer: 'invalid', story, at }];
  });
}

function isThere(history: History, ref: string, value: Oid): boolean {
  const ends = [...history.last.values()].flatMap((refs) => refs.get(ref) ?? []);
  return leadsToOne(history, value, new Set(ends));
}

/** Whoever pushed it away had it before their eyes. */
function isReplaced({ pushes }: History, ref: string, value: Oid): boolean {
  return pushes.some(
    ({ outcome, updates }) => outcome !== 'fail' && updates.some((one) => one.ref === ref && one.before === value),
  );
}

function leadsToOne(history: History, value: Oid, ends: ReadonlySet<Oid>): boolean {
  return ends.has(value) || [...ends].some((end) => history.isAncestor(value, end));
}

/** A person settled this ref, or is asked to at the end. */
function isTold({ facts, listed }: History, ref: string, at: number): boolean {
  return (
    listed.some((one) => one.ref === ref || one.ref === 'refs/') ||
    facts.some((fact) => fact.kind === 'settled' && fact.at >= at && fact.ref === ref)
  );
}
