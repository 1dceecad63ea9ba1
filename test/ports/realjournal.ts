/**
 * The real journal in a temporary folder, with real processes for its pushes. A kill and a full disk are made at the
 * calls of node:fs: at a kill every change from there on fails, a write after half of its bytes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { startOf } from '../../agent/machine/processes';
import { createJournal, openJournal } from '../../agent/repository/journal';
import { noteEndOfSending } from '../../agent/repository/leases';
import type { Clock, Journal, Unlock } from '../../agent/rules/ports';
import { parseDrops } from '../../agent/rules/drops';
import { readSealed } from '../../agent/machine/files';
import type { Drops, State } from '../../agent/rules/values';
import type { JournalSetUp, PushProcess, Who } from './journal';
import { spoilDisk } from './kit/disk';

const facts = {
  folder: '/agent',
  node: '/node',
  url: 'ssh://gitlab/app.git',
  ciSkip: false,
  holdMs: 1000,
  leaseMs: 1000,
  connectMs: 1000,
  mirrorAfterRestart: 'take' as const,
  brownouts: [],
};

/** Flushing costs nothing there. */
function inMemory(): string {
  return fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

interface RealPush {
  readonly id: string;
  readonly processes: Readonly<Record<PushProcess, ChildProcess>>;
}

const fresh: State = {
  phase: 'old',
  epoch: 1,
  hold: null,
  fence: null,
  directory: '/srv/old1/app.git',
  identity: '1:1',
};

export function openRealJournal(): JournalSetUp {
  const folder = fs.mkdtempSync(path.join(inMemory(), 'gh-journal-'));
  createJournal(folder, fresh, facts);
  const clock = fakeClock();
  const open = (): Journal => openJournal(folder, clock, () => facts);
  const journals = { ada: open(), bob: open() };
  const fds: Record<Who, Set<Unlock>> = { ada: new Set(), bob: new Set() };
  const pushes = realPushes(path.join(folder, 'pushes'), clock);
  const disk = spoilDisk(folder);
  const { inherit, childrenEnd } = heirs();
  const crash = (who: Who): void => {
    fds[who].forEach((lock) => lock.release());
    fds[who].clear();
    journals[who] = open();
  };
  return {
    journal: (who) => ({
      ...journals[who],
      lock: async (waitMs) => keepTrack(await journals[who].lock(waitMs), fds[who]),
    }),
    run: (_who, work) => disk.during(work),
    crash: async (who) => crash(who),
    killAt: async (who, change, work) => {
      const answer = await disk.killAt(change, work);
      if (answer === 'killed') crash(who);
      return answer;
    },
    inherit,
    childrenEnd,
    ...pushes.parts,
    noteGone: (push) => disk.during(async () => noteEndOfSending(pushes.fileOf(push), clock.now())),
    fillDisk: disk.fill,
    reboot: async () => {
      await Promise.all([pushes.endAll(), childrenEnd()]);
      crash('ada');
      crash('bob');
      clock.reboot();
    },
    now: () => clock.now(),
    pending: () => pendingOf(path.join(folder, 'dropped')),
    close: async () => {
      crash('ada');
      crash('bob');
      await Promise.all([pushes.endAll(), childrenEnd()]);
      disk.restore();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Children that keep what they inherit. */
function heirs(): Pick<JournalSetUp, 'inherit' | 'childrenEnd'> {
  let children: ChildProcess[] = [];
  return {
    inherit: ({ fd }) => void children.push(spawn('cat', { stdio: ['pipe', 'ignore', 'ignore', fd] })),
    childrenEnd: async () => {
      await Promise.all(children.map(stop));
      children = [];
    },
  };
}

/** A process that dies lets go of what it has open. */
function keepTrack(lock: Unlock | null, open: Set<Unlock>): Unlock | null {
  if (lock === null) return null;
  const tracked = {
    fd: lock.fd,
    release: () => {
      if (open.delete(tracked)) lock.release();
    },
  };
  open.add(tracked);
  return tracked;
}

function pendingOf(file: string): Drops {
  return parseDrops(readSealed(file) ?? '');
}

/** Stands still at a time that no lease of a story names. */
function fakeClock(): Clock & { reboot(): void } {
  let boots = 1;
  return {
    now: () => ({ boot: `b${boots}`, uptimeMs: 77_777 }),
    wall: () => '2026-01-01T00:00:00.000Z',
    sleep: () => Promise.resolve(),
    reboot: () => void (boots += 1),
  };
}

interface RealPushes {
  readonly parts: Pick<JournalSetUp, 'beginPush' | 'write' | 'endProcess' | 'leaseId' | 'nameOf' | 'processOf'>;
  fileOf(push: number): string;
  endAll(): Promise<void>;
}

function realPushes(folder: string, clock: Clock): RealPushes {
  const pushes = new Map<number, RealPush>();
  const leaseId = (push: number): string => pushes.get(push)?.id ?? `b9.${push}.1.1.1`;
  return {
    parts: {
      beginPush: async (push) => {
        const processes = { 'receive-pack': spawn('cat'), hook: spawn('cat') };
        const [receivePack, hook] = [processes['receive-pack'].pid ?? 0, processes.hook.pid ?? 0];
        const starts = [startOf(receivePack) ?? '0', startOf(hook) ?? '0'];
        const id = `${clock.now().boot}.${receivePack}.${starts[0]}.${hook}.${starts[1]}`;
        pushes.set(push, { id, processes });
        fs.writeFileSync(path.join(folder, id), '');
      },
      write: (push, part, text) => {
        const file = path.join(folder, `${leaseId(push)}${part === 'control' ? '' : `.${part}`}`);
        if (fs.existsSync(path.join(folder, leaseId(push)))) fs.appendFileSync(file, Buffer.from(text, 'latin1'));
      },
      endProcess: async (push, process) => {
        const child = pushes.get(push)?.processes[process];
        if (child !== undefined) await stop(child);
      },
      leaseId,
      nameOf: (id) => [...pushes].find(([, push]) => push.id === id)?.[0] ?? Number(id.split('.')[1]),
      processOf: (push, pid) => (pushes.get(push)?.processes.hook.pid === pid ? 'hook' : 'receive-pack'),
    },
    fileOf: (push) => path.join(folder, leaseId(push)),
    endAll: async () => {
      const all = [...pushes.values()].flatMap(({ processes }) => Object.values(processes));
      await Promise.all(all.map(stop));
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
