/**
 * The agent's Git, in memory. What git runs as a process of its own goes on when the agent dies, and keeps the lock
 * that it inherited.
 */
import { faults } from '../../agent/contract/faults';
import type { GitExit } from '../../agent/rules/gitanswers';
import { changeRefs } from '../../agent/rules/refchange';
import { inTheWay, parseOid } from '../../agent/rules/refs';
import type { Git, Unlock } from '../../agent/rules/ports';
import type { Oid, OldSide, RefName, Refs, Update } from '../../agent/rules/values';
import type { OldServer } from './oldserver';
import { pushFence, pushToGitlab } from './sending';
import type { Activity, Outcome } from './scheduler';
import type { Simulation } from './simulation';
import { enter, type Place } from './place';
import { beyond, isAncestor, isRelated, type History } from './walks';

export function openGit(place: Place): Git {
  const { sim, old, process } = place;
  const local = <T>(work: () => T): Promise<T> => {
    enter(sim, process);
    return sim.scheduler.step(process, sim.random.between(1, 12), work);
  };
  const has = (oid: Oid): boolean => old.store.has(oid) || place.quarantine.has(oid);
  const history: History = { parentsOf: (oid) => sim.commits.parentsOf(oid), has };
  return {
    oldSide: () => child(place, null, () => readOldSlowly(place)),
    gitlabSide: () =>
      child(place, null, (): Activity<Refs> => askGitlab(sim)).then((refs) => ({ refs, head: headAmong(sim, refs) })),
    push: (updates, { atomic, lock }) => child(place, lock, () => pushToGitlab(place, updates, atomic)),
    pushFence: (change, lock) => child(place, lock, () => pushFence(place, change)),
    fetch: (refs, lock) => child(place, lock, () => fetchFromGitlab(place, refs)),
    symbolicAmong: (refs) => local(() => new Set(refs.filter((ref) => old.symbolic.has(ref)))),
    setRefs: (updates, lock) => changeRefs(updates, (input) => child(place, lock, () => updateRefs(place, input))),
    unsettable: (updates) => child(place, null, () => tryRefs(place, updates)),
    setHead: (branch) => local(() => void (old.head = branch)),
    isAncestor: (ancestor, descendant) =>
      local(() => has(ancestor) && has(descendant) && isAncestor(history, ancestor, descendant)),
    forward: (moves) =>
      local(() => moves.map(({ before, after }) => has(before) && has(after) && isAncestor(history, before, after))),
    isRelated: (one, other) => local(() => has(one) && has(other) && isRelated(history, one, other)),
    uncontained: (values, tips) =>
      local(() => {
        const asked = values.filter((value) => !tips.includes(value));
        const found = beyond(history, asked.filter(has), tips.filter(has));
        return new Set(asked.filter((value) => found === null || !has(value) || found.has(value)));
      }),
    missing: (oids) => local(() => new Set(oids.filter((oid) => !has(oid)))),
    connected: (tips) => local(() => isConnected(place, tips)),
    complete: (tips) => local(() => [...sim.commits.closure(tips)].every(has)),
    denied: () => local(() => ({ deletes: false, rewinds: false })),
    moveAside: (ref) => local(() => void old.refs.delete(ref)),
    history: () => local(() => ''),
    commitsBeyond: (tip, others) =>
      local(() => {
        const known = sim.commits.closure(others.filter(has));
        return { count: [...sim.commits.closure([tip])].filter((oid) => !known.has(oid)).length, newest: [] };
      }),
  };
}

/** A dying disk with many refs takes its time; pushes begin and end meanwhile. */
function* readOldSlowly({ sim, old }: Place): Activity<OldSide> {
  yield sim.random.between(1, sim.random.chance(0.1) ? 200 : 10);
  return readOld(old);
}

function readOld(old: OldServer): OldSide {
  return { refs: new Map(old.refs), broken: [], head: old.head };
}

/** As git checks a push: what the refs do not reach already must be here. */
export function isConnected({ sim, old, quarantine }: Place, tips: readonly Oid[]): boolean {
  if (![...old.refs.values()].every((oid) => old.store.has(oid))) return false;
  const known = sim.commits.closure(old.refs.values());
  return sim.commits.reaches(
    tips,
    (oid) => known.has(oid) && old.store.has(oid),
    (oid) => old.store.has(oid) || quarantine.has(oid),
  );
}

/** A git process that the agent started. Its end reaches the agent only while that lives. */
function child<T>({ sim, old, process }: Place, lock: Unlock | null, activity: () => Activity<T>): Promise<T> {
  enter(sim, process);
  const git = sim.scheduler.process(`git of ${process.name}`, old.host);
  if (lock !== null) old.lock.hold(git);
  return new Promise((resolve, reject) => {
    sim.scheduler.play(git, guarded(activity()), (result) => {
      sim.scheduler.after(
        0,
        () => {
          if (!process.alive) return;
          if ('error' in result) reject(result.error);
          else resolve(result.value);
        },
        true,
      );
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

/** Git tells no HEAD that names a branch which is not there. */
function headAmong({ gitlab }: Simulation, refs: Refs): RefName | null {
  return refs.has(gitlab.head) ? gitlab.head : null;
}

export function* askGitlab(sim: Simulation): Activity<Refs> {
  yield sim.latency();
  if (sim.gitlab.gone) throw faults.gitlabUnreachable({ what: 'ask GitLab for its refs', words: '' });
  const refs = new Map(sim.gitlab.refs);
  yield sim.latency();
  return refs;
}

/** One bad object is refused with all that came along. What is here is not asked for. */
function* fetchFromGitlab({ sim, old }: Place, refs: readonly RefName[]): Activity<string | null> {
  yield sim.latency();
  const { gitlab } = sim;
  const gone = refs.filter((ref) => !gitlab.refs.has(ref));
  if (gitlab.gone || gone.length > 0) throw faults.fetchFailed({ words: gone.join(', ') || 'no answer' });
  const tips = refs.map((ref) => gitlab.refs.get(ref) ?? null);
  yield sim.latency();
  const coming = [...sim.commits.closure(tips)].filter((oid) => !old.store.has(oid));
  if (coming.some((oid) => old.refused.has(oid))) return 'fsck error in packed object';
  coming.forEach((oid) => old.store.add(oid));
  return null;
}

/** `git update-ref --stdin -z`: transactions after each other; the first that fails ends it. */
function* updateRefs(place: Place, input: string): Activity<GitExit> {
  let stdout = '';
  for (const transaction of input.split('start\0').slice(1)) {
    yield place.sim.random.between(1, 10);
    if (!commit(place, parseCommands(transaction)))
      return { code: 128, stdout, stderr: 'fatal: prepare: cannot lock ref', timedOut: false };
    stdout += 'start: ok\nprepare: ok\ncommit: ok\n';
  }
  return { code: 0, stdout, stderr: '', timedOut: false };
}

/** Takes the locks of refs for a moment, without their new values. */
function* tryRefs({ sim, old }: Place, updates: readonly Update[]): Activity<{ ref: RefName; words: string } | null> {
  yield sim.random.between(1, 10);
  const stuck = updates.find((update) => isInTheWay(old, update));
  return stuck === undefined ? null : { ref: stuck.ref, words: 'cannot lock ref' };
}

function parseCommands(transaction: string): Update[] {
  return [...transaction.matchAll(/update (\S+?)\0([0-9a-f]+)\0([0-9a-f]+)\0|delete (\S+?)\0([0-9a-f]+)\0/g)].map(
    ([, updated, after, before, deleted, gone]) => ({
      ref: (updated ?? deleted) as RefName,
      before: parseOid(before ?? gone ?? ''),
      after: after === undefined ? null : parseOid(after),
    }),
  );
}

/** All or none. git refuses to change refs while objects lie in the quarantine of a push. */
function commit({ sim, old, quarantine }: Place, updates: readonly Update[]): boolean {
  if (quarantine.size > 0) sim.quarantined += 1;
  if (quarantine.size > 0 || !updates.every((update) => fits(old, update))) return false;
  for (const update of updates) {
    changeRef(old, update);
    if (!update.ref.startsWith('refs/handover/')) sim.applied(old.name, update, { push: null, epoch: null });
    else if (update.after !== null) sim.attic.add(update.after);
  }
  return true;
}

/** Git's own compare-and-set wants the new commit to be there; another name has the value of its branch. */
export function fits(old: OldServer, update: Update): boolean {
  const { ref, before, after } = update;
  return (
    !isInTheWay(old, update) &&
    (old.refs.get(old.symbolic.get(ref) ?? ref) ?? null) === before &&
    (after === null || old.store.has(after))
  );
}

/** Another name of a branch is a file as well, also where the branch is gone. */
export function isInTheWay(old: OldServer, { ref, after }: Update): boolean {
  const names = [...old.refs.keys(), ...old.symbolic.keys()];
  return old.locked.has(ref) || (after !== null && inTheWay(new Set(names), ref) !== null);
}

export function changeRef(old: OldServer, update: Update): boolean {
  const { ref, after } = update;
  if (!fits(old, update)) return false;
  if (after === null) old.refs.delete(ref);
  else old.refs.set(ref, after);
  return true;
}
