/** A place in a hook where a push waits until the test lets it go on, and where it can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { until } from '../../lab/processes';
import type { Seen } from './command';
import { lettingFences } from './manyrefs';
import { noConsent, type Pair } from './pair';

export interface Gate {
  /** Process ids of the hook and of the receive-pack that called it, once a push waits here. */
  arrived(): Promise<{ hook: number; receivePack: number }>;
  open(): void;
}

/**
 * Puts a waiting hook into `folder`/`name`. It waits at most 30 s; opened once, it lets everything
 * through. Moves of the fence pass.
 */
export function putGate(pair: Pair, folder: string, name: string, mark: string): Gate {
  const letting = name.endsWith('-receive') ? lettingFences('-') : '';
  const [here, go] = [path.join(pair.folder, `${mark}.here`), path.join(pair.folder, `${mark}.go`)];
  fs.writeFileSync(
    path.join(folder, name),
    `#!/bin/sh\n${letting}\n[ -e ${go} ] || echo $$ $PPID >${here}\ni=0\nwhile [ ! -e ${go} ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i+1)); done\nexit 0\n`,
    { mode: 0o755 },
  );
  return {
    arrived: async () => {
      await until(
        `a push to wait in ${name}`,
        () => fs.existsSync(here) && fs.readFileSync(here, 'utf8').endsWith('\n'),
        15_000,
      );
      const [hook = '', receivePack = ''] = fs.readFileSync(here, 'utf8').trim().split(' ');
      return { hook: Number(hook), receivePack: Number(receivePack) };
    },
    open: () => fs.writeFileSync(go, ''),
  };
}

/** The hook and the receive-pack on old of the only push that runs, as its lease tells. */
export function onlyPush(pair: Pair): { hook: number; receivePack: number } {
  const leases = fs.readdirSync(path.join(pair.state, 'pushes')).filter((name) => /\.\d+$/.test(name));
  const [, receivePack = '', , hook = ''] = leases[0]?.split('.') ?? [];
  if (leases.length !== 1 || hook === '')
    throw new Error(
      `Cannot tell which push runs: expected one lease in ${pair.state}/pushes, got ${leases.join(', ') || 'none'}.`,
    );
  return { hook: Number(hook), receivePack: Number(receivePack) };
}

/** Parent of a process, from /proc. */
export function parentOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[1]);
}

export function kill(...pids: number[]): void {
  for (const pid of pids) {
    // 0 is the group of the test itself, and less than 0 another group.
    if (!(pid > 0)) throw new Error(`Cannot kill process ${pid}: expected the number of one process.`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already, which is what was wanted.
    }
  }
}

/** Somebody waits for this lock, which another one has: the kernel lists both. */
export function isWaitedFor(lock: string): boolean {
  const { ino } = fs.statSync(lock);
  const lines = fs.readFileSync('/proc/locks', 'utf8').split('\n');
  return lines.some((line) => line.includes('-> FLOCK') && line.includes(`:${ino} `));
}

/** A `move` that runs in its own process and can be killed when it says something. */
export interface RunningMove {
  readonly child: ChildProcess;
  /** Waits until it printed something that matches. */
  says(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Seen>;
}

export function startMove(pair: Pair, to: string): RunningMove {
  const child = spawn(process.execPath, [path.join(pair.agentFolder, 'agent.cjs'), 'call', 'move'], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(JSON.stringify({ config: pair.config, to, consent: noConsent }));
  const ended = new Promise<Seen>((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, output })));
  return {
    child,
    ended,
    says: (pattern) =>
      until(`the move to say ${String(pattern)}; it said ${output}`, () => pattern.test(output), 15_000),
  };
}
