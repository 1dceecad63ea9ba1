/** A push to old, as its client and git's receive-pack see it. The hook is shim.ts. */
import type { Refs, Update } from '../../agent/rules/values';
import { printControl } from '../../agent/rules/leasefile';
import { inTheWay, printUpdate, refTwice } from '../../agent/rules/refs';
import { short } from './commits';
import { changeRef, fits } from './gitdoor';
import type { OldServer } from './oldserver';
import { Host, type Activity, type Process } from './scheduler';
import { preReceive } from './shim';
import { limits, type Simulation } from './simulation';
import { wake } from './wakeups';
import { type Attempt, type Session, pause } from './session';

const people = new Host('people');

/** The longest that a push may take, ms: a hold, GitLab's deadlines, a heal, and slow answers in between. */
const pushMs =
  (limits.holdMs + limits.longestGitlabPushMs) * 3 + 10_000 + limits.connectMs + limits.lookMs + 10_000 + 45_000;

/** Runs until the client has read an end, or was cut off. */
export function* pushToOld(sim: Simulation, old: OldServer, attempt: Attempt): Activity {
  const began = sim.scheduler.now;
  yield sim.latency();
  // The folder is not there: git says so, and nothing of ours runs.
  if (old.state.phase === 'retired') return;
  const shown = attempt.updates.every(({ ref, before }) => (old.refs.get(ref) ?? null) === before);
  if (!shown) return;
  const session = openSession(sim, old, attempt);
  const note = (outcome: 'ok' | 'fail' | 'info', updates: readonly Update[], words: string): void => {
    if (updates.length > 0)
      sim.pushes.push({
        id: session.id,
        who: attempt.who,
        server: old.name,
        updates,
        began,
        ended: outcome === 'info' ? null : sim.scheduler.now,
        outcome,
        words,
        ...(session.alone ? { byGitAlone: true } : {}),
      });
    if (updates.length > 0)
      sim.tell(
        `push #${session.id} of ${attempt.who} is told ${outcome}${words === '' ? '' : `: ${words.split('\n')[0] ?? ''}`}`,
      );
  };
  const cutAt = sim.strikes('cutClient') ? sim.scheduler.now + sim.random.between(5, 3_000) : Infinity;
  while (
    session.failed === null &&
    session.receivePack.alive &&
    sim.scheduler.now < cutAt &&
    sim.scheduler.now - began < (pushMs + session.stalledMs) * 2
  )
    yield 5;
  const { failed, words } = session;
  sim.waits.push({
    what: `push #${session.id} to ${old.name}`,
    began,
    ended: sim.scheduler.now,
    limitMs: pushMs + session.stalledMs,
  });
  if (failed === null || sim.scheduler.now >= cutAt) return note('info', attempt.updates, 'cut off');
  const done = attempt.updates.filter((update) => !failed.includes(update));
  note('ok', done, words);
  note(isUnknown(session, failed) ? 'info' : 'fail', failed, words || 'cannot lock ref: fetch first');
}

function isUnknown({ accepted, hook, words, forwarded }: Session, failed: readonly Update[]): boolean {
  return (accepted === null && !hook.alive) || /is unknown/.test(words) || (forwarded && failed.length > 0);
}

function openSession(sim: Simulation, old: OldServer, { who, updates, atomic, isUnanswered }: Attempt): Session {
  const id = sim.newPush();
  if (isUnanswered === true) sim.unanswered.add(id);
  const receivePack = sim.scheduler.process(`receive-pack of #${id}`, old.host);
  const hook = sim.scheduler.process(`hook of #${id}`, old.host);
  const known = sim.commits.closure(old.refs.values());
  const quarantine = new Set(
    [...sim.commits.closure(updates.map(({ after }) => after))].filter((oid) => !known.has(oid)),
  );
  const session: Session = {
    sim,
    old,
    id,
    updates,
    quarantine,
    receivePack,
    hook,
    lease: null,
    epoch: null,
    words: '',
    waits: 0,
    stalledMs: 0,
    accepted: null,
    alone: false,
    forwarded: false,
    failed: null,
  };
  sim.tell(
    `push #${id} of ${who} to ${old.name}: ${updates.map((update) => printShort(update)).join(', ')}${atomic ? ', atomic' : ''}`,
  );
  sim.begun.push({ server: old.name, receivePack, updates });
  sim.scheduler.play(receivePack, receive(session, atomic));
  return session;
}

function printShort({ ref, before, after }: Update): string {
  return `${ref.replace('refs/heads/', '')} ${short(before)} → ${short(after)}`;
}

/** The client's process; it never dies with a server. */
export function clientProcess(sim: Simulation, name: string): Process {
  return sim.scheduler.process(name, people);
}

function* receive(session: Session, atomic: boolean): Activity {
  const { sim, receivePack, hook, updates } = session;
  yield* pause(sim, receivePack);
  if (session.old.hooksLost !== null) return yield* takeAlone(session, atomic);
  sim.scheduler.play(hook, preReceive(session), (accepted) => void (session.accepted = accepted));
  while (session.accepted === null && hook.alive) yield 3;
  // A hook that was killed has declined, for git.
  if (session.accepted !== true) return tellAll(session, updates);
  yield* pause(sim, receivePack);
  session.quarantine.forEach((oid) => session.old.store.add(oid));
  const failed = atomic ? yield* applyTogether(session) : yield* applyEach(session);
  yield* pause(sim, receivePack);
  tellAll(session, failed);
  yield* postReceive(
    session,
    updates.filter((update) => !failed.includes(update)),
  );
}

/** As on any other server: nothing is asked and nothing is written down. Its pusher reads ok. */
function* takeAlone(session: Session, atomic: boolean): Activity {
  session.hook.end();
  session.alone = true;
  session.accepted = true;
  session.quarantine.forEach((oid) => session.old.store.add(oid));
  tellAll(session, atomic ? yield* applyTogether(session) : yield* applyEach(session));
}

function tellAll(session: Session, failed: readonly Update[]): void {
  session.failed = failed;
}

function* applyEach(session: Session): Activity<Update[]> {
  const failed: Update[] = [];
  for (const update of inOrder(session.updates)) {
    yield* pause(session.sim, session.receivePack);
    if (!apply(session, update)) failed.push(update);
  }
  return failed;
}

/** As git's client sends them: what is there already, by name, and then what is new. */
function inOrder(updates: readonly Update[]): readonly Update[] {
  const there = updates.filter(({ before }) => before !== null);
  return [...there.sort((a, b) => (a.ref < b.ref ? -1 : 1)), ...updates.filter(({ before }) => before === null)];
}

function* applyTogether(session: Session): Activity<readonly Update[]> {
  yield* pause(session.sim, session.receivePack);
  if (!fitTogether(session)) return session.updates;
  session.updates.forEach((update) => apply(session, update));
  return [];
}

/** One transaction: names that it makes may not be in each other's way. */
function fitTogether({ old, updates }: Session): boolean {
  const made: Refs = new Map(old.refs);
  if (refTwice(updates) !== null) return false;
  return updates.every((update) => {
    const fits = isTaken(old, update) && (update.after === null || inTheWay(made, update.ref) === null);
    if (update.after !== null) made.set(update.ref, update.after);
    return fits;
  });
}

/** Git deletes no branch that HEAD names (receive.denyDeleteCurrent); the hook has been by then. */
function isTaken(old: OldServer, update: Update): boolean {
  return fits(old, update) && !(update.after === null && update.ref === old.head);
}

function apply({ sim, old, id, epoch, lease }: Session, update: Update): boolean {
  const done = isTaken(old, update) && changeRef(old, update);
  if (done) sim.applied(old.name, update, { push: id, epoch });
  // In `old` a push goes on when it cannot be written down: for the agent somebody wrote without a hook.
  if (done && lease === null) sim.facts.push({ kind: 'wrote', at: sim.scheduler.now, server: old.name, update });
  return done;
}

/** A process of its own; receive-pack waits for it. Its list and the end of the lease are two writes. */
function* postReceive(session: Session, landed: readonly Update[]): Activity {
  const { sim, old } = session;
  if (landed.length === 0 || old.hooksLost !== null) return;
  const hook = sim.scheduler.process(`post-receive of #${session.id}`, old.host);
  sim.scheduler.play(hook, endLease(session, hook, landed));
  while (hook.alive) yield 3;
}

function* endLease({ sim, old, lease }: Session, process: Process, landed: readonly Update[]): Activity {
  yield* pause(sim, process);
  const open = lease !== null && old.leases.has(lease.id) ? lease : null;
  const fails = (): boolean => old.diskFull || sim.strikes('writeFails');
  if (open === null || fails()) return;
  open.landed = landed.map((update) => `${printUpdate(update)}\n`).join('');
  yield* pause(sim, process);
  if (fails()) return;
  open.control += printControl('ended');
  yield* pause(sim, process);
  if (old.state.phase === 'mirror' || old.state.fence !== null || old.skipped) wake(sim, old);
}
