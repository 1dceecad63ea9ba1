/** The agent's World in memory, for one process of one old server. */
import type { PushRow } from '../../agent/rules/decide';
import type { World } from '../../agent/rules/ports';
import type { Lease, Oid } from '../../agent/rules/values';
import { openGit } from './gitdoor';
import { enter, type Place } from './place';
import { instantOf, wallOf } from './clock';
import { openJournal } from './journaldoor';
import { noteGone } from './leasefiles';
import type { OldServer } from './oldserver';
import type { Process } from './scheduler';
import { fenceId, limits, repositoryConfig, type Simulation } from './simulation';

const nobody: ReadonlySet<Oid> = new Set();

export function openWorld(
  sim: Simulation,
  old: OldServer,
  process: Process,
  push?: Pick<Place, 'quarantine' | 'serves'>,
): World {
  const place: Place = { sim, old, process, quarantine: push?.quarantine ?? nobody, serves: push?.serves ?? null };
  const journal = openJournal(sim, old, process);
  return {
    config: repositoryConfig(sim, old),
    limits: { ...limits, fence: sim.options.fence },
    journal,
    git: openGit(place),
    clock: {
      now: () => instantOf(sim, old),
      wall: () => wallOf(sim, old),
      sleep: (ms) => sim.scheduler.step(process, ms + sim.random.between(0, 5), () => undefined),
    },
    // hooksAfterPass is off: no pass of ours waits for them in any case.
    ownHooks: noHooks,
    fence: fenceDoor(place),
    log: {
      write: (event, { row, ...fields }) => {
        if (event === 'push-looked') old.looked.push(row as PushRow);
        if (event === 'phase-changed') sim.moments += 1;
        if (event === 'fence') sim.tell(`the fence of ${old.name}: ${JSON.stringify(fields)}`);
      },
    },
    endProcesses: (lease) => endProcesses(sim, old, { process, lease }),
    isSending: (lease) => sendersOf(old, lease).length > 0,
    noteGone: (lease) => noteGone(sim, old, lease),
    newHoldId: () => `${process.pid}.${old.boot}.${sim.random.int(1e9)}`,
    isOwnerGone: (hold) => ![...old.host.processes].some(({ pid }) => hold.id.startsWith(`${pid}.`)),
    mendHooks: () => Promise.resolve(old.mendHooks()),
    mendState: () => Promise.resolve([]),
    olderPushes: () => unwrittenPushes(old).map(({ pid }) => pid),
    endOlderPushes: (pids) => {
      unwrittenPushes(old)
        .filter(({ pid }) => pids.includes(pid))
        .forEach((one) => one.end());
      return Promise.resolve();
    },
  };
}

const noHooks: World['ownHooks'] = {
  isThere: () => false,
  plan: () => undefined,
  planned: () => null,
  due: () => undefined,
  judge: () => Promise.resolve(null),
  start: () => undefined,
};

function fenceDoor({ sim, old, process }: Place): World['fence'] {
  return {
    newId: () => fenceId(old, (old.fences += 1)),
    newValue: () => ({ oid: sim.commits.make([]), random: '' }),
    copy: () => {
      enter(sim, process);
      return old.fenceCopy;
    },
    setCopy: (value) => {
      enter(sim, process);
      old.fenceCopy = value;
      sim.moments += 1;
      sim.mayDie(process);
    },
  };
}

/** Those that the disk kept from writing a lease, which is allowed in `old`, or that have not come so far. */
function unwrittenPushes(old: OldServer): Process[] {
  const known = new Set([...old.leases.values()].map(({ receivePack }) => receivePack));
  return [...old.host.processes].filter(
    (one) => one.name.startsWith('receive-pack of ') && one.alive && !known.has(one),
  );
}

/** The hook's children end with it; then it is noted that until now it was sending. */
async function endProcesses(
  sim: Simulation,
  old: OldServer,
  { process, lease }: { process: Process; lease: Lease },
): Promise<void> {
  const file = old.leases.get(lease.id);
  if (file === undefined) return;
  const below = sendersOf(old, lease);
  sim.tell(`push #${file.push} passed its limit and is ended`);
  [file.receivePack, ...below, file.hook].forEach((one) => one.end());
  await sim.scheduler.step(process, sim.random.between(1, 50), () => noteGone(sim, old, lease));
}

/** What a hook started goes on without it. */
function sendersOf(old: OldServer, { id }: Lease): Process[] {
  const name = `git of ${old.leases.get(id)?.hook.name ?? ''}`;
  return [...old.host.processes].filter((one) => one.name === name && one.alive);
}
