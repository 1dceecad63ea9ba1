/**
 * A pass of a large repository: in a process of its own, with a bound on its memory and a deadline. One that outgrows
 * either is parked: its passes are tried now and then, and stop no others. What a kill leaves, the next pass finds.
 */
import { spawn } from 'node:child_process';
import { agentWords } from '../contract/commands';
import { asError, asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import type { Fault } from '../contract/views';
import { openLog } from '../machine/log';
import { endTree, environmentWithoutGit, startOf } from '../machine/processes';
import { forgetParked, isParked, packedRefsOf, park, passMegabytes, pathOf } from '../repository/large';
import { openRepository } from '../repository/open';
import { noteFailure } from '../repository/passfailure';
import { readAgentConfig } from '../repository/place';
import { listBytesIn } from '../rules/large';
import { passOf, type Seen } from './beside';

/** What it says of itself, if it comes to say anything. */
export type Answer = { readonly seen: Seen | null } | { readonly fault: Fault };

/** That process's part. */
export async function passAlone(folder: string, state: string, waitMs: number): Promise<Answer> {
  try {
    const result = await passOf(openRepository(folder, state, {}, listBytesIn(passMegabytes(folder))), waitMs);
    return { seen: result === null ? null : { open: result.open, moved: result.moved } };
  } catch (error) {
    return { fault: asFault(error) };
  }
}

/** As much longer as a fetch that says a word now and then (git/bounds.ts). */
const leasesLong = 12;

/** As `passOf`. Throws what that process found, or why it was ended: then it is parked. */
export async function lookAlone(folder: string, state: string, waitMs = 0): Promise<Seen | 'parked' | null> {
  if (isParked(folder, state)) return 'parked';
  const limits: RunLimits = {
    megabytes: passMegabytes(folder),
    withinMs: waitMs + leasesLong * readAgentConfig(folder).limits.leaseMs,
  };
  const ended = await runAlone(agentWords(folder, 'pass', state, String(waitMs)), limits);
  if (ended.kind === 'answered' && 'seen' in ended.answer) {
    if (ended.answer.seen !== null) forgetParked(state);
    return ended.answer.seen;
  }
  const fault = faultOf(ended, state, limits);
  if (parking.includes(fault.code)) {
    park(folder, state, fault);
    openLog(folder, {}).write('parked', { state, ...fault });
  } else if (ended.kind === 'died') noteFailure(state, fault);
  throw asError(fault);
}

const parking = ['too-many-refs', 'pass-outgrew', 'pass-outran'];

function faultOf(ended: Ended, state: string, { megabytes, withinMs }: RunLimits): Fault {
  if (ended.kind === 'answered' && 'fault' in ended.answer) return ended.answer.fault;
  const facts = { path: pathOf(state), refs: packedRefsOf(state) };
  if (ended.kind === 'late') return faults.passOutran({ ...facts, minutes: Math.ceil(withinMs / 60_000) }).fault;
  if (ended.kind === 'killed') return faults.passOutgrew({ ...facts, megabytes }).fault;
  return asFault(new Error(`a pass in a process of its own ended without an answer: ${JSON.stringify(ended)}`));
}

export interface RunLimits {
  /** Of its heap; what git takes comes on top. */
  readonly megabytes: number;
  readonly withinMs: number;
}

/** `killed`: by itself, when its heap was full, or by the kernel, when the machine was. */
export type Ended =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'late' | 'killed' }
  | { readonly kind: 'died'; readonly code: number | null };

/** More than it ever says. */
const answerBytesMax = 64 * 1024;
/** How Node ends with a full heap: SIGABRT, or by way of a shell. */
const aborted = 134;

/** `words`: what Node gets. It inherits nothing of ours, leaves no core, and outlives us where we end. */
export function runAlone(words: readonly string[], { megabytes, withinMs }: RunLimits): Promise<Ended> {
  const shell = ['-c', 'ulimit -c 0 2>/dev/null; exec "$0" "$@"', process.execPath];
  const child = spawn('/bin/sh', [...shell, `--max-old-space-size=${megabytes}`, ...words], {
    cwd: '/',
    detached: true,
    env: environmentWithoutGit(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  let isLate = false;
  const timer = setTimeout(
    () => {
      isLate = true;
      const start = child.pid === undefined ? null : startOf(child.pid);
      if (child.pid !== undefined && start !== null) endTree({ pid: child.pid, start });
    },
    Math.min(withinMs, 2 ** 31 - 1),
  );
  child.stdout.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(0, answerBytesMax)));
  return new Promise<Ended>((resolve) => {
    child.once('error', () => resolve({ kind: 'died', code: null }));
    child.once('close', (code, signal) => resolve(endedWith(said, { code, signal, isLate })));
  }).finally(() => clearTimeout(timer));
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly isLate: boolean;
}

function endedWith(said: string, { code, signal, isLate }: Exit): Ended {
  if (isLate) return { kind: 'late' };
  if (signal !== null || code === aborted) return { kind: 'killed' };
  const answer = readAnswer(said);
  return answer === null ? { kind: 'died', code } : { kind: 'answered', answer };
}

function readAnswer(said: string): Answer | null {
  try {
    const answer = JSON.parse(said) as Partial<Record<'seen' | 'fault', unknown>>;
    return 'seen' in answer || 'fault' in answer ? (answer as Answer) : null;
  } catch {
    return null;
  }
}
