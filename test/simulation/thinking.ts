/** What the shim hands to Node: the agent's own code, in the process of the hook. */
import { asFault } from '../../agent/contract/errors';
import { healRefs } from '../../agent/sync/pass';
import { failureWords, lookAfter, sendPush } from '../../agent/sync/push';
import type { PushContext, PushLease } from '../../agent/rules/ports';
import { text } from '../../agent/rules/texts';
import type { PushAnswer, RefName, Verdict } from '../../agent/rules/values';
import { note, refuse } from './ownlease';
import { enter } from './place';
import type { Activity } from './scheduler';
import type { Session } from './session';
import { agentConfig, healMs, repositoryConfig } from './simulation';
import { openWorld } from './world';

/** The hook becomes the agent: `push <state> <lease> check` or `look-…`. */
export function* think(session: Session, answer: PushAnswer | null): Activity<boolean> {
  const { sim } = session;
  const box: { verdict: Verdict | null } = { verdict: null };
  const context = contextOf(session);
  const work = (): Promise<Verdict> =>
    answer === null || answer.kind === 'not-sent' ? sendPush(context) : lookAfter(context, answer);
  sim.scheduler.think(
    session.hook,
    work,
    (outcome) => void (box.verdict = 'value' in outcome ? outcome.value : failed(outcome.error, answer === null)),
  );
  while (box.verdict === null) yield 3;
  session.words = box.verdict.text;
  session.forwarded = box.verdict.accept;
  return box.verdict.accept;
}

function failed(error: unknown, nothingSent: boolean): Verdict {
  return { accept: false, unknown: !nothingSent, text: failureWords(asFault(error), !nothingSent) };
}

function contextOf(session: Session): PushContext {
  const { sim, old, hook, updates, quarantine, id, epoch } = session;
  return {
    world: openWorld(sim, old, hook, { quarantine, serves: { push: id, epoch: epoch ?? 0 } }),
    updates,
    lease: leaseFile(session),
    epoch,
    say: (name, fields) => text(agentConfig, name, repositoryConfig(sim, old), fields),
    heal: (refs) => heal(session, refs),
  };
}

function leaseFile(session: Session): PushLease {
  return {
    note: (line, flush) => {
      enter(session.sim, session.hook);
      if (!note(session, line)) throw new Error('no space left on device');
      if (flush && session.lease !== null) session.lease.flushed = session.lease.control.length;
    },
    refused: () => {
      enter(session.sim, session.hook);
      refuse(session, '');
    },
  };
}

/** A fresh process outside the quarantine, waited for within a limit. */
function heal({ sim, old, hook }: Session, refs: readonly RefName[]): Promise<string | null> {
  const agent = sim.scheduler.process(`heal for ${hook.name}`, old.host);
  return new Promise((resolve) => {
    const answer = (words: string | null): void => void (hook.alive && resolve(words));
    sim.scheduler.spawn(
      agent,
      () => healRefs(openWorld(sim, old, agent), refs, healMs),
      (outcome) => {
        if (outcome === null) answer('the pass ended with null.');
        else answer('value' in outcome ? outcome.value : asFault(outcome.error).message);
      },
    );
    sim.scheduler.after(healMs, () => answer('it takes longer than it should.'), true);
  });
}
