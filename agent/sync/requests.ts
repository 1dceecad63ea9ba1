/**
 * Requests to GitLab that had no answer: of the mirror pass and of pushers alike, each may land until GitLab's longest
 * push is over, counted from the end of its client. Questions come first; the verbs below say what they write.
 */
import { ageMs } from '../rules/time';
import type { World } from '../rules/ports';
import type { Instant, Lease, RefName, Tries, Update } from '../rules/values';

/** When its client was seen to be gone; `running` while nobody has; null when nothing may come of it any more. */
type Unanswered = Instant | 'running' | null;

/** True while a request of the mirror pass, or of a person who settles, may still land on GitLab. */
export function ownMayLand(world: Timed & { readonly journal: Pick<World['journal'], 'tries'> }): boolean {
  return mayLand(world, world.journal.tries().unanswered);
}

/** What the question needs: the time, and how long GitLab's longest push takes. */
type Timed = Pick<World, 'clock'> & { readonly limits: Pick<World['limits'], 'longestGitlabPushMs'> };

/** True while the request of this push may still land on GitLab. */
export function pushMayLand(world: Timed, lease: Lease): boolean {
  return mayLand(world, unansweredOf(lease));
}

function mayLand(world: Timed, request: Unanswered): boolean {
  if (request === null || request === 'running') return request !== null;
  return ageMs(world.clock.now(), request) < world.limits.longestGitlabPushMs;
}

/** Sent to GitLab, and its processes died, or gave up, before they knew the outcome. */
function unansweredOf(lease: Lease): Unanswered {
  if (lease.live || lease.sent === null || lease.answered || lease.landed !== null) return null;
  return lease.gone ? lease.sent : 'running';
}

/**
 * Writes into each lease whose client is gone, and nobody wrote it down, that it is gone as of now. Nobody may have
 * seen its end: a hook that was killed leaves its git push behind. So GitLab's longest push counts from the first look
 * that finds it gone.
 */
export function noteGoneClients(world: Pick<World, 'isSending' | 'noteGone'>, leases: readonly Lease[]): void {
  const running = leases.filter((lease) => unansweredOf(lease) === 'running');
  running.filter((lease) => !world.isSending(lease)).forEach((lease) => world.noteGone(lease));
}

/** Should the answer to a request be lost, or ours to what goes before it, the next look knows its values as ours. */
export function noteTries(world: World, tries: Tries, updates: readonly Update[]): void {
  addTries(tries, updates);
  world.journal.writeTries(tries);
}

/** Before a request: it may still land from now on, and its values are noted. */
export function beginRequest(world: World, tries: Tries, updates: readonly Update[]): void {
  addTries(tries, updates);
  world.journal.writeTries({ ...tries, unanswered: 'running' });
}

function addTries(tries: Tries, updates: readonly Update[]): void {
  for (const { ref, after } of updates) tries.sent.set(ref, [...new Set([...(tries.sent.get(ref) ?? []), after])]);
}

/** Its client has ended. Without an answer it may land until GitLab's longest push is over, like one before it. */
export function endRequest(world: World, tries: Tries, answered: boolean): void {
  tries.unanswered = answered ? tries.unanswered : world.clock.now();
  world.journal.writeTries(tries);
}

/**
 * Under the repository's lock nothing of ours is under way: what was left running has ended by now, nobody knows how,
 * and that is written down. Answers what was tried.
 */
export function endLeftRequest(world: World): Tries {
  const tries = world.journal.tries();
  if (tries.unanswered === 'running') endRequest(world, tries, false);
  return tries;
}

/** Late landings come within GitLab's longest push: the last few values are enough. */
const lateMax = 16;

/** Both sides are level: what was sent before would be a late landing. Writes nothing down yet. */
export function retireTries(tries: Tries, ref: RefName): void {
  tries.late.set(ref, [...new Set([...(tries.late.get(ref) ?? []), ...(tries.sent.get(ref) ?? [])])].slice(-lateMax));
  tries.sent.delete(ref);
}
