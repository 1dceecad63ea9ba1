/**
 * The one way to the old server: one connection, pinned host keys, a bound on its channels, a deadline on what must be
 * quick.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Config, NodeSSH as Client, SSHExecCommandOptions, SSHExecCommandResponse } from 'node-ssh';
import { HandoverError } from '../../../agent/contract/errors';
import { splitting } from './lines';
import { quote } from '../../../agent/contract/shellword';
import { remotePath } from './shell';
import { openRoom } from '../../../agent/contract/room';
import { pause, stopping, cancelled } from '../waiting/stopping';
import { connectFault, lost, noKey, pinnedBlobs, tooLate, wrongHostKey } from './sshfaults';
import type { ServerSettings } from './address';

/** Loaded at run time from node_modules: its compiled parts cannot go into a bundle. */
const { NodeSSH } = createRequire(__filename)('node-ssh') as typeof import('node-ssh');

export interface RunOptions {
  /** A stream keeps it open until it ends. */
  readonly stdin?: string | Buffer | Readable;
  readonly onLine?: (line: string) => void;
  /** No limit when left out: then only a lost connection ends the wait. */
  readonly withinMs?: number;
  readonly signal?: AbortSignal;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Connection {
  readonly settings: ServerSettings;
  /** `settings.folder` as a word for the server's shell. */
  readonly folder: string;
  /** Runs a POSIX sh script. Throws when the connection is lost, at the deadline, and when cancelled. */
  run(script: string, options?: RunOptions): Promise<Finished>;
  isOpen(): boolean;
  close(): void;
}

/** sshd allows ten sessions on one connection; two stay free for ending what runs. */
const channelsMax = 8;
const connectMs = 20_000;
const keepaliveMs = 10_000;
/** How long a command that was told to end may take before its channel is simply closed. */
const endMs = 3_000;
/** How often a channel that sshd refuses is asked for again, and how long after. */
const attemptsMax = 100;
const pauseMs = 100;
/** The exit code of a command that a signal ended. */
const signalled = 143;

/**
 * Opens the connection. Throws a clear error when the server is unreachable, shows another host key or refuses the key.
 */
export async function connect(settings: ServerSettings): Promise<Connection> {
  const ssh = new NodeSSH();
  let shown: Buffer | null = null;
  const verify = (key: Buffer): boolean => {
    shown = pinnedBlobs(settings.hostKeys).some((pinned) => pinned.equals(key)) ? null : key;
    return shown === null;
  };
  try {
    await ssh.connect({ ...login(settings), hostVerifier: verify });
  } catch (trouble) {
    if (shown !== null) throw wrongHostKey(settings, shown);
    throw trouble instanceof HandoverError ? trouble : connectFault(settings, trouble as Error);
  }
  // Without a listener a connection that breaks between two commands would end the whole process.
  ssh.connection?.on('error', () => undefined);
  const channels = openRoom(channelsMax);
  return {
    settings,
    folder: remotePath(settings.folder),
    run: (script, options = {}) => channels.use(() => execute({ ssh, settings }, script, options)),
    isOpen: () => ssh.isConnected(),
    close: () => ssh.dispose(),
  };
}

function login(settings: ServerSettings): Config {
  const { host, port, user: username, hostKeys } = settings;
  const times = { readyTimeout: connectMs, keepaliveInterval: keepaliveMs, keepaliveCountMax: 3 };
  return {
    host,
    port,
    username,
    ...times,
    ...key(settings),
    algorithms: { serverHostKey: preferred(hostKeys) as never },
  };
}

function key({ privateKeyFile }: ServerSettings): Config {
  if (privateKeyFile !== undefined) return { privateKey: readKey(privateKeyFile) };
  const agent = process.env['SSH_AUTH_SOCK'];
  if (agent === undefined || agent === '') throw noKey();
  return { agent };
}

function readKey(file: string): string {
  const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
  try {
    return readFileSync(path, 'utf8');
  } catch (trouble) {
    throw new Error(`private key: ${(trouble as Error).message}`);
  }
}

/**
 * The pinned kinds come first, so that a server with several keys shows one that is pinned; the others only serve the
 * error's text.
 */
function preferred(hostKeys: readonly string[]): string[] {
  const all = [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ];
  const kinds = new Set(hostKeys.map((line) => line.split(' ')[0]));
  const isPinned = (kind: string): boolean => kinds.has(kind) || (kinds.has('ssh-rsa') && kind.includes('rsa'));
  return [...all.filter(isPinned), ...all.filter((kind) => !isPinned(kind))];
}

interface Opened {
  readonly ssh: Client;
  readonly settings: ServerSettings;
}

const pidLine = /^handover-pid (\d+)\n/m;

/** sshd counts an ended session for a moment longer than we do; nothing was run then, so it may be tried again. */
async function execute(opened: Opened, script: string, options: RunOptions): Promise<Finished> {
  let trouble: unknown = null;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const answer = await executeOnce(opened, script, options).catch((thrown: unknown) => ({ thrown }));
    if (!('thrown' in answer)) return answer;
    trouble = answer.thrown;
    if (!/Channel open failure/.test(String(trouble))) break;
    await pause(options.signal, pauseMs);
  }
  throw trouble instanceof HandoverError ? trouble : lost(opened.settings);
}

async function executeOnce({ ssh, settings }: Opened, script: string, options: RunOptions): Promise<Finished> {
  if (options.signal?.aborted === true) throw cancelled();
  if (!ssh.isConnected()) throw lost(settings);
  const running = { stderr: '', close: (): void => undefined };
  const end = (): void => endRemotely(ssh, running);
  const stops = stopping({
    signal: options.signal,
    withinMs: options.withinMs,
    late: (withinMs) => tooLate(settings, withinMs),
    end,
  });
  try {
    return outcome(settings, await stops.race(ssh.execCommand(wrapped(script), channelOptions(options, running))));
  } finally {
    stops.done();
  }
}

interface Running {
  stderr: string;
  close: () => void;
}

/** latin1 carries bytes whole through node-ssh, which would cut characters at the edges of packets. */
function channelOptions({ stdin, onLine }: RunOptions, running: Running): SSHExecCommandOptions {
  return {
    noTrim: true,
    encoding: 'latin1',
    ...(stdin === undefined ? {} : { stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]) }),
    onChannel: (channel) => {
      running.close = () => channel.destroy();
      channel.on('error', () => undefined);
    },
    onStdout: splitting(onLine),
    onStderr: (chunk) => void (running.stderr += chunk.toString('latin1')),
  };
}

/** The number comes first, so that the command can be ended: sshd ends nothing when a channel closes. */
function wrapped(script: string): string {
  return `exec sh -c ${quote(`echo "handover-pid $$" >&2; ${script}`)}`;
}

function outcome(settings: ServerSettings, finished: SSHExecCommandResponse): Finished {
  if (finished.code === null && finished.signal === null) throw lost(settings);
  const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
  return {
    code: finished.code ?? signalled,
    stdout: utf8(finished.stdout),
    stderr: utf8(finished.stderr.replace(pidLine, '')),
  };
}

/** sshd gives each command its own process group. Its channel is closed later even if the command does not end. */
function endRemotely(ssh: Client, running: Running): void {
  setTimeout(running.close, endMs).unref();
  const pid = pidLine.exec(running.stderr)?.[1];
  if (pid === undefined || !ssh.isConnected()) return;
  ssh
    .execCommand(`exec sh -c ${quote(`kill -TERM -- -${pid} 2>/dev/null || kill -TERM ${pid}`)}`)
    .catch(() => undefined);
}
