/** The repository's own hooks, run by their own path as git would run them. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { endTree, living } from '../machine/processes';
import { printUpdate } from '../rules/refs';
import type { Unlock } from '../rules/ports';
import type { Update } from '../rules/values';

export interface OwnHooks {
  readonly directory: string;
  readonly ownHooks: string;
  /** Others may write the repository. */
  readonly shared: boolean;
}

/** Those that run for what comes from GitLab, in git's order. */
export const laterHooks = ['post-receive', 'post-update'] as const;
export type LaterHook = (typeof laterHooks)[number];

export function ownHook(place: Pick<OwnHooks, 'ownHooks'>, name: string): string | null {
  const file = path.join(place.ownHooks, name);
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

/**
 * Whether others than the agent's account and root could make this path say something else: what it leads to, and each
 * folder and link on the way. The agent's account has the key to GitLab: where many accounts write a repository, a hook
 * inside it, or a link there to any program, is anybody's of its group.
 */
export function isOthers(file: string): boolean {
  const { uid, mode } = fs.lstatSync(file);
  if (uid !== 0 && uid !== process.getuid?.()) return true;
  const above = path.dirname(file);
  if (above !== file && isOthers(above)) return true;
  // A link has no mode: who may not change the folder cannot change it.
  if ((mode & fs.constants.S_IFMT) === fs.constants.S_IFLNK)
    return isOthers(path.resolve(above, fs.readlinkSync(file)));
  return (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
}

/** Null when there is none, or it is not run as others could have written it. */
export function hookToRun(place: Pick<OwnHooks, 'ownHooks' | 'shared'>, name: LaterHook): string | null {
  const file = ownHook(place, name);
  return file !== null && place.shared && isOthers(path.resolve(file)) ? null : file;
}

export interface HookCall {
  readonly updates: readonly Update[];
  readonly limitMs: number;
  /** Kept until the hook has ended, also when we end before it. What the hook leaves in the background has it not. */
  readonly lock: Unlock;
}

export interface HookEnd {
  /** `late`: it was ended at its limit, and all that it had started. */
  readonly how: 'well' | 'badly' | 'late';
  /** What it printed last. */
  readonly printed: string;
}

/** Beyond its limit timeout(1) should have ended it; a timeout that stands still itself does not, ms. */
const graceMs = 5_000;
/** What a hook leaves in the background may keep its pipes open, as it may with git, ms. */
const lastWordsMs = 1_000;
const printedMax = 2_000;

/**
 * With these updates on standard input (post-update: names as arguments). The limit holds when we are killed as well:
 * timeout(1) is the one who waits for the hook.
 */
export function runOwnHook(place: OwnHooks, name: LaterHook, call: HookCall): Promise<HookEnd> {
  const file = hookToRun(place, name);
  if (file === null) return Promise.resolve({ how: 'well', printed: '' });
  const names =
    name === 'post-update' ? call.updates.map(({ ref }) => Buffer.from(ref, 'latin1').toString('utf8')) : [];
  const input = call.updates.map((update) => `${printUpdate(update)}\n`).join('');
  return runFile({ ...call, file, words: names, input, directory: place.directory });
}

interface FileCall {
  readonly file: string;
  readonly words: readonly string[];
  /** Bytes as latin1. */
  readonly input: string;
  readonly directory: string;
  readonly limitMs: number;
  /** Absent: it holds no lock of ours. */
  readonly lock?: Unlock;
}

export function runFile(call: FileCall): Promise<HookEnd> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('GIT_')));
  const began = performance.now();
  const limit = ['-s', 'KILL', (call.limitMs / 1000).toFixed(3)];
  const child = spawn('timeout', [...limit, '/bin/sh', '-c', 'exec "$0" "$@" 3>&-', call.file, ...call.words], {
    cwd: call.directory,
    env: { ...clean, GIT_DIR: '.' },
    stdio: ['pipe', 'pipe', 'pipe', call.lock?.fd ?? 'ignore'],
    detached: true,
  });
  let printed = '';
  const hear = (chunk: Buffer): void => void (printed = (printed + chunk.toString('latin1')).slice(-printedMax));
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(Buffer.from(call.input, 'latin1'));
  const howOf = (code: number | null): HookEnd['how'] => {
    if (code === 0) return 'well';
    return performance.now() - began >= call.limitMs ? 'late' : 'badly';
  };
  return new Promise((resolve) => {
    const overdue = setTimeout(() => endGroup(child.pid), call.limitMs + graceMs);
    const over = (how: HookEnd['how']): void => {
      clearTimeout(overdue);
      [child.stdout, child.stderr].forEach((stream) => stream?.destroy());
      resolve({ how, printed });
    };
    child.on('error', (error) => {
      printed = error.message;
      over('badly');
    });
    child.on('close', (code) => over(howOf(code)));
    child.on('exit', (code) => void setTimeout(() => over(howOf(code)), lastWordsMs).unref());
  });
}

/** Also those that left the group: children are found by their parents while these stand still. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  living(String(pid)).forEach(endTree);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}
