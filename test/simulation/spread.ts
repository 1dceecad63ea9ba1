/**
 * No pass takes an acknowledged value from the last side that has it (SPREAD of test/model/fence.pml). Where a side
 * travelled back in time the histories' checkers see damage, which passes may spread as they like; this watch does not
 * ask what the agent could know.
 */
import { phaseTable } from '../../agent/contract/phase';
import type { Oid, RefName } from '../../agent/rules/values';
import type { Fact, Server, Update, Verdict } from '../history/history';
import { short } from './commits';
import { phaseKnown } from './inforce';
import { shortRef, type Simulation } from './simulation';

/** Of one old server: with more, whose word counts is another question. */
export function watchSpread(sim: Simulation): void {
  const [old] = sim.olds;
  if (!sim.options.fence || sim.olds.length > 1 || old === undefined) return;
  /** What the accepted updates give. */
  const truth = new Map<string, Oid | null>([...old.refs]);
  sim.truthOf = (ref) => truth.get(ref) ?? null;
  sim.decides = (ref, value) => void truth.set(ref, value);
  sim.heard = (server, { ref, before, after }, push) => {
    if (push !== null) {
      const { authority } = phaseTable[phaseKnown(sim, old)];
      const counts = (server === 'gitlab') === (authority === 'gitlab') && (truth.get(ref) ?? null) === before;
      if (counts) truth.set(ref, after as Oid | null);
      return;
    }
    if (server !== 'gitlab' && sim.asked?.has(ref) === false) truth.set(ref, after as Oid | null);
    const known = truth.get(ref) ?? null;
    const other = server === 'gitlab' ? old.refs : sim.gitlab.refs;
    const isElsewhere = [...other].some(([name, tip]) => (name === ref ? tip === known : contains(sim, tip, known)));
    if (
      before !== known ||
      isElsewhere ||
      contains(sim, after, known) ||
      contains(sim, other.get(ref as RefName) ?? null, known)
    )
      return;
    // That a push through old deleted something no fence covers: GitLab, gone back, gives it back, and nothing is lost.
    if (known === null && (server !== 'gitlab' || !other.has(ref as RefName))) return;
    sim.spread.push(lost(sim, server, { ref, before, after }));
  };
}

/** Damage, and writers without hooks, change what counts: the histories' checkers know how, this watch does not. */
export function spreadOf({ facts, spread }: Simulation): readonly Verdict[] {
  return facts.some(({ kind }) => kind === 'damage' || kind === 'wrote' || kind === 'rot') ? [] : spread;
}

function contains({ commits }: Simulation, tip: string | null, value: Oid | null): boolean {
  return tip !== null && value !== null && commits.isAncestor(value, tip as Oid);
}

function lost(sim: Simulation, server: Server, { ref, before, after }: Update): Verdict {
  return {
    promise: 'P1',
    answer: 'invalid',
    at: sim.scheduler.now,
    story: `a pass took ${shortRef(ref)} at ${short(before)} from ${server}, the last side that had it, for ${short(after)}`,
  };
}

export function hasTravelled({ faults }: Simulation): boolean {
  return (faults.get('travels') ?? 0) > 0;
}

type Alarm = Extract<Fact, { kind: 'alarm' }>;

/** Each time that an old server found that a side is not where the other left it. */
export function alarmsOf({ facts }: Simulation): Alarm[] {
  return facts.filter((fact): fact is Alarm => fact.kind === 'alarm' && fact.trouble === 'travelled');
}

/**
 * Nobody went back in time, and nobody took the fence away, which stops where somebody forces a ref in the same seconds
 * (3b): then nothing may stop for that, not even for a while (ALARM).
 */
export function falseAlarms(sim: Simulation): Verdict[] {
  if ((sim.faults.get('wipes') ?? 0) > 0) return [];
  const broke = sim.facts.find(({ kind }) => kind === 'gitlab-broke')?.at ?? Infinity;
  return alarmsOf(sim)
    .filter(({ at }) => at < broke)
    .map(({ at, server }) => ({
      promise: 'P7',
      answer: 'invalid',
      at,
      story: `${server} stopped, and nobody went back in time`,
    }));
}
