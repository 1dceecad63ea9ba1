/**
 * The hook of another account asks the resident. Nothing else can be done without the agent's account, so it waits a
 * bounded time.
 */
import * as net from 'node:net';
import * as path from 'node:path';
import { defaultWaitMs, parseAnswer, parseChallenge, provedLine, unreadableWords, type AskRequest } from './askwords';
import { readIfThere } from '../machine/files';
import { leaseFile } from '../repository/leases';
import { linesOf, type Lines } from '../machine/lines';
import { socketFile } from './doors';
import { prove } from './proofs';
import { connectLimit, parseState } from '../rules/statefile';

export interface Asker {
  readonly folder: string;
  readonly state: string;
  readonly lease: string;
  readonly what: 'push' | 'end-hold';
  readonly quarantine: string | null;
  /** Shows words to whoever pushes, as they are. */
  readonly say: (text: string) => void;
}

/** `nobody`: nothing was asked. `broken`: it may have been sent, and no answer came. */
type Outcome = 'nobody' | 'broken' | { readonly code: number; readonly refused: boolean };

const lineMax = 256 * 1024;
const againMs = 200;
const tickSeconds = 3;
/** The resident asks for a proof at once, and may wait for room as long as we wait for it. */
const answerMs = 10_000;

/** Exit code of the hook. */
export async function ask(asker: Asker): Promise<number> {
  const sealed = readIfThere(path.join(asker.state, 'state')) ?? '';
  const directory = parseState(sealed)?.directory;
  if (directory === undefined) return refuse(asker, `${unreadableWords}\n`);
  const ticker = tick(asker);
  try {
    return await askUntilOver(asker, { directory, limitMs: connectLimit(sealed) ?? defaultWaitMs, taken: ticker.stop });
  } finally {
    ticker.stop();
  }
}

async function askUntilOver(asker: Asker, once: Omit<Once, 'isTaken'>): Promise<number> {
  let isTaken = false;
  let since = performance.now();
  do {
    const outcome = await askOnce(asker, { ...once, isTaken });
    if (typeof outcome === 'object') return outcome.refused && !isTaken ? refuse(asker, '') : outcome.code;
    if (outcome === 'broken' && !isTaken) since = performance.now();
    isTaken ||= outcome === 'broken';
    await new Promise((resolve) => setTimeout(resolve, againMs));
  } while (performance.now() - since < once.limitMs);
  return giveUp(asker, isTaken);
}

/** Says now and then that it still waits, until the resident speaks for itself. */
function tick({ say }: Asker): { readonly stop: () => void } {
  let waited = 0;
  const timer = setInterval(
    () => say(`waiting for git-handover ... ${(waited += tickSeconds)} s\n`),
    tickSeconds * 1000,
  );
  return { stop: () => clearInterval(timer) };
}

function giveUp(asker: Asker, isTaken: boolean): number {
  if (!isTaken)
    return refuse(
      asker,
      'Cannot take this push: the agent of git-handover on this server, which\nsends it to GitLab, does not answer. Nothing was taken.\nPush again in a minute; if that fails too, ask the administrator.\n',
    );
  asker.say(
    'The agent of git-handover on this server ended while it sent this push:\nwhether GitLab took it is unknown. In a minute, look:\n  git fetch\n',
  );
  return 1;
}

/** No record stays of what was never sent. */
function refuse({ state, lease, what, say }: Asker, words: string): number {
  say(words);
  if (what === 'push') leaseFile(path.join(state, 'pushes', lease)).refused();
  return 1;
}

interface Once {
  readonly directory: string;
  readonly isTaken: boolean;
  readonly limitMs: number;
  readonly taken: () => void;
}

async function askOnce(asker: Asker, once: Once): Promise<Outcome> {
  const socket = await connect(socketFile(asker.folder, asker.state));
  if (socket === null) return 'nobody';
  try {
    const lines = linesOf(socket, lineMax);
    const what = asker.what === 'push' && once.isTaken ? 'look' : asker.what;
    const request: AskRequest = {
      state: path.basename(asker.state),
      lease: asker.lease,
      what,
      quarantine: asker.quarantine,
    };
    socket.write(`${JSON.stringify(request)}\n`);
    const first = await lines.next(answerMs);
    const challenge = parseChallenge(first ?? '');
    if (challenge === null) return first === null ? 'nobody' : (ended(asker, first) ?? 'nobody');
    return await proveAndWait({ asker, once, socket, lines }, () => prove(once.directory, challenge));
  } finally {
    socket.destroy();
  }
}

interface Talk {
  readonly asker: Asker;
  readonly once: Once;
  readonly socket: net.Socket;
  readonly lines: Lines;
}

async function proveAndWait({ asker, once, socket, lines }: Talk, makeProof: () => () => void): Promise<Outcome> {
  let forget = (): void => undefined;
  try {
    forget = makeProof();
  } catch {
    // Taken before, it may have been sent: what came of it is asked again, and unknown in the end.
    if (once.isTaken) return 'nobody';
    asker.say(
      'Cannot take this push: this account may not write to the repository.\nNothing was taken. Ask the administrator.\n',
    );
    return { code: 1, refused: true };
  }
  try {
    socket.write(`${provedLine}\n`);
    return await outcomeOf({ asker, once, socket, lines });
  } finally {
    forget();
  }
}

async function outcomeOf({ asker, once, lines }: Talk): Promise<Outcome> {
  for (let withinMs = once.limitMs + answerMs; ; withinMs = 2 ** 31 - 1) {
    const line = await lines.next(withinMs);
    if (line === null) return 'broken';
    const outcome = ended(asker, line);
    if (outcome !== null) return outcome;
    if (parseAnswer(line)?.kind === 'taken') once.taken();
  }
}

/** Null when more follows. */
function ended({ say }: Asker, line: string): Outcome | null {
  const answer = parseAnswer(line);
  if (answer?.kind === 'words') say(answer.text);
  if (answer?.kind === 'refused') say(`${answer.text}\n`);
  if (answer?.kind === 'refused') return { code: 1, refused: true };
  return answer?.kind === 'done' ? { code: answer.code, refused: false } : null;
}

function connect(file: string): Promise<net.Socket | null> {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
