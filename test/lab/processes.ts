/** Processes of the lab: each dies with the process that started it, also when that one is killed. */
import { spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable by which a part of the lab marks its processes; its value is the part's folder. */
export const markName = 'GIT_HANDOVER_LAB';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly pid: number;
  /** What it wrote so far, standard output and standard error in the order written. */
  readonly output: () => string;
  readonly ended: Promise<Ending>;
  /** Asks it to end, and kills it when it has not after `withinMs`. */
  stop(withinMs?: number): Promise<Ending>;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this account; only root may. */
  readonly account?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
  /** Written to its standard input, which is closed then. */
  readonly input?: string;
}

/** What this process started and what has not ended yet. */
const running = new Set<{ readonly mark: string; kill(): Promise<unknown> }>();

/**
 * The kernel kills the process when the thread that started it dies (PR_SET_PDEATHSIG); `pid` is that of `file` itself.
 */
export function startProcess(
  file: string,
  args: readonly string[],
  { env, cwd, input, account }: Surroundings,
): Started {
  const sink = openSink();
  const as = account
    ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, `--groups=${[account.gid, ...account.groups].join(',')}`]
    : [];
  const child = spawn('setpriv', [...as, '--pdeathsig', 'KILL', '--', file, ...args], {
    env,
    cwd,
    stdio: ['pipe', sink.descriptor, sink.descriptor],
  });
  child.stdin?.on('error', () => undefined).end(input ?? '');
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).finally(sink.close);
  const stop = async (withinMs = 5_000): Promise<Ending> => {
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), withinMs);
    return ended.finally(() => clearTimeout(overdue));
  };
  const entry = { mark: env[markName] ?? '', kill: () => stop(0) };
  running.add(entry);
  void ended.catch(() => undefined).then(() => running.delete(entry));
  return { pid: child.pid ?? 0, output: sink.read, ended, stop };
}

/**
 * A file without a name takes what the process writes. A pipe would not end with the process: an ssh master that goes
 * to the background keeps standard error open, and the reader would wait for it.
 */
function openSink(): { descriptor: number; readonly read: () => string; readonly close: () => void } {
  const path = join(tmpdir(), `gh-output-${randomUUID()}`);
  const descriptor = openSync(path, 'ax+');
  unlinkSync(path);
  let final: string | null = null;
  const content = (): string => {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
  };
  const close = (): void => {
    final = content();
    closeSync(descriptor);
  };
  return { descriptor, read: () => final ?? content(), close };
}

/**
 * Kills what this process started with the mark of this folder or of one below it. Others are found by their
 * environment, but sshd overwrites its own.
 */
export async function killStarted(folder: string): Promise<void> {
  const mine = [...running].filter(({ mark }) => mark === folder || mark.startsWith(`${folder}/`));
  await Promise.all(mine.map((entry) => entry.kill()));
}

/** Waits until the condition holds; the error after `deadlineMs` says what was waited for and what was seen last. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
  everyMs = 20,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A port of the loopback interface that was free a moment ago; who listens on it must be ready to try another one. */
export async function freePort(draw = drawPort): Promise<number> {
  for (;;) {
    const port = draw();
    if (await isFree(port)) return port;
  }
}

/**
 * Below those that the kernel gives to whoever connects somewhere (from 32768 on Debian): nobody gets it by chance
 * meanwhile.
 */
function drawPort(): number {
  return 12_000 + randomInt(20_000);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
