/** The agent's Git, in memory. What git runs as a process of its own goes on when the agent dies, and keeps the lock that it inherited. */
import { environment } from '../../agent/errors';
import type { Git, Oid, OldSide, RefName, Refs, Unlock, Update } from '../../agent/world';
import type { OldServer } from './oldserver';
import { pushToGitlab } from './sending';
import type { Activity, Outcome, Process } from './scheduler';
import { enter } from './journaldoor';
import type { Simulation } from './simulation';

export interface Place {
  readonly sim: Simulation;
  readonly old: OldServer;
  readonly process: Process;
  /** Objects that only this push has, while its hook runs. */
  readonly quarantine: ReadonlySet<Oid>;
  /** The pusher's push that a hook serves, and the epoch that it acts in; null for passes. */
  readonly serves: { readonly push: number; readonly epoch: number } | null;
}

export function openGit(place: Place): Git {
  const { sim, old, process } = place;
  const local = <T>(work: () => T): Promise<T> => {
    enter(sim, process);
    return sim.scheduler.step(process, sim.random.between(1, 12), work);
  };
  const has = (oid: Oid): boolean => old.store.has(oid) || place.quarantine.has(oid);
  return {
    oldSide: () => local(() => readOld(old)),
    gitlabSide: () => child(place, null, (): Activity<Refs> => askGitlab(sim)).then((refs) => ({ refs, head: sim.gitlab.head })),
    push: (updates, { atomic, lock }) => child(place, lock, () => pushToGitlab(place, updates, atomic)),
    fetch: (refs, lock) => child(place, lock, () => fetchFromGitlab(place, refs)),
    setRefs: (updates, lock) => child(place, lock, () => setRefs(place, updates)),
    setHead: (branch) => local(() => void (old.head = branch)),
    isAncestor: (ancestor, descendant) => local(() => has(ancestor) && has(descendant) && sim.commits.isAncestor(ancestor, descendant)),
    missing: (oids) => local(() => new Set(oids.filter((oid) => !has(oid)))),
    connected: (tips) => local(() => isConnected(place, tips)),
    complete: (tips) => local(() => [...sim.commits.closure(tips)].every(has)),
    denied: () => local(() => ({ deletes: false, rewinds: false })),
    moveAside: (ref) => local(() => void old.refs.delete(ref)),
    runOwnHook: () => local(() => true),
    history: () => local(() => ''),
  };
}

function readOld(old: OldServer): OldSide {
  return { refs: new Map(old.refs), symbolic: [], broken: [], head: old.head };
}

/** As git checks a push: what the refs do not reach already must be here. */
export function isConnected({ sim, old, quarantine }: Place, tips: readonly Oid[]): boolean {
  const known = sim.commits.closure(old.refs.values());
  return [...sim.commits.closure(tips)].every((oid) => known.has(oid) || old.store.has(oid) || quarantine.has(oid));
}

/** A git process that the agent started. Its end reaches the agent only while that lives. */
function child<T>({ sim, old, process }: Place, lock: Unlock | null, activity: () => Activity<T>): Promise<T> {
  enter(sim, process);
  const git = sim.scheduler.process(`git of ${process.name}`, old.host);
  if (lock !== null) old.lock.hold(git);
  return new Promise((resolve, reject) => {
    sim.scheduler.play(git, guarded(activity()), (result) => {
      sim.scheduler.after(0, () => {
        if (!process.alive) return;
        if ('error' in result) reject(result.error);
        else resolve(result.value);
      }, true);
    });
  });
}

function* guarded<T>(activity: Activity<T>): Activity<Outcome<T>> {
  try {
    return { value: yield* activity };
  } catch (error) {
    return { error };
  }
}

export function* askGitlab(sim: Simulation): Activity<Refs> {
  yield sim.latency();
  if (sim.gitlab.gone) throw environment('gitlab-unreachable', 'Cannot ask GitLab for its refs: no answer', 'Check that GitLab is up.');
  const refs = new Map(sim.gitlab.refs);
  yield sim.latency();
  return refs;
}

function* fetchFromGitlab({ sim, old }: Place, refs: readonly RefName[]): Activity<void> {
  yield sim.latency();
  const { gitlab } = sim;
  const gone = refs.filter((ref) => !gitlab.refs.has(ref));
  if (gitlab.gone || gone.length > 0) throw environment('fetch-failed', `Cannot fetch from GitLab: ${gone.join(', ') || 'no answer'}`, 'The next pass tries again.');
  const tips = refs.map((ref) => gitlab.refs.get(ref) ?? null);
  yield sim.latency();
  sim.commits.closure(tips).forEach((oid) => old.store.add(oid));
}

/** Deletions first, one compare-and-set after the other. */
function* setRefs({ sim, old, quarantine }: Place, updates: readonly Update[]): Activity<RefName[]> {
  const failed: RefName[] = [];
  for (const update of [...updates].sort((a, b) => Number(a.after !== null) - Number(b.after !== null))) {
    yield sim.random.between(1, 10);
    // git refuses to change refs while objects lie in the quarantine of a push.
    if (quarantine.size > 0) failed.push(update.ref);
    else if (!changeRef(old, update)) failed.push(update.ref);
    else if (!update.ref.startsWith('refs/handover/')) sim.applied(old.name, update, { push: null, epoch: null });
    else if (update.after !== null) sim.attic.add(update.after);
  }
  return failed;
}

/** Git's own compare-and-set; it wants the new commit to be there. */
export function changeRef(old: OldServer, { ref, before, after }: Update): boolean {
  if ((old.refs.get(ref) ?? null) !== before || (after !== null && !old.store.has(after))) return false;
  if (after === null) old.refs.delete(ref);
  else old.refs.set(ref, after);
  return true;
}
