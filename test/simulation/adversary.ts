/**
 * One who pushes so that no change of phase might come through (P8): three pushes in a loop, some of them of one ref
 * twice, the others on a way to GitLab that breaks each time.
 */
import type { RefName, Update } from '../../agent/rules/values';
import { Random } from '../random';
import { clientProcess, pushToOld } from './oldpush';
import type { OldServer } from './oldserver';
import type { Activity } from './scheduler';
import type { Simulation } from './simulation';

const loops = 3;

export function startAdversary(sim: Simulation): void {
  if (!sim.options.adversary) return;
  for (let loop = 1; loop <= loops; loop += 1) {
    const random = Random.stream(sim.options.seed, `adversary ${loop}`);
    sim.scheduler.play(
      clientProcess(sim, `mallory ${loop}`),
      pushOn(sim, `refs/heads/mallory${loop}` as RefName, random),
    );
  }
}

function* pushOn(sim: Simulation, ref: RefName, random: Random): Activity {
  while (sim.faulty) {
    const old = random.pick(sim.olds);
    const isTwice = random.chance(0.4);
    const updates = Array.from({ length: isTwice ? 2 : 1 }, () => advance(sim, old, ref));
    // Of one ref twice that is not atomic git takes one, and the checkers know a push by its refs.
    const atomic = isTwice || random.chance(0.5);
    yield* pushToOld(sim, old, { who: 'mallory', updates, atomic, isUnanswered: !isTwice });
    yield random.between(1, 300);
  }
}

function advance(sim: Simulation, old: OldServer, ref: RefName): Update {
  const before = old.refs.get(ref) ?? null;
  return { ref, before, after: sim.commits.make([before ?? [...old.refs.values()][0] ?? null]) };
}
