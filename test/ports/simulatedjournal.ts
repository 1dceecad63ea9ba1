/** The simulation's journal, set up for the suite. */
import type { Journal } from '../../agent/rules/ports';
import { instantOf } from '../simulation/clock';
import { openJournal } from '../simulation/journaldoor';
import { readLeases } from '../simulation/leasefiles';
import type { OldServer } from '../simulation/oldserver';
import type { Process } from '../simulation/scheduler';
import type { Simulation } from '../simulation/simulation';
import { openWorld } from '../simulation/world';
import type { JournalSetUp, Who } from './journal';
import { killed, openCalm, runIn } from './kit/simulated';

/** Stands still for whoever looks, at what the real one shows. */
const uptimeMs = 77_777;

export function openSimulatedJournal(change: (journal: Journal) => Journal = (journal) => journal): JournalSetUp {
  const { sim, old } = openCalm();
  const start = (): Process => sim.scheduler.process('agent', old.host);
  const processes: Record<Who, Process> = { ada: start(), bob: start() };
  const children = new Set<Process>();
  const crash = (who: Who): void => {
    processes[who].end();
    processes[who] = start();
  };
  return {
    journal: (who) => change(openJournal(sim, old, processes[who])),
    run: (who, work) => {
      old.host.bootedAt = sim.scheduler.now - uptimeMs;
      return runIn(sim, processes[who], work);
    },
    crash: async (who) => crash(who),
    killAt: async (who, at, work) => {
      const answer = await killedAt(sim, at, () => runIn(sim, processes[who], work));
      if (answer === killed) crash(who);
      return answer;
    },
    inherit: () => {
      const child = start();
      children.add(child);
      old.lock.hold(child);
    },
    childrenEnd: async () => children.forEach((child) => child.end()),
    ...simulatedPushes(sim, old),
    fillDisk: (isFull) => void (old.diskFull = isFull),
    reboot: async () => {
      [...old.host.processes].forEach((process) => process.end());
      old.host.boots += 1;
      old.host.bootedAt = sim.scheduler.now - uptimeMs;
      crash('ada');
      crash('bob');
    },
    now: () => instantOf(sim, old),
    pending: () => old.drops,
    close: () => Promise.resolve(),
  };
}

/** Each call of `mayDie` is a place where a process may be killed. */
async function killedAt(sim: Simulation, at: number, work: () => Promise<unknown>): Promise<unknown> {
  let places = 0;
  sim.mayDie = (process) => {
    places += 1;
    if (places === at) process.end();
  };
  const answer = await work();
  sim.mayDie = () => undefined;
  return places >= at ? killed : answer;
}

function simulatedPushes(
  sim: Simulation,
  old: OldServer,
): Pick<JournalSetUp, 'beginPush' | 'write' | 'endProcess' | 'noteGone' | 'leaseId' | 'nameOf' | 'processOf'> {
  const ids = new Map<number, { id: string; processes: Record<'receive-pack' | 'hook', Process> }>();
  const leaseId = (push: number): string => ids.get(push)?.id ?? `boot-9.${push}.1`;
  return {
    beginPush: async (push) => {
      const receivePack = sim.scheduler.process('receive-pack', old.host);
      const hook = sim.scheduler.process('hook', old.host);
      const id = `${old.boot}.${receivePack.pid}.${hook.pid}`;
      ids.set(push, { id, processes: { 'receive-pack': receivePack, hook } });
      const texts = { control: '', refs: '', landed: '' };
      old.leases.set(id, { id, boot: old.boot, receivePack, hook, ...texts, flushed: 0, push });
    },
    write: (push, part, text) => {
      const lease = old.leases.get(leaseId(push));
      if (lease !== undefined) lease[part] += text;
    },
    endProcess: async (push, process) => ids.get(push)?.processes[process].end(),
    noteGone: async (push) => {
      old.host.bootedAt = sim.scheduler.now - uptimeMs;
      const agent = sim.scheduler.process('agent', old.host);
      const world = openWorld(sim, old, agent);
      const lease = readLeases(old, instantOf(sim, old), false).find(({ id }) => id === leaseId(push));
      if (lease !== undefined) world.noteGone(lease);
      agent.end();
    },
    leaseId,
    nameOf: (id) => [...ids].find(([, push]) => push.id === id)?.[0] ?? Number(id.split('.')[1]),
    processOf: (push, pid) => (ids.get(push)?.processes.hook.pid === pid ? 'hook' : 'receive-pack'),
  };
}
