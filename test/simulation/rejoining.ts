/** `npm run rejoin`, by somebody who mostly knows what was pushed, and in which phase the repository was. */
import { asFault } from '../../agent/contract/errors';
import { isPhase, type Phase } from '../../agent/contract/phase';
import type { Difference } from '../../agent/sync/bothsides';
import { meet, rejoin } from '../../agent/sync/rejoin';
import type { Oid, RefName } from '../../agent/rules/values';
import { runAgent } from './agentcall';
import type { OldServer } from './oldserver';
import type { Random } from '../random';
import type { Activity } from './scheduler';
import type { Simulation } from './simulation';

/** It has what GitLab has, which another server answers for. */
export function isFollower({ gitlab }: Simulation, { state }: OldServer): boolean {
  return state.phase === 'refuse' && !gitlab.open;
}

export function* settleTravelled(sim: Simulation, old: OldServer, random: Random): Activity {
  const phase = phaseOf(sim, old);
  const others = sim.olds.filter((one) => one !== old);
  // Whoever answers for it comes first: what follows gets what that one decided.
  if (phase === null || (isFollower(sim, old) && others.some(isStopped))) return;
  const decided: { readonly ref: RefName; readonly value: Oid | null }[] = [];
  const isOlds = (one: Difference): boolean => {
    if (isFollower(sim, old)) return false;
    const truth = sim.truthOf(one.ref);
    return truth === undefined ? random.chance(0.5) : truth === one.old;
  };
  const outcome = yield* runAgent(sim, old, async (world) => {
    const { differences } = await meet(world);
    const but = new Set(differences.filter(isOlds).map(({ ref }) => ref));
    for (const one of differences) {
      const value = but.has(one.ref) ? one.old : one.gitlab;
      sim.decides(one.ref, value);
      decided.push({ ref: one.ref, value });
    }
    // Whoever says `--keep gitlab` says it of what comes between the look and the hold as well.
    sim.asked = new Set(differences.map(({ ref }) => ref));
    await rejoin(world, { keep: 'gitlab', but, phase }, () => undefined);
  });
  sim.asked = null;
  const done = outcome !== null && 'value' in outcome;
  for (const one of decided) sim.facts.push({ kind: 'settled', at: sim.scheduler.now, ...one, done });
  sim.tell(
    `the operator brings ${old.name} and gitlab together in ${phase}: ${outcome === null ? 'killed' : 'value' in outcome ? 'done' : asFault(outcome.error).message}`,
  );
}

function isStopped({ troubles }: OldServer): boolean {
  return troubles.some(({ kind }) => kind === 'travelled');
}

/** The last that it switched to; null where there is nothing to bring together. */
function phaseOf({ facts }: Simulation, { name }: OldServer): Phase | null {
  const phases = facts.flatMap((fact) => (fact.kind === 'phase' && fact.server === name ? [fact.phase] : []));
  const last = phases[phases.length - 1];
  return last === undefined || !isPhase(last) || last === 'old' || last === 'retired' ? null : last;
}
