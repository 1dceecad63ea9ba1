/** P1 and P2: every acknowledged push is one step of one order per ref, and the order ends where both sides are. Pure. */
import { isOneChain, type Step } from './chain';
import { gitlab, type Fact, type History, type Listed, type Oid, type Update, type Verdict } from './history';
import { refsOf, show, valid } from './reading';

/** Nobody knows which value is right: a person was asked, so the last value proves nothing. */
const asked: readonly Listed['kind'][] = ['conflict', 'damaged', 'stopped'];

export function checkNothingLost(history: History): Verdict[] {
  const bad = refsOf(history).filter((ref) => !isAsked(history, ref)).flatMap((ref) => {
    const steps = stepsOf(history, ref);
    const ends = endsOf(history, ref);
    const answers = ends.map((end) => isOneChain(steps, history.first.get(ref) ?? null, end));
    if (answers.includes(true)) return [];
    const told = `${ref} ends at ${ends.map(show).join(' or ')}, and what pushers were told leads nowhere near: ${tell(history, ref)}`;
    return [{ promise: 'P1' as const, answer: answers.includes(null) ? ('unknown' as const) : ('invalid' as const), story: told }];
  });
  return bad.length === 0 ? [valid('P1')] : bad;
}

/** The end does not count here, and damage may have set a ref back: still no two acknowledged pushes may start from one value. */
export function checkOneOrder(history: History): Verdict[] {
  const bad = refsOf(history).filter((ref) => !isAsked(history, ref)).flatMap((ref) => {
    const steps = [...stepsOf(history, ref), ...factsOf(history, ref, 'damage').map(({ at, update }) => optional(update, at))];
    const answer = isOneChain(steps, history.first.get(ref) ?? null, undefined);
    if (answer === true) return [];
    return [{ promise: 'P2' as const, answer: answer === null ? ('unknown' as const) : ('invalid' as const), story: `${ref} has no one order: ${tell(history, ref)}` }];
  });
  return bad.length === 0 ? [valid('P2')] : bad;
}

/** What a person settled makes everything before it a matter of that person. */
function stepsOf(history: History, ref: string): Step[] {
  const settled = history.facts.filter((fact): fact is Extract<Fact, { kind: 'settled' }> => fact.kind === 'settled' && fact.ref === ref);
  const lastSettled = Math.max(-Infinity, ...settled.map(({ at }) => at));
  const pushed = history.pushes.filter(({ outcome }) => outcome !== 'fail').flatMap(({ updates, began, ended, outcome }) => updates.filter((update) => update.ref === ref).map((update): Step => {
    const must = outcome === 'ok' && began > lastSettled;
    return { before: update.before, after: update.after, began, ended: must ? (ended ?? Infinity) : Infinity, must };
  }));
  const written = factsOf(history, ref, 'wrote').map(({ at, update }) => optional(update, at));
  return [...pushed, ...written, ...settled.map(({ at, value }): Step => ({ before: 'any', after: value, began: at, ended: Infinity, must: at === lastSettled }))];
}

function optional({ before, after }: Update, at: number): Step {
  return { before, after, began: at, ended: Infinity, must: false };
}

function factsOf(history: History, ref: string, kind: 'wrote' | 'damage'): { at: number; update: Update }[] {
  return history.facts.flatMap((fact) => (fact.kind === kind && fact.update.ref === ref ? [{ at: fact.at, update: fact.update }] : []));
}

function isAsked(history: History, ref: string): boolean {
  return history.listed.some((one) => asked.includes(one.kind) && (one.ref === ref || one.ref === 'refs/'));
}

/** Where sides differ P3 speaks; here each of their values may be the end. */
function endsOf(history: History, ref: string): (Oid | null)[] {
  const servers = history.last.has(gitlab) ? [...history.last.keys()] : [];
  return [...new Set(servers.map((server) => history.last.get(server)?.get(ref) ?? null))];
}

function tell(history: History, ref: string): string {
  const told = history.pushes.filter(({ outcome }) => outcome !== 'fail').flatMap(({ id, server, outcome, updates }) => updates.filter((update) => update.ref === ref).map(({ before, after }) => `#${id} on ${server} ${outcome} ${show(before)}→${show(after)}`));
  return `first ${show(history.first.get(ref) ?? null)}; ${told.join(', ') || 'no push'}`;
}
