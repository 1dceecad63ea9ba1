/**
 * The only file that starts git. No prompts, no configuration of the system or the account, a deadline on everything.
 */
import { $, type ProcessPromise } from 'zx/core';
import type { GitExit } from '../rules/gitanswers';
import type { Unlock } from '../rules/ports';
import { quote } from '../contract/shellword';
import { listBounds, ownBounds, strangerBounds, Tail, Whole, type Bounds } from './bounds';

export interface GitPlace {
  /** The bare repository. */
  readonly directory: string;
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
  /** It talks to GitLab, which may say anything, and never end: bounds on all of it (bounds.ts). */
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
 * The repository's configuration can add a tag without a lease, start a gc or another command that inherits our lock,
 * or print what we do not expect.
 */
const settings = [
  'gc.auto=0',
  'maintenance.auto=false',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'push.gpgSign=false',
  'push.negotiate=false',
  'push.pushOption=',
  'fetch.recurseSubmodules=no',
  'fetch.writeCommitGraph=false',
  'fetch.prune=false',
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
  'color.ui=false',
  'color.remote=false',
  'core.alternateRefsCommand=true',
  'protocol.ssh.allow=always',
  'receive.autoGC=false',
  // A log of refs may lead anywhere (linkedrefs.ts).
  'core.logAllRefUpdates=false',
];

/**
 * Grafts and replacements are old's alone: GitLab knows the history that the objects have. A file that cannot be there,
 * since git prints advice about any that it can open.
 */
const noGrafts = '/dev/null/grafts';

export function gitEnvironment(place: GitPlace): Record<string, string> {
  return {
    ...place.quarantine,
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: `${place.folder}/home`,
    XDG_CONFIG_HOME: `${place.folder}/home`,
    LC_ALL: 'C',
    GIT_DIR: place.directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: `${place.folder}/home/.gitconfig`,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: noGrafts,
    GIT_NO_LAZY_FETCH: '1',
    // The repository's configuration would name anybody, in a log of refs that is there.
    GIT_COMMITTER_NAME: 'git-handover',
    GIT_COMMITTER_EMAIL: 'git-handover',
    GIT_SSH_COMMAND: `ssh -F ${place.folder}/ssh/config`,
    GIT_SSH_VARIANT: 'ssh',
  };
}

function accountEnvironment(place: GitPlace): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: process.env['HOME'] ?? '/',
    LC_ALL: 'C',
    GIT_DIR: place.directory,
  };
}

/**
 * Runs git and answers how it ended; throws only when it could not be started. Bytes are latin1 characters on both
 * sides.
 */
export async function runGit(place: GitPlace, args: readonly string[], call: GitCall): Promise<GitExit> {
  const whole = call.asAccount ? [...args] : [...settings.flatMap((setting) => ['-c', setting]), ...args];
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
  const env = call.asAccount ? { ...accountEnvironment(place), ...call.env } : gitEnvironment(place);
  return run(words, { cwd: place.directory, env, keep: call.lock ? [call.lock.fd] : [] });
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
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
  return collect(run(['git', 'config', ...args], { cwd: '/', env, keep: [] }), '', ownBounds(30_000));
}
