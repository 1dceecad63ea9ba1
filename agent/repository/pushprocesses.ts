/** The processes of pushes on old: which of them still send, and an end for those that are beyond their limit. */
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { pushWords } from '../contract/commands';
import { gitProcessesIn, isPush, isReceivePack } from '../git/gitwork';
import { systemClock } from '../machine/clock';
import { end, endTree, isAlive, isForeign, processesCalled, type ProcessId } from '../machine/processes';
import type { Journal, World } from '../rules/ports';
import { waitFor } from '../rules/time';
import type { Lease } from '../rules/values';
import { endLease, foreignProcesses, isLeaseAlive, leaseFolder, noteEndOfSending } from './leases';

/** How long an ended process may take to be gone, ms. */
const endMs = 10_000;

interface Place {
  /** Of the repository as people know it. */
  readonly path: string;
  /** Where it lies. */
  readonly directory: string;
  readonly state: string;
  readonly journal: Journal;
}

type PushProcesses = Pick<World, 'endProcesses' | 'isSending' | 'noteGone' | 'olderPushes' | 'endOlderPushes'>;

export function pushProcesses(place: Place): PushProcesses {
  const noteGone = ({ id }: Lease): void =>
    noteEndOfSending(path.join(leaseFolder(place.state, id), id), systemClock.now());
  return {
    noteGone,
    endProcesses: async (lease) => {
      agentsOf(place, lease).forEach(endTree);
      refuseForeign(place.path, foreignProcesses(lease.id), lease.from);
      endLease(lease.id);
      await waitFor(systemClock, endMs, 50, () => !isLeaseAlive(lease.id));
      noteGone(lease);
    },
    isSending: (lease) => agentsOf(place, lease).length > 0 || isGitSending(place.directory, lease),
    olderPushes: () => olderPushes(place).map(({ pid }) => pid),
    endOlderPushes: async (pids) => {
      const older = olderPushes(place).filter(({ pid }) => pids.includes(pid));
      older.forEach(end);
      await waitFor(systemClock, endMs, 50, () => !older.some((one) => isAlive(one) && !isForeign(one)));
      const left = older.filter((one) => isAlive(one) && isForeign(one));
      refuseForeign(
        place.path,
        left.map(({ pid }) => pid),
        null,
      );
    },
  };
}

/** The hook itself, or who sends for a hook of another account. */
function agentsOf({ state }: Place, { id }: Lease): ProcessId[] {
  return processesCalled(pushWords(state, id));
}

/** What another account runs, only that account or root can end. */
function refuseForeign(repositoryPath: string, pids: readonly number[], from: string | null | undefined): void {
  if (pids.length === 0) return;
  throw faults.foreignPush({ path: repositoryPath, pids, from });
}

/** By its command line: a hook that was killed leaves its git push behind, and nothing else names it. */
function isGitSending(directory: string, { updates }: Lease): boolean {
  return gitProcessesIn(directory)
    .filter(isPush)
    .some(
      ({ command }) => updates === null || updates.some(({ ref, after }) => command.includes(`${after ?? ''}:${ref}`)),
    );
}

/** receive-packs in the repository that no lease names: they began before the hooks were there. */
function olderPushes({ journal, directory }: Place): ProcessId[] {
  const known = new Set(journal.leases().flatMap((lease) => lease.pids));
  return gitProcessesIn(directory).filter((one) => isReceivePack(one) && !known.has(one.pid));
}
