/**
 * The values that the worker sends to GitLab: written down before they go, and known as ours when they show up, now or
 * late.
 */
import { ageMs } from '../rules/time';
import type { World } from '../rules/ports';
import type { RefName, Tries, Update } from '../rules/values';

/** Late landings come within GitLab's longest push: the last few values are enough. */
const lateMax = 16;

/** Before a request: should its answer be lost, the next look knows its values as ours, and that it may still land. */
export function beginRequest(world: World, tries: Tries, updates: readonly Update[]): void {
  for (const { ref, after } of updates) tries.sent.set(ref, [...new Set([...(tries.sent.get(ref) ?? []), after])]);
  world.journal.writeTries({ ...tries, unanswered: 'running' });
}

/** Its client has ended. Without an answer it may land until GitLab's longest push is over, like one before it. */
export function endRequest(world: World, tries: Tries, answered: boolean): void {
  tries.unanswered = answered ? tries.unanswered : world.clock.now();
  world.journal.writeTries(tries);
}

/**
 * Under the repository's lock nothing of ours is under way: what was left running has ended by now, nobody knows how.
 */
export function readTries(world: World): Tries {
  const tries = world.journal.tries();
  if (tries.unanswered === 'running') endRequest(world, tries, false);
  return tries;
}

/** True while a request of the worker may still land on GitLab. */
export function mayLand(world: World): boolean {
  const { unanswered } = world.journal.tries();
  if (unanswered === null || unanswered === 'running') return unanswered !== null;
  return ageMs(world.clock.now(), unanswered) < world.limits.longestGitlabPushMs;
}

/** Both sides are level: what was sent before would be a late landing. */
export function retireTries(tries: Tries, ref: RefName): void {
  tries.late.set(ref, [...new Set([...(tries.late.get(ref) ?? []), ...(tries.sent.get(ref) ?? [])])].slice(-lateMax));
  tries.sent.delete(ref);
}
