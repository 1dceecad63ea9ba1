/** Requests of pushers that GitLab never answered: until when they may still land there. */
import { ageMs } from '../rules/time';
import type { World } from '../rules/ports';
import type { Lease } from '../rules/values';

/** Sent to GitLab, and its processes died, or gave up, before they knew the outcome. */
export function isUnanswered(lease: Lease): boolean {
  return !lease.live && lease.sent !== null && !lease.answered && lease.landed === null;
}

/**
 * GitLab's longest push counts from the end of the client, which nobody may have seen: a hook that was killed leaves
 * its git push behind. So it counts from the first look that finds the client gone, and that look writes it down.
 */
export function mayStillLand(world: World, lease: Lease): boolean {
  if (!isUnanswered(lease) || lease.sent === null) return false;
  if (lease.gone) return ageMs(world.clock.now(), lease.sent) < world.limits.longestGitlabPushMs;
  if (!world.isSending(lease)) world.noteGone(lease);
  return true;
}
