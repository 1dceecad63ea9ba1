/** The simulation's git, set up for the suite. */
import type { Git } from '../../agent/rules/ports';
import type { Oid, RefName } from '../../agent/rules/values';
import { openGit } from '../simulation/gitdoor';
import { lostOnTheWay } from '../simulation/sending';
import { commits, letters, refusedLetter, type GitSetUp, type Letter } from './git';
import { openCalm, runIn } from './kit/simulated';

export function openSimulatedGit(change: (git: Git) => Git = (git) => git): GitSetUp {
  const { sim, old } = openCalm();
  const process = sim.scheduler.process('agent', old.host);
  const oids = new Map<Letter, Oid>();
  for (const letter of letters)
    oids.set(letter, sim.commits.make(commits[letter].map((parent: Letter) => oids.get(parent) ?? null)));
  const oid = (letter: Letter): Oid => oids.get(letter) ?? ('' as Oid);
  old.refused.add(oid(refusedLetter));
  const bring = (letter: Letter): void => sim.commits.closure([oid(letter)]).forEach((one) => old.store.add(one));
  const chance = sim.random.chance.bind(sim.random);
  const place = { sim, old, process, quarantine: new Set<Oid>(), serves: null };
  const noteLock = { old: old.locked, gitlab: sim.gitlab.locked };
  let lost: 'before' | 'after' | 'never' = 'never';
  sim.random.chance = (share) => (share === lostOnTheWay ? lost === 'before' : chance(share));
  return {
    git: change(openGit(place)),
    run: async (work) => {
      sim.forced.splice(0, sim.forced.length, ...(lost === 'never' ? [] : ['lostAnswer' as const]));
      const answer = await runIn(sim, process, work);
      if (answer === 'killed') throw new Error('Nobody kills this process.');
      return answer as Exclude<typeof answer, 'killed'>;
    },
    oid,
    set: async (side, ref, to) => {
      if (side === 'gitlab') return sim.gitlab.set(ref, to === null ? null : oid(to));
      if (to === null) return void old.refs.delete(ref);
      bring(to);
      old.refs.set(ref, oid(to));
    },
    refs: async (side) => new Map(side === 'old' ? old.refs : sim.gitlab.refs),
    head: async () => old.head,
    alias: async (ref) => void (old.symbolic = new Map([[ref, 'refs/heads/main' as RefName]])),
    bring: async (letter) => bring(letter),
    lose: async (letter) => void old.store.delete(oid(letter)),
    lock: async (side, ref, isLocked) => void noteLock[side][isLocked ? 'add' : 'delete'](ref),
    gitlabGone: async (isGone) => void (sim.gitlab.gone = isGone),
    declines: async (ref) => void (sim.gitlab.declines = ref),
    loseAnswers: async (when) => void (lost = when),
    close: () => Promise.resolve(),
  };
}
