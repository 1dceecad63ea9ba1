/**
 * What the files of one lease say. The shims write them, line by line. Pure.
 *   control   `enter <uptime s>`, `wait`, `act <epoch> <phase>`, `from <who> at <address>`, `sent <uptime s>`, `answered`, `updated`, `ended`, `refused`
 *   refs      its records, `before after ref` a line, whole once `enter` is written
 *   landed    what post-receive listed, whole once `ended` is written
 */
import { isPhase } from './phase';
import { parseUpdate } from './refs';
import type { Instant, Lease, LeaseStage, Update } from './world';

export interface LeaseParts {
  readonly id: string;
  /** The boot that its processes belong to. */
  readonly boot: string;
  /** Those of its processes that live. */
  readonly pids: readonly number[];
  readonly control: string;
  readonly refs: () => string;
  readonly landed: () => string;
}

/** `refused`: a refused push leaves no witness. */
export function leaseFrom({ id, boot, pids, control, refs, landed }: LeaseParts, now: Instant): Lease | 'refused' {
  const lines = control.split('\n').slice(0, -1);
  if (lines.includes('refused')) return 'refused';
  const alive = pids.length > 0;
  const ended = lines.includes('ended');
  const entered = lines.some((line) => line.startsWith('enter '));
  const sent = lastNumber(lines, 'sent ');
  return {
    id,
    stage: stageOf(lines),
    live: alive && !ended,
    began: { boot, uptimeMs: lastNumber(lines.slice(0, 1), 'enter ') ?? now.uptimeMs },
    updates: entered ? parseUpdates(refs()) : alive ? null : [],
    landed: ended ? parseUpdates(landed()) : null,
    sent: sent === null ? null : { boot, uptimeMs: sent },
    answered: lines.includes('answered'),
    from: lines.find((line) => line.startsWith('from '))?.slice('from '.length) ?? null,
    pids,
  };
}

/** Oldest first. What another boot left is older than all of this one. */
export function oldestFirst(leases: readonly Lease[], now: Instant): Lease[] {
  const isLater = ({ began }: Lease): number => Number(began.boot === now.boot);
  return [...leases].sort((a, b) => isLater(a) - isLater(b) || a.began.uptimeMs - b.began.uptimeMs);
}

function stageOf(lines: readonly string[]): LeaseStage {
  const last = [...lines].reverse().find((line) => /^(enter|wait|act)( |$)/.test(line)) ?? '';
  if (last.startsWith('wait')) return { kind: 'waiting' };
  const [, epoch = '', phase = ''] = /^act (\d+) (\S+)$/.exec(last) ?? [];
  return isPhase(phase) ? { kind: 'acting', epoch: Number(epoch), phase } : { kind: 'entering' };
}

function lastNumber(lines: readonly string[], prefix: string): number | null {
  const line = [...lines].reverse().find((candidate) => candidate.startsWith(prefix));
  return line === undefined ? null : Math.round(Number(line.slice(prefix.length)) * 1000);
}

/** A line that the disk cut short proves nothing and is left out. */
function parseUpdates(text: string): Update[] {
  return text.split('\n').slice(0, -1).flatMap((line) => {
    try {
      return [parseUpdate(line)];
    } catch {
      return [];
    }
  });
}
