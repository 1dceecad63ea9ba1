/**
 * The operator: moves repositories from phase to phase as the stacks do, forward and back, and settles what needs a
 * person.
 */
import { asFault } from '../../agent/contract/errors';
import { changePhase } from '../../agent/sync/phasechange';
import { closesGitlab, legalMoves, phaseTable, type Phase } from '../../agent/contract/phase';
import { allRefs, planGiveBack } from '../../agent/rules/stopped';
import { caseOf } from '../../agent/sync/case';
import { keepGitlab, keepOld } from '../../agent/sync/settle';
import { giveBackStopped, letPassThrough, lookAtStopped } from '../../agent/sync/stopped';
import type { Oid, Trouble } from '../../agent/rules/values';
import { runAgent, underLock } from './agentcall';
import { mendGitlab } from './gitlabbreaks';
import { clientProcess } from './oldpush';
import { isCalm } from './options';
import { isFollower, settleTravelled } from './rejoining';
import type { OldServer } from './oldserver';
import type { Random } from '../random';
import type { Activity, Outcome } from './scheduler';
import { limits, shortRef, type Simulation } from './simulation';
import { short } from './commits';

const lockMs = 10_000;
/** A move that takes longer has hung, ms. */
const moveMs = limits.holdMs * 4 + limits.leaseMs + limits.longestGitlabPushMs * 2 + 120_000;

/**
 * With nothing wrong: access is lowered, GitLab's longest push is waited for then, once for pushes without an answer,
 * and once more under the hold; passes in between.
 */
const calmMoveMs = limits.holdMs + limits.longestGitlabPushMs * 3 + 12_000;

export function startOperator(sim: Simulation): void {
  sim.scheduler.play(clientProcess(sim, 'operator'), operate(sim, sim.random.fork()));
}

function* operate(sim: Simulation, random: Random): Activity {
  while (sim.faulty) {
    yield random.between(sim.options.moveEveryMs * 0.3, sim.options.moveEveryMs * 1.7);
    const old = random.pick(sim.olds);
    yield* settleTroubles(sim, old, random);
    const to = random.pick(openMoves(sim, old));
    yield* moveTo(sim, old, to);
  }
}

/**
 * Retiring renames folders, which this world has not. Of several old servers all but one are `refuse` while GitLab is
 * closed.
 */
function openMoves(sim: Simulation, old: OldServer): readonly Phase[] {
  const others = sim.olds.filter((other) => other !== old).map(({ state }) => state.phase);
  const fits = (to: Phase): boolean =>
    others.every((phase) => (phaseTable[to].gitlabOpen ? phaseTable[phase].gitlabOpen : phase === 'refuse'));
  const allowed = legalMoves(old.state.phase).filter((to) => to !== 'retired' && to !== 'old' && fits(to));
  return allowed.length === 0 ? [old.state.phase] : allowed;
}

/** In the order of the stacks: GitLab opens after old has switched, and closes before. Answers whether it arrived. */
export function* moveTo(sim: Simulation, old: OldServer, to: Phase): Activity<boolean> {
  // Pulumi lets one move in at a time.
  while (sim.moving) yield 20;
  sim.moving = true;
  const arrived = yield* moveAlone(sim, old, to);
  sim.moving = false;
  return arrived;
}

function* moveAlone(sim: Simulation, old: OldServer, to: Phase): Activity<boolean> {
  const from = old.state.phase;
  const began = sim.scheduler.now;
  sim.tell(`the operator moves ${old.name} from ${from} to ${to}`);
  if (closesGitlab(from, to)) yield* close(sim);
  const outcome = yield* change(sim, old, to);
  sim.waits.push({
    what: `a move of ${old.name} from ${from} to ${to}`,
    began,
    ended: sim.scheduler.now,
    limitMs: moveMs,
  });
  const arrived = old.state.phase === to;
  // Pushes alone keep no move from arriving, whatever is pushed, unless they took so much away on GitLab that a person
  // must look at it, or took away at once what others had just pushed through old.
  const isStopped = old.troubles.some(({ kind }) => kind === 'stopped' || kind === 'doubtful');
  if ((arrived || !isStopped) && isCalm(sim.options))
    sim.waits.push({
      what: `a move of ${old.name} from ${from} to ${to} with nothing wrong`,
      began,
      ended: arrived ? sim.scheduler.now : null,
      limitMs: calmMoveMs,
      isMove: true,
    });
  if (outcome === null) sim.tell('the move was killed');
  else if ('error' in outcome) sim.tell(`the move failed: ${asFault(outcome.error).message}`);
  if (sim.olds.every(({ state }) => phaseTable[state.phase].gitlabOpen)) openGitlab(sim);
  return arrived;
}

function openGitlab(sim: Simulation): void {
  if (!sim.gitlab.open) sim.tell('gitlab opens to people');
  sim.gitlab.open = true;
}

/** Access goes, then what GitLab let in must be over. */
function* close(sim: Simulation): Activity {
  yield sim.random.between(0, 1_000);
  sim.gitlab.open = false;
  sim.tell('gitlab closes to people');
  yield limits.longestGitlabPushMs;
}

function* change(sim: Simulation, old: OldServer, to: Phase): Activity<Outcome<unknown> | null> {
  const consent = { abandon: to === 'old', unhookedWriters: true, endOlderPushes: false };
  return yield* runAgent(sim, old, (world) => changePhase(world, { to, consent, progress: () => undefined }));
}

/** What a person does with what status lists; sometimes nothing. */
export function* settleTroubles(sim: Simulation, old: OldServer, random: Random): Activity {
  const follows = isFollower(sim, old);
  for (const trouble of [...old.troubles]) {
    // They stop nothing; and the aliases of this world stay, to be found where one was written.
    if (trouble.kind === 'aliased' || random.chance(0.2)) continue;
    if (trouble.kind === 'travelled') yield* settleTravelled(sim, old, random);
    else if (follows) continue;
    else if (trouble.ref === 'refs/') yield* settleStopped(sim, old, random);
    else yield* settleOne(sim, old, { trouble, keep: random.chance(0.5) ? 'old' : 'gitlab' });
  }
}

interface Decision {
  readonly trouble: Trouble;
  readonly keep: 'old' | 'gitlab';
}

/** `npm run resolve`. */
function* settleOne(sim: Simulation, old: OldServer, { trouble, keep }: Decision): Activity {
  const box: { decided: { value: Oid | null } | null } = { decided: null };
  const outcome = yield* runAgent(sim, old, async (world) => {
    const lock = await world.journal.lock(lockMs);
    if (lock === null) return;
    try {
      const found = await caseOf(world, trouble);
      if (found.gitlab !== null && (await world.git.missing([found.gitlab])).size > 0)
        await world.git.fetch([trouble.ref], lock);
      box.decided = { value: keep === 'old' ? found.oldOffered : found.gitlab };
      const isMoved = (old.refs.get(trouble.ref) ?? null) !== found.old;
      const known = sim.truthOf(trouble.ref);
      // A push that came meanwhile counts more.
      if (keep === 'gitlab') sim.decides(trouble.ref, sim.gitlab.refs.get(trouble.ref) ?? null);
      else if (!isMoved) sim.decides(trouble.ref, box.decided.value);
      const values = (): string => JSON.stringify([old, sim.gitlab].map(({ refs }) => refs.get(trouble.ref) ?? null));
      const before = values();
      await (keep === 'old' ? keepOld : keepGitlab)(world, found, lock).catch((thrown: unknown) => {
        // Refused, and nothing came of it.
        if (known !== undefined && values() === before) sim.decides(trouble.ref, known);
        throw thrown;
      });
    } finally {
      lock.release();
    }
  });
  if (box.decided === null) return;
  sim.facts.push({
    kind: 'settled',
    at: sim.scheduler.now,
    ref: trouble.ref,
    value: box.decided.value,
    done: outcome !== null && 'value' in outcome,
  });
  sim.tell(
    `the operator keeps ${keep}'s ${short(box.decided.value)} of ${shortRef(trouble.ref)} on ${old.name}, which is ${trouble.kind}: ${outcome === null ? 'killed' : 'value' in outcome ? 'done' : asFault(outcome.error).message}`,
  );
}

/** GitLab is right, or it is mended from what old has. */
function* settleStopped(sim: Simulation, old: OldServer, random: Random): Activity {
  if (random.chance(0.3)) {
    sim.facts.push({ kind: 'settled', at: sim.scheduler.now, ref: 'refs/', value: null, done: false });
    sim.gitlab.refs.forEach((value, ref) => sim.decides(ref, value));
    sim.tell(`the operator lets the stopped pass of ${old.name} through`);
    yield* runAgent(sim, old, (world) => underLock(world, async (lock) => void (await letPassThrough(world, lock))));
    return;
  }
  if (random.chance(0.5)) yield* giveBackAll(sim, old, random.chance(0.5));
  else mendGitlab(sim);
}

/** GitLab gets back what old has; `named`: also where somebody pushed to GitLab since. */
function* giveBackAll(sim: Simulation, old: OldServer, named: boolean): Activity {
  const outcome = yield* runAgent(sim, old, (world) =>
    underLock(world, async (lock) => {
      const look = await lookAtStopped(world, lock);
      const all = new Set([allRefs, ...(named ? look.missed.map(({ ref }) => ref) : [])]);
      const plan = planGiveBack(look.missed, all);
      if (plan.kind !== 'send') return;
      for (const { ref, after } of plan.send) sim.decides(ref, after);
      for (const { ref, after } of plan.send)
        sim.facts.push({ kind: 'settled', at: sim.scheduler.now, ref, value: after, done: false });
      sim.tell(`the operator gives ${plan.send.length} refs back to GitLab from ${old.name}`);
      await giveBackStopped(world, look, plan.send, lock);
    }),
  );
  if (outcome === null || 'error' in outcome) sim.tell('giving back was cut off');
}
