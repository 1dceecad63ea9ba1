/** Boot id and uptime from Linux: wall clocks jump, uptime does not. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../rules/ports';
import type { Instant } from '../rules/values';

/** Where the lab stands in for a reboot, its own build has another file here (test/lab/bootable.ts). */
const bootIdFile = '/proc/sys/kernel/random/boot_id';

export const systemClock: Clock = {
  now(): Instant {
    const [seconds = '0'] = readFileSync('/proc/uptime', 'utf8').split(' ');
    return { boot: readFileSync(bootIdFile, 'utf8').trim(), uptimeMs: Math.round(Number(seconds) * 1000) };
  },
  wall: () => new Date().toISOString(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
