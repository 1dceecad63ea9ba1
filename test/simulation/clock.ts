/** What a simulated old server takes for the time: of its boot for the agent, of the day for people. */
import type { Instant } from '../../agent/rules/values';
import type { OldServer } from './oldserver';
import type { Simulation } from './simulation';

/** 2026-01-01T00:00:00Z */
const epochMs = 1_767_225_600_000;

export function instantOf(sim: Simulation, old: OldServer): Instant {
  return { boot: old.boot, uptimeMs: Math.round(sim.scheduler.now - old.host.bootedAt) };
}

export function wallOf(sim: Simulation, old: OldServer): string {
  return new Date(epochMs + sim.scheduler.now + old.wallOffset).toISOString();
}
