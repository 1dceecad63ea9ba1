/**
 * The only file that starts git. No prompts, no configuration of the system or the account, a deadline on everything.
 */
import { $, type ProcessPromise } from 'zx/core';
import type { GitExit } from '../rules/gitanswers';
import type { Unlock } from '../rules/ports';
import { quote } from '../contract/shellword';
import { accountEnvironment, fileEnvironment, localEnvironment, networkEnvironment, ownSettings } from './environment';
import { listBounds, ownBounds, strangerBounds, Tail, Whole, type Bounds } from './bounds';

export interface GitPlace {
  /** The bare repository, or a folder of the agent's own that stands for it. */
  readonly directory: string;
  /** Its working directory, by which a process of git is found: absent, `directory`. */
  readonly worksIn?: string;
  /** The agent's folder: home/ and ssh/config in it. */
  readonly folder: string;
  /**
   * Inside a hook: GIT_QUARANTINE_PATH, GIT_OBJECT_DIRECTORY and GIT_ALTERNATE_OBJECT_DIRECTORIES as git gave them.
   * Else empty.
   */
  readonly quarantine: Readonly<Record<string, string>>;
  /** Of a list of refs more is not kept, but counted (`GitExit.cut`). */
  readonly listBytes?: number;
}

export interface GitCall {
  readonly input?: string;
  /** Ends git when it prints nothing for so long. */
  readonly idleMs: number;
  /** It talks to GitLab, which may say anything, and never end: bounds on all of it (bounds.ts). No other may. */
  readonly stranger?: boolean;
  /** It lists refs. */
  readonly isList?: boolean;
  readonly lock?: Unlock | null;
  /** Arguments by xargs: names that are no UTF-8, and more than one shell word may hold. */
  readonly long?: boolean;
  /** With the account's own configuration and without our settings: what receive-pack itself would see. */
  readonly asAccount?: boolean;
  /** Added to the account's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs git and answers how it ended; throws only when it could not be started. Bytes are latin1 characters on both
 * sides.
 */
export async function runGit(place: GitPlace, args: readonly string[], call: GitCall): Promise<GitExit> {
  const whole = call.asAccount ? [...args] : [...ownSettings.flatMap((setting) => ['-c', setting]), ...args];
  const words = call.long
    ? ['xargs', '-0', '-x', '-s', '1500000', '-n', String(whole.length + 1), 'git']
    : ['git', ...whole];
  const input = call.long ? whole.join('\0') : (call.input ?? '');
  return collect(start(place, words, call), input, boundsOf(place, call));
}

function boundsOf({ listBytes }: GitPlace, { stranger, idleMs, isList }: GitCall): Bounds {
  const bounds = (stranger ? strangerBounds : ownBounds)(idleMs);
  return isList && listBytes !== undefined ? listBounds(bounds, listBytes) : bounds;
}

function start(place: GitPlace, words: readonly string[], call: GitCall): ProcessPromise {
  return run(words, {
    cwd: place.worksIn ?? place.directory,
    env: environmentOf(place, call),
    keep: call.lock ? [call.lock.fd] : [],
  });
}

function environmentOf(place: GitPlace, call: GitCall): Record<string, string> {
  if (call.asAccount) return { ...accountEnvironment(place), ...call.env };
  return (call.stranger ? networkEnvironment : localEnvironment)(place);
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Descriptors that the process inherits. */
  readonly keep: readonly number[];
}

/** Without bash, which servers may lack, and in a group of its own, so that all of it can be ended. */
function run(words: readonly string[], { cwd, env, keep }: Surroundings): ProcessPromise {
  const shell = $({
    shell: '/bin/sh',
    prefix: 'exec ',
    postfix: '',
    quote,
    nothrow: true,
    verbose: false,
    quiet: true,
    detached: true,
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe', ...keep],
    store: { stdout: forgetful(), stderr: forgetful(), stdall: forgetful() },
  });
  return shell`${words}`;
}

/** zx would keep all that is printed, twice, whatever we keep of it. */
function forgetful(): string[] {
  return Object.assign([], { push: () => 0 });
}

async function collect(running: ProcessPromise, input: string, bounds: Bounds): Promise<GitExit> {
  const [out, err] = [new Whole(bounds.keptBytes ?? Infinity), new Tail()];
  let timedOut = false;
  const stop = (): void => {
    timedOut = true;
    killGroup(running.pid);
    // The warm connection was given the ends of its streams, and may keep them for as long as GitLab talks.
    running.stdout.destroy();
    running.stderr.destroy();
  };
  let idle = setTimeout(stop, bounds.idleMs);
  // The longest that a timer can wait is three weeks.
  const whole = bounds.mostMs === Infinity ? undefined : setTimeout(stop, Math.min(bounds.mostMs, 2 ** 31 - 1));
  const keep =
    (stream: Whole | Tail, bytesMax: number) =>
    (chunk: Buffer): void => {
      // What was under way when it was ended is not wanted any more.
      if (stream.bytes > bytesMax) return;
      stream.add(chunk);
      if (stream.bytes > bytesMax) stop();
      clearTimeout(idle);
      idle = setTimeout(stop, bounds.idleMs);
    };
  running.stdout.on('data', keep(out, bounds.outBytes));
  running.stderr.on('data', keep(err, bounds.errorBytes));
  running.stdin.on('error', () => undefined);
  running.stdin.end(Buffer.from(input, 'latin1'));
  const ended = await running;
  clearTimeout(idle);
  clearTimeout(whole);
  return {
    code: ended.signal === null ? ended.exitCode : null,
    stdout: out.text(),
    stderr: err.text(),
    timedOut,
    ...(out.isCut() ? { cut: { lines: out.lines, bytes: out.bytes } } : {}),
  };
}

/** git and its ssh are one process group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

/** `git config` on one named file: no repository, no other configuration. */
export function runGitConfig(args: readonly string[]): Promise<GitExit> {
  return collect(
    run(['git', 'config', ...args], { cwd: '/', env: fileEnvironment(), keep: [] }),
    '',
    ownBounds(30_000),
  );
}
