/**
 * A push to old in `both` or `warn`, where it needs thought: what the shim does not judge, and every answer but a plain
 * success.
 */
import { asFault } from '../contract/errors';
import { printable } from '../contract/printable';
import { ageMs } from '../rules/time';
import { decidePush, staleRefs, type PushRow } from '../rules/decide';
import { timedLine } from '../rules/leasefile';
import { judgePush, judgeState } from './judge';
import { shortRef, showRef } from '../rules/refs';
import type { Fault } from '../contract/views';
import type { World } from '../rules/ports';
import type { Instant, PushAnswer, RefName, Refs } from '../rules/values';
import type { PushLease, PushContext } from '../rules/ports';
import type { Verdict } from '../rules/values';

/** Judges, sends, looks. Throws only before anything was written down as sent. */
export async function sendPush(context: PushContext): Promise<Verdict> {
  const refusal = judgeState(context) ?? (await judgePush(context));
  if (refusal !== null) return refuse(context, refusal);
  const start = context.world.clock.now();
  for (let waitMs = 250; ; waitMs *= 2) {
    const late = judgeState(context);
    if (late !== null) return refuse(context, late);
    if (!noteSending(context)) return refuse(context, unwritten);
    const verdict = await sendOnce(context, start, waitMs).catch((error: unknown) => failedAfter(context, error));
    if (verdict !== null) return verdict;
  }
}

/** Null when GitLab could not be reached, and there is time to try again. */
async function sendOnce(context: PushContext, start: Instant, waitMs: number): Promise<Verdict | null> {
  const { world, updates } = context;
  const answer = await world.git.push(updates, { atomic: true, lock: null });
  if (answer.kind !== 'not-sent') return lookAfter(context, answer);
  const left = world.limits.connectMs - ageMs(world.clock.now(), start);
  if (waitMs > left) return lookAfter(context, answer);
  await world.clock.sleep(waitMs);
  return null;
}

/** We failed, and GitLab may have taken it: the lease stays, marked as sent, as after a lost answer (P6). */
function failedAfter({ world }: PushContext, error: unknown): Verdict {
  const fault = asFault(error);
  world.log.write('push-failed', { ...fault });
  return { accept: false, unknown: true, text: failureWords(fault, true) };
}

/** What a pusher reads where we failed. `mayBeSent`: that nothing was taken is not known. */
export function failureWords({ exit, message }: Fault, mayBeSent: boolean): string {
  const what = exit === 1 ? 'git-handover failed on this server.' : printable(message);
  const next = mayBeSent
    ? 'Whether GitLab took it is unknown: look with `git fetch`.'
    : 'Nothing was taken. Ask the administrator, then push again.';
  return `${what}\n${next}`;
}

export const unwritten =
  'Cannot take this push: it cannot be written down first, the state folder\nof git-handover on this server is full or cannot be written.\nNothing was taken. Ask the administrator, then push again.';

/** False when it cannot be written down: then nothing may be sent. */
function noteSending({ world, lease }: PushContext): boolean {
  try {
    lease.note(timedLine('sent', world.clock.now()), true);
    return true;
  } catch (error) {
    world.log.write('not-written-down', { words: String(error) });
    return false;
  }
}

/** Looks at GitLab's values and chooses the row. What was sent without an answer is never sent again. */
export async function lookAfter(context: PushContext, answer: PushAnswer): Promise<Verdict> {
  const { row, now } = await look(context, answer);
  context.world.log.write('push-looked', {
    answer: answer.kind,
    row,
    refs: context.updates.map(({ ref }) => showRef(ref)),
  });
  return verdicts[row](context, answer, now);
}

async function look(context: PushContext, answer: PushAnswer): Promise<{ row: PushRow; now: Refs | null }> {
  const { world, updates } = context;
  if (answer.kind === 'ok') return { row: 'accept', now: null };
  const start = world.clock.now();
  for (;;) {
    const now = await askGitlab(world);
    const row = decidePush(updates, answer, now);
    if (row !== 'unknown' || isOver(world, start)) return { row, now };
    await world.clock.sleep(500);
  }
}

function isOver(world: World, start: Instant): boolean {
  return ageMs(world.clock.now(), start) >= world.limits.lookMs;
}

async function askGitlab(world: World): Promise<Refs | null> {
  try {
    return (await world.git.gitlabSide()).refs;
  } catch {
    return null;
  }
}

type Ending = (context: PushContext, answer: PushAnswer, now: Refs | null) => Verdict | Promise<Verdict>;

const verdicts: Readonly<Record<PushRow, Ending>> = {
  accept: (context) => {
    noteAnswer(context.lease);
    const refs = firstOf(
      context.updates.map(
        ({ ref, after }) => `${shortRef(ref)} ${after === null ? 'deleted' : `at ${after.slice(0, 8)}`}`,
      ),
    );
    return { accept: true, unknown: false, text: context.say('accepted', { refs }) };
  },
  stale: async (context, _answer, now) => {
    context.lease.refused();
    const stale = now === null ? [] : staleRefs(context.updates, now);
    const refs = names(stale);
    const reason = await context.heal(stale);
    if (reason === null) return { accept: false, unknown: false, text: context.say('stale', { refs }) };
    // Never told to put theirs on top of what GitLab has left.
    const name = alarmOf(context.world) ?? 'staleUnhealed';
    return { accept: false, unknown: false, text: context.say(name, { refs, reason }) };
  },
  declined: (context, answer) => refuse(context, context.say('declined', { reason: wordsOf(answer) || 'no reason' })),
  'not-sent': (context, answer) => {
    const words = wordsOf(answer);
    return refuse(
      context,
      isRefusedAccess(words)
        ? context.say('declined', { reason: words })
        : context.say('unreachable', { reason: words || 'no answer' }),
    );
  },
  unknown: (context) => ({
    accept: false,
    unknown: true,
    text: context.say('unknown', { refs: names(context.updates.map(({ ref }) => ref)) }),
  }),
};

/** A list that cannot be read is for the next pass. */
function alarmOf({ journal }: World): 'stopped' | 'travelled' | null {
  try {
    const kinds = journal.troubles().map(({ kind }) => kind);
    return (['travelled', 'stopped'] as const).find((alarm) => kinds.includes(alarm)) ?? null;
  } catch {
    return null;
  }
}

/** It only informs the next change of phase: GitLab has the push, whatever the disk here says. */
function noteAnswer(lease: PushLease): void {
  try {
    lease.note('answered', false);
  } catch {
    // A change of phase waits for GitLab's longest push then.
  }
}

function refuse(context: PushContext, words: string): Verdict {
  context.lease.refused();
  return { accept: false, unknown: false, text: words };
}

function wordsOf(answer: PushAnswer): string {
  return answer.kind === 'ok' ? '' : answer.words;
}

/**
 * GitLab answered at connect, in its own words: it is there, and it says no. Those of ssh begin with a program's name.
 */
function isRefusedAccess(words: string): boolean {
  return words !== '' && !/^(ssh|kex_|fatal|error|Connection|Host key|mux_|.*Permission denied \()/m.test(words);
}

/** As texts name refs: the first five. */
export function names(refs: readonly RefName[]): string {
  return firstOf(refs.map(shortRef));
}

function firstOf(words: readonly string[]): string {
  const shown = words.slice(0, 5).join(', ');
  return words.length > 5 ? `${shown} and ${words.length - 5} more` : shown;
}
