/** Times that decide: since boot, never by the wall clock. */
import type { Clock } from './ports';
import type { Instant, PassEnd } from './values';

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

/** As `last-pass` and `unhooked` keep a time: `<ISO time> <boot> <ms since boot>`. */
export function printPassEnd({ wall, at }: PassEnd & { readonly at: Instant }): string {
  return `${wall} ${at.boot} ${at.uptimeMs}\n`;
}

/** Null for anything that is no time. An older version wrote the ISO time alone. */
export function parsePassEnd(text: string): PassEnd | null {
  const [wall = '', boot, uptimeMs] = text.trim().split(' ');
  if (Number.isNaN(Date.parse(wall))) return null;
  const isWhole = boot !== undefined && uptimeMs !== undefined && /^\d{1,15}$/.test(uptimeMs);
  return { wall, at: isWhole ? { boot, uptimeMs: Number(uptimeMs) } : null };
}

/**
 * How long ago something lasting was, ms: exactly within one boot, whatever the clock did; else by the clock, and what
 * lies ahead of it is as young as can be.
 */
export function agoMs({ wall, at }: PassEnd, clock: Clock): number {
  const now = clock.now();
  if (at !== null && at.boot === now.boot) return ageMs(now, at);
  return Math.max(0, Date.parse(clock.wall()) - Date.parse(wall));
}

/** How long ago it was at least, ms. */
export function sincePassMs({ wall, at }: PassEnd, clock: Clock): number {
  return at === null ? Math.max(0, Date.parse(clock.wall()) - Date.parse(wall)) : ageMs(clock.now(), at);
}
