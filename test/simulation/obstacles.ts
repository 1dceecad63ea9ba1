/** What git on old cannot take from GitLab for a while: a ref that it cannot set, a commit that it refuses. */
import { pushToGitlabAsPerson } from './gitlabpush';
import { clientProcess } from './oldpush';
import type { OldServer } from './oldserver';
import { pickRef, shortRef, type Simulation } from './simulation';

/** A lock of somebody, or a file where only git should have one. */
export function lockRef(sim: Simulation, old: OldServer): boolean {
  const ref = pickRef(sim, sim.gitlab.refs);
  if (ref === null) return false;
  old.locked.add(ref);
  sim.tell(`git on ${old.name} cannot set ${shortRef(ref)}`);
  sim.scheduler.after(sim.random.between(500, 40_000), () => void old.locked.delete(ref));
  return true;
}

/** One whose time zone git refuses where it checks what it is given. */
export function pushRefused(sim: Simulation): boolean {
  const ref = pickRef(sim, sim.gitlab.refs);
  if (ref === null || !sim.gitlab.open) return false;
  const before = sim.gitlab.refs.get(ref) ?? null;
  const after = sim.commits.make([before]);
  sim.olds.forEach(({ refused }) => refused.add(after));
  sim.scheduler.play(
    clientProcess(sim, 'mallory'),
    pushToGitlabAsPerson(sim, { who: 'mallory', updates: [{ ref, before, after }], atomic: false }),
  );
  return true;
}
