/**
 * `git push` from old to GitLab: the leases are checked against what GitLab shows, then the request is on its way, and
 * its answer.
 */
import { refTwice } from '../../agent/rules/refs';
import type { FenceChange } from '../../agent/rules/values';
import type { Oid, PushAnswer, Refs, RefName, Rejection, Update } from '../../agent/rules/values';
import type { Place } from './place';
import type { Taken, Wanted } from './gitlabserver';
import { limits, type Simulation } from './simulation';
import type { Activity } from './scheduler';

export function* pushToGitlab(place: Place, updates: readonly Update[], atomic: boolean): Activity<PushAnswer> {
  const { sim } = place;
  yield sim.latency();
  if (sim.gitlab.gone) return { kind: 'not-sent', words: 'ssh: connect to host gitlab: Connection refused' };
  const shown: Refs = new Map(sim.gitlab.refs);
  yield sim.latency();
  // GitLab takes none of them, and git finds no answer for the second.
  if (refTwice(updates) !== null) return { kind: 'no-answer', words: 'remote failed to report status' };
  const moving = updates.filter(({ ref, after }) => after === null || shown.get(ref) !== after);
  const stale = moving.filter(({ ref, before }) => (shown.get(ref) ?? null) !== before).map(({ ref }) => ref);
  const rest = moving.filter(({ ref }) => !stale.includes(ref));
  if (stale.length > 0 && (atomic || rest.length === 0))
    return rejected(
      new Map([
        ...stale.map((ref) => [ref, 'stale'] as const),
        ...(atomic ? rest.map(({ ref }) => [ref, 'with-others'] as const) : []),
      ]),
      '',
    );
  if (rest.length === 0) return { kind: 'ok' };
  if (rest.some(({ after }) => after !== null) && !canPack(place, shown, updates))
    return unpacked(place, updates, { rest, stale });
  return yield* request(place, { rest, stale, atomic });
}

/** Its object is made for it. */
export function* pushFence(place: Place, { ref, before, after }: FenceChange): Activity<PushAnswer> {
  if (after !== null) place.old.store.add(after.oid);
  return yield* pushToGitlab(place, [{ ref, before, after: after?.oid ?? null }], false);
}

/**
 * Git walks down from all that was to be sent (what is stale and what is there already among it) to what GitLab showed;
 * it ends badly where an object is not here.
 */
function canPack({ sim, old, quarantine }: Place, shown: Refs, sent: readonly Wanted[]): boolean {
  const has = (oid: Oid): boolean => old.store.has(oid) || quarantine.has(oid);
  const there = sim.commits.closure([...shown.values()].filter(has));
  return sim.commits.reaches(
    sent.map(({ after }) => after),
    (oid) => there.has(oid) && has(oid),
    has,
  );
}

/** Share of lost answers whose push never came there. */
export const lostOnTheWay = 0.4;

interface Request {
  readonly rest: readonly Wanted[];
  readonly stale: readonly RefName[];
  readonly atomic: boolean;
}

/** Sent. It lands now, later or never, and the answer comes or is lost. */
function* request({ sim, serves }: Place, { rest, stale, atomic }: Request): Activity<PushAnswer> {
  const land = (): Taken => sim.gitlab.take(rest, atomic, (update) => landed(sim, update, serves));
  if (sim.strikes('lateLanding')) {
    const delay = sim.random.between(0, limits.longestGitlabPushMs * 0.9);
    sim.scheduler.after(delay, () => void land());
    yield sim.random.between(10, 500);
    return { kind: 'no-answer', words: '' };
  }
  yield sim.latency();
  if (serves !== null && sim.unanswered.has(serves.push)) return { kind: 'no-answer', words: '' };
  const lost = sim.strikes('lostAnswer');
  // Cut on the way there, or on the way back.
  if (lost && sim.random.chance(lostOnTheWay)) return { kind: 'no-answer', words: '' };
  const taken = land();
  yield sim.latency();
  if (lost) return { kind: 'no-answer', words: '' };
  if (taken.kind === 'declined')
    return rejected(
      new Map([...rest.map(({ ref }) => [ref, 'declined'] as const), ...stale.map((ref) => [ref, 'stale'] as const)]),
      taken.words,
    );
  const refused = [
    ...taken.failed.map((ref) => [ref, atomic ? 'with-others' : 'stale'] as const),
    ...stale.map((ref) => [ref, 'stale'] as const),
  ];
  return refused.length === 0 ? { kind: 'ok' } : rejected(new Map(refused), '');
}

/** Its own words, and GitLab's refusal of half a pack, unless that is lost. */
function unpacked(
  { sim, old, quarantine }: Place,
  sent: readonly Wanted[],
  { rest, stale }: Pick<Request, 'rest' | 'stale'>,
): PushAnswer {
  const words = 'fatal: bad object';
  // Git says `bad object` of what was to be sent, what is stale among it, and other words of what lies below it.
  const isBadTip = sent.some(({ after }) => after !== null && !old.store.has(after) && !quarantine.has(after));
  if (sim.strikes('lostAnswer') && !sim.random.chance(lostOnTheWay))
    return { kind: isBadTip ? 'not-sent' : 'no-answer', words };
  const declined = rest.map(({ ref }) => [ref, 'declined'] as const);
  return rejected(new Map([...declined, ...stale.map((ref) => [ref, 'stale'] as const)]), words);
}

function rejected(refs: Map<RefName, Rejection>, words: string): PushAnswer {
  return { kind: 'rejected', refs, words };
}

function landed(sim: Simulation, update: Wanted, serves: Place['serves']): void {
  if (update.ref.startsWith('refs/handover/')) sim.moments += 1;
  else sim.applied('gitlab', update, serves ?? { push: null, epoch: null });
}
