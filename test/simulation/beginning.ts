/** What each server has at first, and the timer. */
import type { RefName, Refs } from '../../agent/rules/values';
import { clientProcess } from './oldpush';
import type { Simulation } from './simulation';
import { timer } from './wakeups';

/** Of a branch that comes and goes. */
const aliases = new Map([['refs/heads/alias', 'refs/heads/b1'] as [RefName, RefName]]);

/** Answers what the first server has. */
export function seedRepositories(sim: Simulation): Refs {
  const root = sim.commits.make([]);
  const [first, ...others] = sim.olds;
  for (let index = 0; first !== undefined && index < sim.options.branches; index += 1) {
    const tip = sim.commits.make([root]);
    [root, tip].forEach((oid) => first.store.add(oid));
    first.refs.set((index === 0 ? 'refs/heads/main' : `refs/heads/b${index}`) as RefName, tip);
  }
  if (sim.random.chance(0.2)) sim.olds.forEach((old) => (old.symbolic = aliases));
  // A further server begins as a follower of GitLab, which is empty as yet: it has nothing either.
  for (const old of others) old.state = { ...old.state, phase: 'refuse' };
  others.forEach(({ name }) => sim.facts.push({ kind: 'phase', at: 0, server: name, phase: 'refuse', epoch: 1 }));
  return new Map(first?.refs ?? []);
}

export function startTimer(sim: Simulation): void {
  sim.scheduler.play(clientProcess(sim, 'timer'), timer(sim));
}
