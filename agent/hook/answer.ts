/**
 * The resident hears hooks of other accounts, which may not use the key: it sends what they push, each by a process of
 * its own beside the passes. Whatever comes, a broken client stops nobody but itself. askwords.ts says what is said.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type * as net from 'node:net';
import { admit, type Admitted } from './admit';
import { openDoors } from './doors';
import { defaultWaitMs, parseRequest, provedLine, type AskAnswer, type AskRequest } from './askwords';
import { agentWords, pushWords, type Command } from '../contract/commands';
import { systemClock } from '../machine/clock';
import { controlBytesMax, printControl, says } from '../rules/leasefile';
import { waitFor } from '../rules/time';
import { asFault } from '../contract/errors';
import { appendPlain, readPlain } from '../machine/files';
import { linesOf } from '../machine/lines';
import { openLog, sparing } from '../machine/log';
import { endTree, environmentWithoutGit, processesCalled, startOf } from '../machine/processes';
import { askedVariable } from './ownlease';
import { newChallenge, proverOf } from './proofs';
import { unwritten } from '../sync/push';
import { agentConfigOrNull } from '../repository/place';
import { openRoom, type Room } from '../contract/room';
import type { Log } from '../rules/ports';

const atOnceMax = 8;
const lineMax = 16 * 1024;
/** A hook says at once what it has to say. */
const proveMs = 5_000;

export interface Asks {
  /** Listens where a repository is shared, and again where it could not or its socket is gone. */
  keep(): void;
  /** Takes no new ones. */
  close(): void;
  /** What runs is waited for, at most so long, ms. */
  end(mostMs: number): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly log: Log;
  readonly room: Room;
}

export function openAsks(folder: string): Asks {
  const place: Place = {
    folder,
    log: sparing(openLog(folder, {}), ['ask-refused', 'ask-failed', 'not-asked']),
    room: openRoom(atOnceMax),
  };
  const running = new Set<Promise<void>>();
  const doors = openDoors(folder, place.log, (socket, proved) => {
    const one: Promise<void> = converse(socket, place, proved)
      .catch((error: unknown) => place.log.write('ask-failed', { ...asFault(error) }))
      .finally(() => {
        socket.destroySoon();
        running.delete(one);
      });
    running.add(one);
  });
  return {
    keep: () => doors.keep(),
    close: () => doors.close(),
    end: async (mostMs) => void (await waitFor(systemClock, mostMs, 50, () => running.size === 0)),
  };
}

async function converse(socket: net.Socket, place: Place, proved: () => void): Promise<void> {
  const lines = linesOf(socket, lineMax);
  const tell = (answer: object): void => void (socket.writable && socket.write(`${JSON.stringify(answer)}\n`));
  const refuse = (text: string): void => tell({ kind: 'refused', text } satisfies AskAnswer);
  const request = parseRequest((await lines.next(proveMs)) ?? '');
  if (request === null)
    return refuse(
      'git-handover on this server does not understand what its hook asks: another\nversion of it runs. Push again in a minute.',
    );
  const challenge = newChallenge();
  tell(challenge);
  if ((await lines.next(proveMs)) !== provedLine) return;
  proved();
  const admitted = admit(place.folder, request, (directory) => proverOf(directory, challenge));
  if (typeof admitted === 'string') {
    place.log.write('ask-refused', { ...request, words: admitted });
    return refuse(admitted);
  }
  const leave = await place.room.take(agentConfigOrNull(place.folder)?.limits.connectMs ?? defaultWaitMs);
  // Without a word: it may have been sent before, and whoever asked asks again.
  if (leave === null && request.what === 'look') return;
  if (leave === null)
    return refuse(
      'git-handover on this server sends too many pushes at once.\nNothing was taken. Push again in a minute.',
    );
  try {
    if (!socket.destroyed) await work({ socket, tell, request, admitted, place });
  } finally {
    leave();
  }
}

interface Work {
  readonly socket: net.Socket;
  readonly tell: (answer: AskAnswer) => void;
  readonly request: AskRequest;
  readonly admitted: Admitted;
  readonly place: Place;
}

async function work(parts: Work): Promise<void> {
  const { tell, request, admitted, place } = parts;
  const what = whatToDo(request, admitted);
  if (what === null) return tell({ kind: 'refused', text: unwritten });
  tell({ kind: 'taken' });
  const start = performance.now();
  const code = await runAgent(parts, what);
  place.log.write('asked', {
    state: request.state,
    lease: request.lease,
    what: what.join(' '),
    account: admitted.uid,
    code,
    ms: Math.round(performance.now() - start),
  });
  // Without a code whoever asked looks what came of it.
  if (code === null) parts.socket.destroy();
  else tell({ kind: 'done', code });
}

/** Arguments of the agent; null where it cannot be written down. What was asked once is never sent again. */
function whatToDo({ what, lease }: AskRequest, { state, file }: Admitted): [Command, ...string[]] | null {
  if (what === 'end-hold') return [what, state];
  const push = pushWords(state, lease);
  const before = processesCalled(push);
  before.forEach(endTree);
  const isRepeated = what === 'look' || says((readPlain(file, controlBytesMax) ?? '').split('\n'), 'asked');
  if (isRepeated) return [...push, 'look'];
  try {
    appendPlain(file, printControl('asked'), true);
    return [...push, 'check'];
  } catch {
    return null;
  }
}

/** Its exit code; null when it was ended. It ends with whoever asks, and, by its standard input, with us. */
function runAgent(
  { socket, tell, admitted, place }: Work,
  what: readonly [Command, ...string[]],
): Promise<number | null> {
  const child = spawn(process.execPath, agentWords(place.folder, ...what), {
    cwd: admitted.directory,
    env: { ...environmentWithoutGit(), ...admitted.quarantine, [askedVariable]: 'yes' },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => tell({ kind: 'words', text: chunk.toString('utf8') }));
  const gone = (): void => endChild(child);
  socket.once('close', gone);
  if (socket.destroyed) gone();
  return new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  }).finally(() => socket.off('close', gone));
}

/** Its git too, which is a group of its own; what GitLab has of it by then is seen as after the death of a hook. */
function endChild({ pid, exitCode, signalCode }: ChildProcess): void {
  const start = pid === undefined || exitCode !== null || signalCode !== null ? null : startOf(pid);
  if (pid !== undefined && start !== null) endTree({ pid, start });
}
