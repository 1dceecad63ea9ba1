/**
 * People who push: commits, forced pushes, rewinds, undone pushes, deletions, new branches, tags, many refs at once,
 * races on one branch.
 */
import { phaseTable } from '../../agent/contract/phase';
import type { Oid, RefName, Refs, Update } from '../../agent/rules/values';
import { pushToGitlabAsPerson } from './gitlabpush';
import { clientProcess, pushToOld } from './oldpush';
import type { Attempt } from './session';
import type { OldServer } from './oldserver';
import type { Random } from '../random';
import type { Activity } from './scheduler';
import type { Simulation } from './simulation';

export function startPushers(sim: Simulation): void {
  for (let index = 1; index <= sim.options.pushers; index += 1) {
    const name = `p${index}`;
    const random = sim.random.fork();
    sim.scheduler.play(clientProcess(sim, name), pushOn(sim, name, random));
  }
}

/** Who draws, and what they last found on each ref before they changed it: an undone push brings that back. */
interface Hand {
  readonly random: Random;
  readonly reflog: Map<RefName, Oid>;
}

function* pushOn(sim: Simulation, who: string, random: Random): Activity {
  const hand: Hand = { random, reflog: new Map() };
  yield random.between(0, sim.options.pushEveryMs);
  while (sim.faulty) {
    const server = chooseServer(sim, random);
    const attempt: Attempt = {
      who,
      updates: drawUpdates(sim, server === 'gitlab' ? sim.gitlab.refs : server.refs, hand),
      atomic: random.chance(0.3),
    };
    remember(hand, attempt.updates);
    // Between what a person saw and the push, others may push.
    if (random.chance(0.3)) yield random.between(0, 500);
    if (server === 'gitlab') yield* pushToGitlabAsPerson(sim, attempt);
    else yield* pushToOld(sim, server, attempt);
    yield random.between(sim.options.pushEveryMs * 0.3, sim.options.pushEveryMs * 1.7);
  }
}

function remember({ reflog }: Hand, updates: readonly Update[]): void {
  for (const { ref, before } of updates) if (before !== null) reflog.set(ref, before);
}

/** Mostly where one may push; some are late to hear of it. */
function chooseServer(sim: Simulation, random: Random): OldServer | 'gitlab' {
  const old = random.pick(sim.olds);
  const toGitlab = sim.gitlab.open && random.chance(phaseTable[old.state.phase].oldTakesPushes ? 0.5 : 0.8);
  return toGitlab || random.chance(0.03) ? 'gitlab' : old;
}

function drawUpdates(sim: Simulation, refs: Refs, hand: Hand): Update[] {
  const { random } = hand;
  if (sim.options.branches > 1 && random.chance(0.05)) return [drawFolder(sim, refs, random)];
  const names = Array.from(
    { length: sim.options.branches },
    (_none, index) => (index === 0 ? 'refs/heads/main' : `refs/heads/b${index}`) as RefName,
  );
  if (refs === sim.gitlab.refs) names.push(...sim.olds.flatMap(({ symbolic }) => [...symbolic.keys()]));
  const count = random.chance(0.2) ? 1 + random.int(Math.min(5, names.length)) : 1;
  const chosen = new Set(Array.from({ length: count }, () => random.pick(names)));
  return [...chosen].map((ref) => drawUpdate(sim, ref, { before: refs.get(ref) ?? null, hand }));
}

const [file, inner] = ['refs/heads/b1', 'refs/heads/b1/x'] as [RefName, RefName];

/** A branch becomes a folder of branches, and the other way round: what is in the way goes first. */
function drawFolder(sim: Simulation, refs: Refs, random: Random): Update {
  const present = [file, inner].find((ref) => refs.has(ref));
  if (present !== undefined) return { ref: present, before: refs.get(present) ?? null, after: null };
  return { ref: inner, before: null, after: sim.commits.make([anyTip(sim, random)]) };
}

function drawUpdate(
  sim: Simulation,
  ref: RefName,
  { before, hand: { random, reflog } }: { before: Oid | null; hand: Hand },
): Update {
  if (sim.options.values > 0) return { ref, before, after: backOrForth(sim, ref, before) };
  const former = reflog.get(ref);
  if (former !== undefined && former !== before && random.chance(before === null ? 0.2 : 0.06))
    return { ref, before, after: former };
  if (before === null) return { ref, before, after: sim.commits.make([anyTip(sim, random)]) };
  const parent = sim.commits.parent(before);
  const kind = random.next();
  if (kind < 0.65) return { ref, before, after: sim.commits.make([before]) };
  if (kind < 0.8) return { ref, before, after: sim.commits.make([parent]) };
  if (kind < 0.9 && parent !== null) return { ref, before, after: parent };
  if (ref === 'refs/heads/main') return { ref, before, after: sim.commits.make([before]) };
  return { ref, before, after: null };
}

/** Another one of the few values of this ref, none of which contains another; seldom none. */
function backOrForth(sim: Simulation, ref: RefName, before: Oid | null): Oid | null {
  const { random, commits, options, pool } = sim;
  const first = sim.olds[0]?.refs.values().next().value ?? null;
  const root = first === null ? null : commits.parent(first);
  const values = pool.get(ref) ?? Array.from({ length: options.values }, () => commits.make([root]));
  pool.set(ref, values);
  if (ref !== 'refs/heads/main' && before !== null && random.chance(0.1)) return null;
  return random.pick(values.filter((value) => value !== before));
}

function anyTip(sim: Simulation, random: Random): Oid | null {
  const tips = [...(sim.olds[0]?.refs.values() ?? [])];
  return tips.length === 0 ? null : random.pick(tips);
}
