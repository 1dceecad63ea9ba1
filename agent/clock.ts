/** Boot id and uptime from Linux: wall clocks jump, uptime does not. */
import { readFileSync } from 'node:fs';
import type { Clock, Instant } from './world';

/** The lab stands in for a reboot by naming another file; the shims honour the same variable. */
const bootIdFile = (): string => process.env['GIT_HANDOVER_BOOT_ID_FILE'] ?? '/proc/sys/kernel/random/boot_id';

export const systemClock: Clock = {
  now(): Instant {
    const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
    return { boot: readFileSync(bootIdFile(), 'utf8').trim(), uptimeMs: Math.round(Number(seconds) * 1000) };
  },
  wall: () => new Date().toISOString(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** How long ago, ms. An instant of another boot is at least as old as this boot: what is asked is how long it can still matter. */
export function ageMs(now: Instant, then: Instant): number {
  return now.boot === then.boot ? Math.max(0, now.uptimeMs - then.uptimeMs) : now.uptimeMs;
}

/** Waits for a condition, looking again every `everyMs`; false when `withinMs` passed before it held. */
export async function waitFor(clock: Clock, withinMs: number, everyMs: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const start = clock.now();
  while (!(await holds())) {
    if (ageMs(clock.now(), start) >= withinMs) return false;
    await clock.sleep(everyMs);
  }
  return true;
}
