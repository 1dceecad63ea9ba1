/**
 * The resident from outside: is it there, start it, end it. <folder>/serve.pid names it as `<pid>.<start>`,
 * <folder>/serve.beat holds the uptime of its last sign of life. Nothing waits for it: pushes do without, and the timer
 * looks after it.
 */
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { systemClock } from '../machine/clock';
import { ageMs, waitFor } from '../rules/time';
import { faults } from '../contract/faults';
import type { AgentConfig } from '../contract/configs';
import type { Fault } from '../contract/views';
import { agentWords } from '../contract/commands';
import { readIfThere, readOrNull, replaceSoon } from '../machine/files';
import { openLog } from '../machine/log';
import { runsOtherProgram } from '../machine/program';
import { end, environmentWithoutGit, isAlive, startOf, type ProcessId } from '../machine/processes';

/** Its files, for whoever takes the agent away. */
export const residentFiles = [
  'serve.pid',
  'serve.beat',
  'serve.lock',
  'serve-fault',
  'wake',
  'socket',
  'sockets',
] as const;

/** A sign of life comes every few seconds; a disk that stalls may hold it up. */
const hungMs = 60_000;
/** Longer than the time between two signs of life: what was not to be read at one look is there at the next. */
const secondLookMs = 6_000;
const startMs = 10_000;
const stopMs = 10_000;
const openFilesMax = 4096;
/**
 * MB. A larger heap is a leak, and whoever looks after it starts it again. It makes little garbage at a time: room for
 * much of it would only be memory.
 */
export const heapLimits = '--max-old-space-size=192 --max-semi-space-size=2';

/** The living resident, or null. */
export function residentOf(folder: string): ProcessId | null {
  const [pid = '', start = ''] = (readIfThere(path.join(folder, 'serve.pid')) ?? '').trim().split('.');
  const id = { pid: Number(pid), start };
  return id.pid > 0 && isAlive(id) ? id : null;
}

export function writeResident(folder: string): void {
  // Hooks of other accounts ask whether it lives, whatever the umask is.
  replaceSoon(path.join(folder, 'serve.pid'), `${process.pid}.${startOf(process.pid) ?? ''}\n`);
  beat(folder);
}

/** A full disk keeps nobody from serving: then it looks hung, and is started again once a minute. */
export function beat(folder: string): void {
  const { boot, uptimeMs } = systemClock.now();
  try {
    replaceSoon(path.join(folder, 'serve.beat'), `${boot} ${uptimeMs}\n`);
  } catch {
    return;
  }
}

/** `silent`: no sign of life for too long. `unreadable`: there is none that says when, which proves nothing. */
export type Pulse = 'beats' | 'silent' | 'unreadable';

/** What the last sign of life says of a resident that lives. */
export function residentPulse(folder: string): Pulse {
  const [, boot, uptimeMs] = /^(\S+) (\d+)\n$/.exec(readOrNull(path.join(folder, 'serve.beat')) ?? '') ?? [];
  if (boot === undefined || uptimeMs === undefined) return 'unreadable';
  return ageMs(systemClock.now(), { boot, uptimeMs: Number(uptimeMs) }) > hungMs ? 'silent' : 'beats';
}

/** It lives and gave no sign of life, now and a moment ago: it may have been about to. */
async function hangs(folder: string): Promise<boolean> {
  return !(await waitFor(systemClock, secondLookMs, secondLookMs, () => residentPulse(folder) === 'beats'));
}

/**
 * A resident lives afterwards; false when it could not be started. One that hangs is ended first. `supervised`: systemd
 * starts it.
 */
export async function ensureResident(folder: string, supervised: boolean): Promise<boolean> {
  const present = residentOf(folder);
  if (present !== null && !(await hangs(folder))) return true;
  if (present !== null) {
    openLog(folder, {}).write('resident-hung', { pid: present.pid });
    end(present);
    await waitFor(systemClock, stopMs, 50, () => !isAlive(present));
  }
  if (supervised && (await waitFor(systemClock, startMs, 100, () => residentOf(folder) !== null))) return true;
  startResident(folder);
  return waitFor(systemClock, startMs, 50, () => residentOf(folder) !== null);
}

/** In the background, with nothing of ours open. It waits for the one before it to end. */
export function startResident(folder: string): void {
  const words = [
    '-c',
    `ulimit -n ${openFilesMax} 2>/dev/null; exec "$0" ${heapLimits} "$@"`,
    process.execPath,
    ...agentWords(folder, 'serve'),
  ];
  const env = environmentWithoutGit();
  const child = spawn('/bin/sh', words, { cwd: '/', detached: true, stdio: 'ignore', env });
  child.on('error', (error) => openLog(folder, {}).write('no-resident', { words: error.message }));
  child.unref();
}

/**
 * Asks one that another Node runs to go once its passes are over: all that it starts would be that Node, which may be
 * gone. Answers whether there was one; the next one waits for it.
 */
export function dismissOtherNode(folder: string): boolean {
  const present = residentOf(folder);
  if (present === null || !runsOtherProgram(present.pid)) return false;
  process.kill(present.pid, 'SIGTERM');
  return true;
}

/** Asks it to go, and ends it when it does not. */
export async function stopResident(folder: string): Promise<void> {
  const present = residentOf(folder);
  if (present === null) return;
  process.kill(present.pid, 'SIGTERM');
  if (!(await waitFor(systemClock, stopMs, 50, () => !isAlive(present)))) end(present);
}

/** What `status` says when nobody looks after the repositories, or GitLab's webhooks are not heard. */
export function residentFaults(folder: string, { timer }: AgentConfig): Fault[] {
  const words = readIfThere(path.join(folder, 'serve-fault'))?.trim() ?? '';
  const present = residentOf(folder);
  if (present !== null && residentPulse(folder) !== 'silent')
    return words === '' ? [] : [faults.noWebhooks({ words }).fault];
  if (timer === 'none') return [];
  return [faults.noResident().fault];
}
