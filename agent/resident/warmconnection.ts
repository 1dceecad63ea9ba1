/**
 * One ssh connection to GitLab that stays open (a "master"), so that pushes need no handshake. Hooks only use it; this
 * starts and replaces it. A master that was stopped answers nothing and hangs every push that finds it, so it is asked,
 * with a limit; a connection that died ends its master by keep-alive.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runCommand } from '../machine/command';
import type { AgentConfig } from '../contract/configs';
import { readIfThere } from '../machine/files';
import { takeLock } from '../machine/flock';
import { openLog } from '../machine/log';
import { end, startOf, type ProcessId } from '../machine/processes';
import { agentConfigOrNull } from '../repository/place';

/** Asking a living master takes milliseconds; this long only one that is stopped takes. */
const askMs = 5_000;

/** `hung`: it does not answer. `deaf`: it answers, but opens no session on GitLab. */
type Health = 'alive' | 'hung' | 'deaf' | 'none';

/**
 * A master is alive afterwards, or why not is in the log: pushes then connect by themselves. Two at once do no harm.
 */
export async function ensureMaster(folder: string): Promise<void> {
  const lock = fs.existsSync(sshConfig(folder)) ? await takeLock(lockFile(folder), 0) : null;
  if (lock === null) return;
  try {
    // A missing or damaged configuration is told by every pass; the connection is not the place for it.
    const config = agentConfigOrNull(folder);
    if (config === null) return;
    const health = await healthOf(folder, config);
    if (health === 'alive') return;
    if (health !== 'none') openLog(folder, {}).write('master-replaced', { health });
    // A deaf one ends by itself when the pushes on it have ended; a hung one takes them with it, as nothing else would
    // end them.
    if (health === 'deaf') await ask(folder, 'stop');
    else endMasters(folder);
    fs.rmSync(socket(folder), { force: true });
    await startMaster(folder, config);
  } finally {
    lock.release();
  }
}

/** GitLab has another address: nothing new may go over the connection to the former one. What runs on it goes on. */
export async function leaveMaster(folder: string): Promise<void> {
  const lock = await takeLock(lockFile(folder), 2 * askMs);
  await ask(folder, 'stop');
  fs.rmSync(socket(folder), { force: true });
  lock?.release();
}

/** Asks it to leave, and ends it when it does not. */
export async function stopMaster(folder: string): Promise<void> {
  if (!fs.existsSync(path.join(folder, 'ssh', 'config'))) return;
  await ask(folder, 'exit');
  endMasters(folder);
  fs.rmSync(socket(folder), { force: true });
}

function socket(folder: string): string {
  return path.join(folder, 'ssh', 'm');
}

function lockFile(folder: string): string {
  return path.join(folder, 'ssh', 'm.lock');
}

function sshConfig(folder: string): string {
  return path.join(folder, 'ssh', 'config');
}

function ask(folder: string, what: 'check' | 'stop' | 'exit'): ReturnType<typeof runCommand> {
  return runCommand('ssh', ['-F', sshConfig(folder), '-O', what, 'gitlab'], { withinMs: askMs });
}

async function healthOf(folder: string, config: AgentConfig): Promise<Health> {
  if (!fs.existsSync(socket(folder))) return 'none';
  const { code } = await ask(folder, 'check');
  if (code === null) return 'hung';
  if (code !== 0) return 'none';
  return (await opensSession(folder, config)) ? 'alive' : 'deaf';
}

/**
 * Without a command GitLab greets and leaves. 255 is ssh's own failure; ProxyCommand keeps it from answering by a
 * connection of its own.
 */
async function opensSession(folder: string, { limits }: AgentConfig): Promise<boolean> {
  const args = ['-F', sshConfig(folder), '-o', 'ProxyCommand=false', '-n', '-T', 'gitlab'];
  const { code } = await runCommand('ssh', args, { withinMs: Math.max(askMs, limits.connectMs) });
  return code !== null && code !== 255;
}

async function startMaster(folder: string, { gitlab, limits }: AgentConfig): Promise<void> {
  const place = ['-F', sshConfig(folder), '-S', socket(folder), '-o', 'ControlMaster=yes', '-o', 'ControlPersist=yes'];
  const args = [...place, '-N', '-f', '-T', '-p', String(gitlab.sshPort), '-l', gitlab.sshUser, gitlab.sshHost];
  const said = path.join(folder, 'ssh', 'm.log');
  // A banner without end is 1 MB of it (in blocks of 512 bytes).
  const words = ['-c', 'ulimit -c 0 2>/dev/null; ulimit -f 2048 2>/dev/null; exec ssh "$@"', 'ssh', ...args];
  const started = await startDaemon('/bin/sh', words, { said, withinMs: limits.connectMs + askMs });
  if (!started) openLog(folder, {}).write('no-master', { words: readIfThere(said)?.trim().slice(-500) ?? '' });
}

interface Daemon {
  /** The file that takes its standard error. */
  readonly said: string;
  readonly withinMs: number;
}

/**
 * True when it went into the background by itself. It keeps no pipe of ours, no lock, and outlives whoever started it.
 */
function startDaemon(program: string, args: readonly string[], { said, withinMs }: Daemon): Promise<boolean> {
  const descriptor = fs.openSync(said, 'w', 0o600);
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', descriptor],
      env: { ...process.env, LC_ALL: 'C' },
    });
    fs.closeSync(descriptor);
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.on('error', () => resolve(false));
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

/** By what they were started with, or the title `ssh: <socket> [mux]` that ssh gives itself then. */
function endMasters(folder: string): void {
  mastersOf(folder).forEach(end);
}

function mastersOf(folder: string): ProcessId[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isMaster(name, socket(folder)))
    .flatMap((name) => {
      const start = startOf(Number(name));
      return start === null ? [] : [{ pid: Number(name), start }];
    });
}

function isMaster(pid: string, controlPath: string): boolean {
  try {
    const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split(/[\0 ]/);
    return /(^|\/)ssh:?$/.test(words[0] ?? '') && words.includes(controlPath);
  } catch {
    return false;
  }
}
