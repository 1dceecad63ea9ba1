/**
 * The agent sends for another account. That one's lease is its own to forge and to take away, so the agent writes one
 * of its own, in a folder that nobody else may write: from before it reads the state until GitLab's answer. A change of
 * phase waits for it as for any other (P5).
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { systemClock } from '../machine/clock';
import { startOf } from '../machine/processes';
import { leaseFile, removeLease } from '../repository/leases';
import type { Repository } from '../repository/open';
import { leaseEndings } from '../rules/leasefile';
import { printUpdate } from '../rules/refs';
import { enterAgain } from '../sync/enter';
import { sendPush } from '../sync/push';
import type { PushContext, PushLease } from '../rules/ports';
import type { Verdict } from '../rules/values';

/** Of a process that the resident starts for another account. */
export const askedVariable = 'GIT_HANDOVER_ASKED';

export function isAsked(): boolean {
  return process.env[askedVariable] !== undefined;
}

/** Killed, or without an answer, the lease stays: what was sent may still land. */
export async function sendUnderOwnLease({ state }: Repository, context: PushContext): Promise<Verdict> {
  const folder = path.join(state, 'sends');
  const id = ownId();
  let isUnknown = false;
  try {
    const own = writeLease(folder, id, context);
    const lease = bothOf(own, context.lease);
    const words = await enterAgain({ ...context, lease });
    if (words !== null) lease.refused();
    const verdict =
      words === null ? await sendPush({ ...context, lease }) : { accept: false, unknown: false, text: words };
    isUnknown = verdict.unknown;
    return verdict;
  } finally {
    if (!isUnknown) removeLease(folder, id);
  }
}

/** As a hook's, of one process. */
function ownId(): string {
  const start = startOf(process.pid) ?? '';
  return [systemClock.now().boot, process.pid, start, process.pid, start].join('.');
}

/** As the shim does: empty first, which says whose it is, then its records. */
function writeLease(folder: string, id: string, { updates }: PushContext): PushLease {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Whatever the umask is, and the folder above says of its group.
  fs.chmodSync(folder, 0o700);
  const file = path.join(folder, id);
  fs.writeFileSync(file, '', { mode: 0o600 });
  fs.writeFileSync(
    file + leaseEndings.refs,
    Buffer.from(updates.map((update) => `${printUpdate(update)}\n`).join(''), 'latin1'),
    { mode: 0o600 },
  );
  return leaseFile(file);
}

/** The asker's may be gone: then nothing more is written down, and nothing is sent. */
function bothOf(own: PushLease, askers: PushLease): PushLease {
  return {
    note: (line, flush) => {
      own.note(line, flush);
      askers.note(line, flush);
    },
    refused: () => {
      askers.refused();
      own.refused();
    },
  };
}
