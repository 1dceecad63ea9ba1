/** The memory and processor time of the resident agent, as the kernel counts them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Usage {
  readonly megabytes: number;
  /** Of one core, in the time that was watched. */
  readonly percent: number;
}

export const noResident = 'no resident agent runs on old';

/** The resident's process id; null where none runs. Its file holds `<pid>.<start>`. */
export function residentPid(agentFolder: string): number | null {
  const file = join(agentFolder, 'serve.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').trim().split('.')[0]);
  return Number.isSafeInteger(pid) && existsSync(`/proc/${pid}`) ? pid : null;
}

/** While `work` goes on. Memory is the highest that was seen. */
export async function usageDuring(pid: number, work: Promise<unknown>): Promise<Usage> {
  const start = performance.now();
  const before = cpuMs(pid);
  let megabytes = memory(pid);
  let working = true;
  const done = work.finally(() => (working = false));
  while (working) {
    await Promise.race([done, pause(500)]);
    megabytes = Math.max(megabytes, memory(pid));
  }
  return { megabytes, percent: ((cpuMs(pid) - before) / (performance.now() - start)) * 100 };
}

function memory(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes ?? NaN) / 1024;
}

/** Of the process and of the children that it waited for. */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1000) / ticksPerSecond();
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}
