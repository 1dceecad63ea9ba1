/** Which phase counts where old went back in time: what it reads of itself is what was true then. */
import type { Phase } from '../../agent/contract/phase';
import { fenceRef } from '../../agent/rules/fence';
import type { Fact } from '../history/history';
import type { OldServer } from './oldserver';
import type { Simulation } from './simulation';

export type PhaseFact = Extract<Fact, { kind: 'phase' }>;

/** That the last move, or a person, brought it to; null before the first. */
export function phaseInForce(sim: Simulation, old: OldServer): Phase | null {
  return lastPhase(sim, old, 0);
}

/** Of those that old can know of: before its first fence it knows of none. */
export function phaseKnown(sim: Simulation, old: OldServer): Phase {
  return lastPhase(sim, old, sim.forgot) ?? old.state.phase;
}

function lastPhase(sim: Simulation, old: OldServer, since: number): Phase | null {
  const last = phasesOf(sim, old, since)
    .filter((fact) => !sim.unborn.has(fact))
    .pop();
  return last === undefined ? null : (last.phase as Phase);
}

/**
 * Before old goes back in time, to an epoch. A phase whose gate is shut, and whose fence GitLab has not got, let nobody
 * in: nobody can know of it.
 */
export function notePhaseUnborn(sim: Simulation, old: OldServer, epoch: number): void {
  const { fence } = old.state;
  if (old.state.epoch <= epoch || fence === null || !fence.gate || fence.next === null) return;
  if (sim.gitlab.refs.get(fenceRef(fence)) === fence.next.oid) return;
  const last = phasesOf(sim, old, 0).pop();
  if (last !== undefined) sim.unborn.add(last);
}

function phasesOf({ facts }: Simulation, { name }: OldServer, since: number): PhaseFact[] {
  return facts.slice(since).filter((fact): fact is PhaseFact => fact.kind === 'phase' && fact.server === name);
}
