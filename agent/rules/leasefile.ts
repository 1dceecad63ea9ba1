/**
 * What the files of one lease say. The shims write them, line by line. Pure.
 *   control   `enter <uptime s>`, `wait`, `act <epoch> <phase>`, `from <who> at <address>`, `key <type> <base64>`,
 *             `asked`, `sent <uptime s>`, `gone`, `answered`, `updated`, `ended`, `refused`
 *   refs      its records, `before after ref` a line, whole once `enter` is written
 *   landed    what post-receive listed, whole once `ended` is written
 */
import { createHash } from 'node:crypto';
import { isPhase } from '../contract/phase';
import { parseUpdate } from './refs';
import type { Instant, Lease, LeaseStage, Update } from './values';

export interface LeaseParts {
  readonly id: string;
  /** The boot that its processes belong to. */
  readonly boot: string;
  /** Those of its processes that live. */
  readonly pids: readonly number[];
  /** Whose push it is, where that is another account than the agent's. */
  readonly account: string | null;
  readonly control: string;
  readonly refs: () => string;
  readonly landed: () => string;
}

/** `refused`: a refused push leaves no witness. */
export function leaseFrom(
  { id, boot, pids, account, control, refs, landed }: LeaseParts,
  now: Instant,
): Lease | 'refused' {
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
    gone: lines.includes('gone'),
    from: whose(lines, account),
    pids,
  };
}

/**
 * The account as the kernel knows it, the key as sshd told it, and what the hook saw of its session: `ada with the key
 * SHA256:… at 10.0.0.7`.
 */
function whose(lines: readonly string[], account: string | null): string | null {
  const session = lines.find((line) => line.startsWith('from '))?.slice('from '.length) ?? '';
  const blob = /^key \S+ ([A-Za-z0-9+/]+=*)$/.exec(lines.find((line) => line.startsWith('key ')) ?? '')?.[1];
  const [, who = '', address = ''] = /^(?:(\S+) at )?(\S*)$/.exec(session) ?? [];
  const words = [
    account,
    who === account ? '' : who,
    blob === undefined ? '' : `with the key ${fingerprint(blob)}`,
    address === '' ? '' : `at ${address}`,
  ].filter(Boolean);
  if (words.length === 0) return null;
  if (account === null && blob === undefined) return session;
  return account === null && who === '' ? `somebody ${words.join(' ')}` : words.join(' ');
}

/** As `ssh-keygen -l` shows it. */
function fingerprint(blob: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
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
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [parseUpdate(line)];
      } catch {
        return [];
      }
    });
}
