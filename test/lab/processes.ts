/** Processes of the lab: each dies with the process that started it, also when that one is killed. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly pid: number;
  /** What it wrote so far, standard output and standard error together. */
  output(): string;
  readonly ended: Promise<Ending>;
  /** Asks it to end, and kills it when it has not after `withinMs`. */
  stop(withinMs?: number): Promise<Ending>;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Written to its standard input, which is closed then. */
  readonly input?: string;
}

/** The kernel kills the process when the thread that started it dies (PR_SET_PDEATHSIG); `pid` is that of `file` itself. */
export function startProcess(file: string, args: readonly string[], { env, cwd, input }: Surroundings): Started {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', file, ...args], { env, cwd, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const stop = async (withinMs = 5_000): Promise<Ending> => {
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), withinMs);
    return ended.finally(() => clearTimeout(overdue));
  };
  return { pid: child.pid ?? 0, output: () => output, ended, stop };
}

/** Waits until the condition holds; the error after `deadlineMs` says what was waited for and what was seen last. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs = 10_000, everyMs = 20): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A port of the loopback interface that was free a moment ago; who listens on it must be ready to try another one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
