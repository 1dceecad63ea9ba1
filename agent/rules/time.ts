/** Times that decide: since boot, never by the wall clock. */
import type { Clock } from './ports';
import type { Instant } from './values';

/**
 * How long ago, ms. An instant of another boot is at least as old as this boot: what is asked is how long it can still
 * matter.
 */
export function ageMs(now: Instant, then: Instant): number {
  return now.boot === then.boot ? Math.max(0, now.uptimeMs - then.uptimeMs) : now.uptimeMs;
}

/** Waits for a condition, looking again every `everyMs`; false when `withinMs` passed before it held. */
export async function waitFor(
  clock: Clock,
  withinMs: number,
  everyMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const start = clock.now();
  while (!(await holds())) {
    if (ageMs(clock.now(), start) >= withinMs) return false;
    await clock.sleep(everyMs);
  }
  return true;
}
