/** The verdicts about a run, with what was seen besides its history. Pure. */
import { check } from '../history/check';
import type { Fact, History, Oid, Verdict } from '../history/history';
import { checkOneEpoch } from '../history/pushers';
import { checkDamage } from '../history/sides';
import { checkLosses, type GitlabLoss } from './losses';

/** What a run saw besides its history. */
export interface Seen {
  readonly seenOnGitlab: readonly Fact[];
  readonly losses?: readonly GitlabLoss[];
  readonly taken?: ReadonlyMap<Oid, number>;
}

/**
 * Every change of GitLab's refs is seen, those of old are not. That is enough to tell whether damage reached GitLab
 * (P4). For P5 it can only show a push that landed on GitLab after it closed: without one, P5 stays unknown.
 */
export function judge(history: History, { seenOnGitlab, losses = [], taken = new Map() }: Seen): Verdict[] {
  const rich = { ...history, facts: [...history.facts, ...seenOnGitlab] };
  const lost = checkLosses(history, losses, taken);
  const straddled = checkOneEpoch(rich).filter(({ answer }) => answer === 'invalid');
  return check(history).flatMap((verdict) => {
    if (seenOnGitlab.length === 0) return [verdict];
    if (verdict.promise === 'P4') return lost.length > 0 ? lost : checkDamage(rich);
    return verdict.promise === 'P5' && straddled.length > 0 ? straddled : [verdict];
  });
}
