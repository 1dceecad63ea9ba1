/**
 * The sh part of pre-receive (agent/hook/shims/pre-receive), step by step. What it hands to Node is the agent's own
 * code.
 */
import { lookOnly } from '../../agent/sync/fence';
import { endExpiredHold } from '../../agent/sync/hold';
import { timedLine } from '../../agent/rules/leasefile';
import { refTwice, shortRef } from '../../agent/rules/refs';
import { text } from '../../agent/rules/texts';
import type { PushAnswer, State } from '../../agent/rules/values';
import { instantOf } from './clock';
import { isConnected, isInTheWay } from './gitdoor';
import { note, refuse, writeLease } from './ownlease';
import type { Place } from './place';
import { pause, type Session } from './session';
import type { Activity } from './scheduler';
import { pushToGitlab } from './sending';
import { agentConfig, limits, repositoryConfig } from './simulation';
import { think } from './thinking';
import { openWorld } from './world';

const unwritable =
  'Cannot take this push: it cannot be written down first. Nothing was taken. Ask the administrator, then push again.';

/** True: git goes on. */
export function* preReceive(session: Session): Activity<boolean> {
  const { sim, old, hook } = session;
  yield* pause(sim, hook);
  if (!(yield* writeLease(session)) && old.state.phase !== 'old') return refuse(session, unwritable);
  const state = yield* act(session);
  if (state === null) return false;
  session.epoch = state.epoch;
  if (session.lease === null && state.phase !== 'old') return refuse(session, unwritable);
  if (state.phase === 'refuse' || state.phase === 'retired')
    return refuse(session, text(agentConfig, 'refuse', repositoryConfig(sim, old)));
  if (!(yield* passesFence(session, state))) return false;
  // Judged before the own hooks, which may take their time: what comes in the way meanwhile is not seen.
  const isHard = isUnseen(session, state) || session.updates.some((update) => isInTheWay(old, update));
  if (sim.strikes('hookDeclines')) return refuse(session, 'our rules: ask the administrator, then push again');
  yield* ownHook(session);
  if (state.phase === 'both' || state.phase === 'warn') return yield* forward(session, isHard);
  yield* pause(sim, hook);
  if (session.lease !== null) session.lease.flushed = session.lease.control.length;
  return true;
}

/**
 * A side that travelled takes nothing; after a start of old somebody looks first (9). In the phases that ask GitLab
 * that is for the agent, after the own hooks.
 */
function* passesFence(session: Session, { phase }: State): Activity<boolean> {
  const { sim, old } = session;
  const end = sim.scheduler.now + limits.connectMs;
  for (;;) {
    const { fence } = old.state;
    if (fence === null || phase === 'old') return true;
    if (fence.stopped) return refuseBy(session, 'travelled');
    if (phase !== 'mirror' || fence.seen === old.boot) return true;
    if (!(yield* lookAtFence(session))) return isTakenUnseen() || refuseBy(session, 'unreachable');
    if (sim.scheduler.now > end) return refuseBy(session, 'travelled');
    yield 100;
  }
}

/** GitLab is away: that keeps nobody from pushing to a repository that is old's to answer for. */
function isTakenUnseen(): boolean {
  return limits.mirrorAfterRestart !== 'refuse';
}

function refuseBy(session: Session, name: 'travelled' | 'unreachable'): boolean {
  return refuse(session, text(agentConfig, name, repositoryConfig(session.sim, session.old), { reason: 'no answer' }));
}

/** `agent.cjs look`, a process of its own that the hook waits for. False: GitLab gave no answer. */
function* lookAtFence({ sim, old, hook }: Session): Activity<boolean> {
  const agent = sim.scheduler.process(`look for ${hook.name}`, old.host);
  const box = { answered: false };
  sim.scheduler.spawn(
    agent,
    () => lookOnly(openWorld(sim, old, agent)),
    (outcome) => {
      box.answered = outcome !== null && !('error' in outcome);
    },
  );
  while (agent.alive) yield 5;
  return box.answered;
}

/** The repository's own pre-receive may take its time: a scan, a slow disk. */
function* ownHook(session: Session): Activity {
  if (!session.sim.strikes('stalls')) return;
  session.stalledMs = session.sim.random.between(5_000, 60_000);
  yield session.stalledMs;
}

/** The state by whose rules this push goes on; null when it was refused. A hold is waited for. */
function* act(session: Session): Activity<State | null> {
  const { sim, hook } = session;
  for (;;) {
    yield* pause(sim, hook);
    const { state } = session.old;
    yield* pause(sim, hook);
    if (state.hold === null && state.fence?.gate !== true)
      return note(session, `act ${state.epoch} ${state.phase}`) || (session.lease === null && state.phase === 'old')
        ? state
        : refused(session, unwritable);
    const words = yield* letPass(session, state);
    if (words !== null) return refused(session, words);
  }
}

/** Null when what holds pushes is over, else why this one is refused. */
function* letPass(session: Session, state: State): Activity<string | null> {
  if (state.fence?.gate === true) return yield* waitForGate(session);
  return isOver(session, state) ? yield* endHold(session) : yield* waitForHold(session);
}

const waitsMax = ((limits.holdMs + limits.longestGitlabPushMs) / 1000) * 20 + 100;
const tooLong =
  'This repository is being moved to its next phase, which takes longer than it should. Nothing was taken. Push again in a minute.';

/** Null when the hold is over, else why the push is refused. */
function* waitForHold(session: Session): Activity<string | null> {
  if (!note(session, 'wait')) return unwritable;
  for (let now = session.old.state; now.hold !== null && !isOver(session, now); now = session.old.state) {
    session.waits += 1;
    if (session.waits > waitsMax) return tooLong;
    yield 100;
  }
  return note(session, timedLine('enter', instantOf(session.sim, session.old))) ? null : unwritable;
}

/** A change of phase is not over before GitLab has its fence; whoever finds it unfinished finishes it. */
function* waitForGate(session: Session): Activity<string | null> {
  if (!note(session, 'wait')) return unwritable;
  while (session.old.state.fence?.gate === true) {
    session.waits += 1;
    if (session.waits > waitsMax) return tooLong;
    yield 100;
  }
  return note(session, timedLine('enter', instantOf(session.sim, session.old))) ? null : unwritable;
}

function refused(session: Session, words: string): null {
  refuse(session, words);
  return null;
}

function isOver({ sim, old }: Session, { hold }: State): boolean {
  if (hold === null) return true;
  const { boot, uptimeMs } = instantOf(sim, old);
  return (
    hold.boot !== boot ||
    uptimeMs >= hold.endUptimeMs ||
    ![...old.host.processes].some(({ pid }) => hold.id.startsWith(`${pid}.`))
  );
}

/** `agent.cjs end-hold`, a process of its own that the hook waits for. */
function* endHold({ sim, old, hook }: Session): Activity<null> {
  const agent = sim.scheduler.process(`end-hold for ${hook.name}`, old.host);
  sim.scheduler.spawn(agent, () => endExpiredHold(openWorld(sim, old, agent)));
  while (agent.alive) yield 5;
  return null;
}

/** Once, to GitLab. Anything but a plain success is the agent's to look at. */
function* forward(session: Session, isHard: boolean): Activity<boolean> {
  const { sim, hook, updates } = session;
  yield* pause(sim, hook);
  const tips = updates.flatMap(({ after }) => after ?? []);
  if (isHard || isOdd(session) || !isConnected(placeOf(session), tips)) return yield* think(session, null);
  if (!note(session, timedLine('sent', instantOf(sim, session.old)))) return refuse(session, unwritable);
  yield* pause(sim, hook);
  if (session.lease !== null) session.lease.flushed = session.lease.control.length;
  yield* pause(sim, hook);
  const answer = yield* push(session);
  if (answer.kind !== 'ok') return yield* think(session, answer);
  note(session, 'answered');
  session.forwarded = true;
  session.words = `GitLab has ${updates.map(({ ref, after }) => `${shortRef(ref)} ${after === null ? 'deleted' : `at ${after.slice(0, 8)}`}`).join(', ')}.`;
  return true;
}

/** As the hook read the state when it acted. */
function isUnseen({ old }: Session, { fence }: State): boolean {
  return fence !== null && fence.seen !== old.boot;
}

/** Share of pushes that the common path does not judge for other reasons, such as a name that sh cannot hold. */
export const oddShare = 0.1;

/** What the common path does not judge itself. */
function isOdd({ sim, old, updates }: Session): boolean {
  const [makes, deletes] = [updates.some(({ before }) => before === null), updates.some(({ after }) => after === null)];
  const deletesHead = updates.some(({ ref, after }) => after === null && ref === old.head);
  const isPlain = updates.length <= 3 && refTwice(updates) === null;
  return !isPlain || deletesHead || (makes && deletes) || sim.random.chance(oddShare);
}

function placeOf({ sim, old, hook, quarantine, id, epoch }: Session): Place {
  return { sim, old, process: hook, quarantine, serves: { push: id, epoch: epoch ?? 0 } };
}

/** `git push`, a process of its own: it goes on when the hook dies. */
function* push(session: Session): Activity<PushAnswer> {
  const { sim, old, hook, updates } = session;
  const box: { answer: PushAnswer | null } = { answer: null };
  const git = sim.scheduler.process(`git of ${hook.name}`, old.host);
  sim.scheduler.play(git, pushToGitlab(placeOf(session), updates, true), (answer) => void (box.answer = answer));
  while (git.alive) yield 2;
  return box.answer ?? { kind: 'no-answer', words: '' };
}
