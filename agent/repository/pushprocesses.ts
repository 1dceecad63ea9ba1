/** The processes of pushes on old: which of them still send, and an end for those that are beyond their limit. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults';
import { pushWords } from '../contract/commands';
import { gitProcessesIn, isPush, isReceivePack } from '../git/gitwork';
import { systemClock } from '../machine/clock';
import {
  accountOf,
  commandOf,
  end,
  endTree,
  isAlive,
  isForeign,
  processesCalled,
  worksIn,
  type ProcessId,
} from '../machine/processes';
import type { Journal, Log, World } from '../rules/ports';
import { waitFor } from '../rules/time';
import type { Lease } from '../rules/values';
import { endPush, leaseFolder, livingProcesses, noteEndOfSending, removeLease } from './leases';

/** How long an ended process may take to be gone, ms. */
const endMs = 10_000;

interface Place {
  /** Of the repository as people know it. */
  readonly path: string;
  /** Where it lies. */
  readonly directory: string;
  readonly state: string;
  readonly journal: Journal;
  readonly log: Log;
}

type PushProcesses = Pick<World, 'endProcesses' | 'isSending' | 'noteGone' | 'olderPushes' | 'endOlderPushes'>;

export function pushProcesses(place: Place): PushProcesses {
  const noteGone = ({ id }: Lease): void =>
    noteEndOfSending(path.join(leaseFolder(place.state, id), id), systemClock.now());
  return {
    noteGone,
    endProcesses: async (lease) => {
      agentsOf(place, lease).forEach(endTree);
      const named = livingProcesses(lease.id).map((one) => ({ ...one, kind: kindOf(place, lease, one) }));
      const [pushing, strange] = [named.filter(isOfPush), named.filter(({ kind }) => kind === 'strange')];
      const foreign = named.filter((one) => one.kind !== 'strange' && isForeign(one)).map(({ pid }) => pid);
      refuseForeign(place.path, foreign, lease.from);
      endPush(lease.id, ({ pid }) => pushing.some((one) => one.pid === pid));
      await waitFor(systemClock, endMs, 50, () => !pushing.some(isAlive));
      place.log.write('lease-ended', { lease: lease.id, from: lease.from, pids: pushing.map(({ pid }) => pid) });
      noteGone(lease);
      if (strange.some(isAlive)) forgetStrange(place, lease, strange);
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

/**
 * `push`: receive-pack, hook, or who sends for one, of the account that wrote the lease, at work in this repository.
 * `elsewhere`: called like one, but not seen to work here: neither ended nor overlooked.
 */
type Named = 'push' | 'elsewhere' | 'strange';

function isOfPush({ kind }: { readonly kind: Named }): boolean {
  return kind === 'push';
}

function kindOf({ state, directory }: Place, { id }: Lease, { pid }: ProcessId): Named {
  const owner = fs.lstatSync(path.join(leaseFolder(state, id), id), { throwIfNoEntry: false })?.uid;
  const command = commandOf(String(pid));
  const isCalledSo = /receive-pack|pre-receive/.test(command) || command.includes(` push ${state} `);
  if (owner === undefined || accountOf(pid) !== owner || !isCalledSo) return 'strange';
  return worksIn(String(pid), fs.realpathSync(directory)) === false ? 'elsewhere' : 'push';
}

/** It is no push, and would keep every change of phase waiting for as long as what it names lives (P8). */
function forgetStrange({ state, log }: Place, { id, from }: Lease, strange: readonly ProcessId[]): void {
  log.write('lease-strange', { lease: id, from, pids: strange.map(({ pid }) => pid) });
  removeLease(leaseFolder(state, id), id);
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
