/**
 * Two more things that a journey may break. A push is taken by a server that is not asked any more, since it went back
 * to a phase of before (STRAY of test/model/fence.pml); and nobody notices that the two sides are not where they left
 * each other.
 */
import { phaseTable } from '../../agent/contract/phase';
import { fenceRef } from '../../agent/rules/fence';
import type { Verdict } from '../history/history';
import { isOurs } from './gitlabserver';
import { phaseInForce } from './inforce';
import type { OldServer } from './oldserver';
import { shortRef, type Simulation } from './simulation';
import { alarmsOf } from './spread';

/** Hears what is accepted beside whoever else does. */
export function watchStray(sim: Simulation): () => readonly Verdict[] {
  const found: Verdict[] = [];
  const heard = sim.heard;
  sim.heard = (server, update, push) => {
    heard(server, update, push);
    const old = sim.olds.find(({ name }) => name === server);
    if (push === null || old === undefined) return;
    const [is, should] = [old.state.phase, phaseInForce(sim, old)];
    if (should === null || phaseTable[is].authority === phaseTable[should].authority) return;
    const story = `push #${push} moved ${shortRef(update.ref)} by the rules of ${is}, to which ${server} went back from ${should}`;
    found.push({ promise: 'P5', answer: 'invalid', at: sim.scheduler.now, story });
  };
  return () => found;
}

/** So many passes that began after the journey and ended well find it. */
const passesMax = 2;

export type Apart = 'apart' | 'forgotten' | 'not';

export function watchNotice(sim: Simulation): { travelled(): void; verdicts(): readonly Verdict[] } {
  const [old] = sim.olds;
  const journey: { at: number; apart: Apart } = { at: 0, apart: 'not' };
  const isSince = ({ at }: { readonly at: number }): boolean => at >= journey.at;
  const wrong: Readonly<Record<Apart, (server: OldServer) => string | null>> = {
    not: () => null,
    apart: ({ name, passes }) => {
      const ended = passes.filter(({ began }) => began > journey.at).length;
      if (ended < passesMax || alarmsOf(sim).some(isSince)) return null;
      return `${ended} passes of ${name} ended well, and none found that a side had gone back in time`;
    },
    forgotten: ({ name }) =>
      sim.facts.some((fact) => fact.kind === 'phase' && isSince(fact))
        ? `${name} went back to before its first copy, and made another one over what it did not know any more`
        : null,
  };
  return {
    travelled: () => void (old && Object.assign(journey, { at: sim.scheduler.now, apart: apartIn(sim, old) })),
    verdicts: () => {
      const story = old === undefined ? null : wrong[journey.apart](old);
      return story === null ? [] : [{ promise: 'P4', answer: 'invalid', at: journey.at, story }];
    },
  };
}

/** By what GitLab and the repository show. A missing one may be planted again where it was found since the boot. */
export function apartIn({ gitlab }: Simulation, { state: { fence, phase }, fenceCopy, boot }: OldServer): Apart {
  if (phase === 'old' && fence === null) return [...gitlab.refs.keys()].some(isOurs) ? 'forgotten' : 'not';
  if (fence === null || phase === 'old' || phase === 'retired') return 'not';
  const known = [fence.last, ...(fence.next === null ? [] : [fence.next.oid])];
  const shown = gitlab.refs.get(fenceRef(fence)) ?? null;
  if (shown === null && fence.last !== null && fence.seen !== boot) return 'apart';
  const isMoved = shown !== null && !known.includes(shown);
  return isMoved || (!phaseTable[phase].toOld && !known.includes(fenceCopy)) ? 'apart' : 'not';
}
