/** GitLab itself is damaged: it loses its refs, or a backup of before comes back. */
import { inTheWay } from '../../agent/rules/refs';
import type { Oid, RefName } from '../../agent/rules/values';
import type { Update } from '../history/history';
import { isOurs } from './gitlabserver';
import { limits, type Simulation } from './simulation';

/** With so many at least, those that wait for a push leave enough for one look to tell. */
const refsMin = 8;
const lossesMin = 6;

export function breakGitlab(sim: Simulation): boolean {
  const refs = peoplesRefs(sim);
  if (refs.length <= limits.breakerRefs) return false;
  const lost = refs.map(([ref, before]): Update => ({ ref, before, after: null }));
  const partly = refs.length < refsMin || sim.random.chance(0.4) ? null : restored(sim, sim.random.chance(0.5));
  const updates = partly ?? lost;
  breakFences(sim, partly !== null);
  for (const { ref, after } of updates) sim.gitlab.set(ref as RefName, after as Oid | null);
  sim.facts.push({ kind: 'gitlab-broke', at: sim.scheduler.now, updates });
  updates.forEach((update) => sim.facts.push({ kind: 'damage', at: sim.scheduler.now, server: 'gitlab', update }));
  sim.tell(
    `gitlab ${partly === null ? 'loses all' : 'is restored from a backup that is older for'} ${updates.length} refs`,
  );
  return true;
}

function peoplesRefs({ gitlab }: Simulation): [RefName, Oid][] {
  return [...gitlab.refs].filter(([ref]) => !isOurs(ref));
}

/** A backup has what they were at its time. */
function breakFences({ gitlab, random }: Simulation, isBackup: boolean): void {
  for (const [ref, former] of [...gitlab.fences])
    gitlab.set(ref, isBackup && former.length > 0 ? random.pick(former) : null);
}

/** An ordinary command of somebody who may push; to whom GitLab is closed it is closed for this as well. */
export function wipeFence(sim: Simulation): boolean {
  const { gitlab } = sim;
  const fences = [...gitlab.refs.keys()].filter(isOurs);
  if (!gitlab.open || fences.length === 0) return false;
  fences.forEach((ref) => gitlab.set(ref, null));
  sim.tell('somebody mirrors to GitLab: the fence is gone');
  return true;
}

/** Only where commits are lost with enough of them: what GitLab has elsewhere nobody misses. Else null. */
function restored(sim: Simulation, isRewound: boolean): Update[] | null {
  const { gitlab, commits, random } = sim;
  const chosen = peoplesRefs(sim).filter(([ref]) => ref !== gitlab.head && random.chance(0.8));
  const updates = chosen
    .map(([ref, before]): Update & { ref: RefName; before: Oid; after: Oid | null } => ({
      ref,
      before,
      after: isRewound ? commits.parent(before) : null,
    }))
    .filter(({ after }) => !isRewound || after !== null);
  const left = new Map(gitlab.refs);
  for (const { ref, after } of updates) {
    if (after === null) left.delete(ref);
    else left.set(ref, after);
  }
  const kept = commits.closure(left.values());
  return updates.filter(({ before }) => !kept.has(before)).length < lossesMin ? null : updates;
}

/**
 * GitLab's refs come back as they were before it broke, where nobody pushed since, neither to them nor to a name in
 * their way.
 */
export function mendGitlab(sim: Simulation): void {
  const broken = [...sim.facts].reverse().find((fact) => fact.kind === 'gitlab-broke');
  if (broken?.kind !== 'gitlab-broke') return;
  for (const { ref, before, after } of broken.updates) {
    if ((sim.gitlab.refs.get(ref as never) ?? null) !== after || inTheWay(sim.gitlab.refs, ref as never) !== null)
      continue;
    sim.gitlab.set(ref as never, before as Oid | null);
    sim.decides(ref, before as Oid | null);
    sim.facts.push({ kind: 'settled', at: sim.scheduler.now, ref, value: before, done: false });
  }
  sim.tell('the operator mends GitLab');
}
