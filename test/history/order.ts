/**
 * P1 and P2: every acknowledged push is one step of one order per ref, and the order ends where both sides are. Pure.
 */
import { findChain, type Chain, type Step } from './chain';
import {
  gitlab,
  type Fact,
  type History,
  type Listed,
  type Oid,
  type Server,
  type Update,
  type Verdict,
} from './history';
import { appliedOf, isStopped, refsOf, show, unknown, valid } from './reading';

/** Nobody knows which value is right: a person was asked, so the last value proves nothing. */
export const asked: readonly Listed['kind'][] = ['conflict', 'damaged', 'stopped', 'travelled'];

export function checkNothingLost(history: History): Verdict[] {
  return judge(history, 'P1', (ref) =>
    endsOf(history, ref).map((end) => findChain(stepsOf(history, ref), history.first.get(ref) ?? null, end)),
  );
}

/**
 * The end does not count here, and damage may have set a ref back: still no two acknowledged pushes may start from one
 * value.
 */
export function checkOneOrder(history: History): Verdict[] {
  return judge(
    history,
    'P2',
    (ref) => {
      const steps = [
        ...stepsOf(history, ref),
        ...factsOf(history, ref, 'damage').map(({ at, update, server }) => optional(`damage on ${server}`, update, at)),
      ];
      return [findChain(steps, history.first.get(ref) ?? null, undefined)];
    },
    overwritten(history),
  );
}

/** What somebody wrote to closed GitLab is shown to a person, and never overwritten by the agent alone. */
function overwritten(history: History): Verdict[] {
  return history.facts.flatMap((fact) => {
    if (fact.kind !== 'wrote' || fact.server !== gitlab) return [];
    const over = appliedOf(history).find(
      ({ server, push, at, update }) =>
        server === gitlab &&
        push === null &&
        at >= fact.at &&
        update.ref === fact.update.ref &&
        update.before === fact.update.after,
    );
    const asked = history.facts.some(
      (other) =>
        (other.kind === 'settled' && (other.ref === fact.update.ref || other.ref === 'refs/')) ||
        (other.kind === 'alarm' && other.ref === fact.update.ref && over !== undefined && other.at <= over.at),
    );
    return over === undefined || asked
      ? []
      : [
          {
            promise: 'P2' as const,
            answer: 'invalid' as const,
            story: `${fact.update.ref}: ${show(fact.update.after)}, written to closed GitLab, was overwritten and nobody was asked`,
            at: over.at,
          },
        ];
  });
}

/** One good order is enough. */
function judge(
  history: History,
  promise: 'P1' | 'P2',
  ordersOf: (ref: string) => Chain[],
  others: readonly Verdict[] = [],
): Verdict[] {
  const broken = refsOf(history)
    .filter((ref) => !isAsked(history, ref))
    .flatMap((ref): Verdict[] => {
      const orders = ordersOf(ref);
      const [best] = orders;
      if (best === undefined || orders.some(({ found }) => found === true)) return [];
      const story = tell(history, ref, best);
      return orders.some(({ found }) => found === null)
        ? [unknown(promise, 'search-given-up', story)]
        : [{ promise, answer: 'invalid', story, ...momentOf(best) }];
    });
  const bad = [...others, ...broken];
  return bad.length === 0 ? [valid(promise)] : bad;
}

/** The first acknowledged step that has no place in the order. */
function momentOf({ missing }: Chain): { at?: number } {
  const [first] = missing;
  return first === undefined ? {} : { at: first.began };
}

/**
 * What a person settled makes everything before it a matter of that person; a pass that was let through is about every
 * ref.
 */
export function stepsOf(history: History, ref: string): Step[] {
  const settled = history.facts.filter(
    (fact): fact is Settled => fact.kind === 'settled' && (fact.ref === ref || fact.ref === 'refs/'),
  );
  const lastSettled = Math.max(-Infinity, ...settled.map(({ at }) => at));
  const pushed = history.pushes
    .filter(({ outcome }) => outcome !== 'fail')
    .flatMap(({ id, updates, began, ended, outcome, byGitAlone }) =>
      updates
        .filter((update) => update.ref === ref)
        .map((update): Step => {
          const must = outcome === 'ok' && began > lastSettled && byGitAlone !== true;
          return {
            name: `push #${id}`,
            before: update.before,
            after: update.after,
            began,
            ended: must ? (ended ?? Infinity) : Infinity,
            must,
          };
        }),
    );
  const written = factsOf(history, ref, 'wrote').map(({ at, update, server }) =>
    optional(`a writer on ${server}`, update, at),
  );
  const decided = settled.map(({ at, value, ref: about, done }): Step => ({
    name: 'a person',
    before: 'any',
    after: value,
    began: at,
    ended: Infinity,
    must: done && about === ref && at === lastSettled,
  }));
  return [...pushed, ...written, ...decided, ...harmlessDamage(history, ref)];
}

type Settled = Extract<Fact, { kind: 'settled' }>;

/**
 * GitLab's own losses are GitLab's; and what old lost is not lost when a later push brought it back. A deleted ref that
 * came back is there again once somebody pushes on top of it.
 */
function harmlessDamage(history: History, ref: string): Step[] {
  return factsOf(history, ref, 'damage')
    .filter(({ at, server, update }) => server === gitlab || isBroughtBack(history, update, at))
    .map(({ at, update, server }) => optional(`damage on ${server}`, update, at));
}

function isBroughtBack(history: History, { ref, before: lost, after: came }: Update, at: number): boolean {
  const later = history.pushes
    .filter(({ outcome, ended }) => outcome === 'ok' && (ended ?? 0) > at)
    .flatMap(({ updates }) => updates);
  return later.some(
    ({ ref: pushed, before, after }) =>
      pushed === ref && (lost === null ? before === came : after !== null && history.isAncestor(lost, after)),
  );
}

function optional(name: string, { before, after }: Update, at: number): Step {
  return { name, before, after, began: at, ended: Infinity, must: false };
}

function factsOf(
  history: History,
  ref: string,
  kind: 'wrote' | 'damage',
): { at: number; update: Update; server: Server }[] {
  return history.facts.flatMap((fact) => (fact.kind === kind && fact.update.ref === ref ? [fact] : []));
}

function isAsked(history: History, ref: string): boolean {
  return history.listed.some((one) => asked.includes(one.kind) && (one.ref === ref || isStopped(one)));
}

/** Where sides differ P3 speaks; here each of their values may be the end. */
function endsOf(history: History, ref: string): (Oid | null)[] {
  const servers = history.last.has(gitlab) ? [...history.last.keys()] : [];
  return [...new Set(servers.map((server) => history.last.get(server)?.get(ref) ?? null))];
}

function tell(history: History, ref: string, { value, missing }: Chain): string {
  const ends = endsOf(history, ref).map(show).join(' or ');
  const steps = missing
    .slice(0, 4)
    .map(({ name, before, after }) => `${name} (${before === 'any' ? 'any' : show(before)} to ${show(after)})`)
    .join(', ');
  return `${ref}: what pushers were told leads from ${show(history.first.get(ref) ?? null)} to ${show(value)}, then no further: ${missing.length} acknowledged steps are left${steps === '' ? '' : `, ${steps}`}; it ends at ${ends}`;
}
