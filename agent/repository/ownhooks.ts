/**
 * What the repository's own hooks are to hear, in <state>/own-hooks: a file for each change of refs, a number that
 * grows. Passes add under the repository's lock, one runner takes away; both claim a file by renaming it, so that
 * neither waits for the other. `<n>.planned`: the refs may have changed. `running`: the runner is at it.
 */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { agentWords } from '../contract/commands';
import { asFault } from '../contract/errors';
import { hookVerdict } from '../git/hookverdict';
import { hookToRun, laterHooks, type OwnHooks as HooksPlace } from '../git/ownhooks';
import { isMissing, namesIn, readIfThere, readSealed, writeSealed } from '../machine/files';
import { environmentWithoutGit, isAlive, startOf } from '../machine/processes';
import { foldUpdates } from '../rules/ownhooks';
import { parseUpdate, printUpdate } from '../rules/refs';
import type { Log, OwnHooks } from '../rules/ports';
import type { Update } from '../rules/values';

/** A hook that fails each time fills no disk: what comes on top is heard as one push with the newest. */
const waitingMax = 100;

export interface QueuePlace {
  readonly folder: string;
  readonly state: string;
  readonly hooks: HooksPlace;
  readonly log: Log;
}

export function openOwnHooks({ folder, state, hooks, log }: QueuePlace): OwnHooks {
  const queue = queueOf(state);
  return {
    isThere: () => laterHooks.some((name) => hookToRun(hooks, name) !== null),
    plan: (updates) => {
      fs.mkdirSync(queue, { recursive: true, mode: 0o700 });
      write(path.join(queue, `${newestOf(queue) + 1}.planned`), updates);
    },
    planned: () => {
      const [name] = namesIn(queue).filter((one) => one.endsWith('.planned'));
      return name === undefined ? null : (read(path.join(queue, name)) ?? []);
    },
    due: (updates) => {
      finishFold(queue);
      for (const name of namesIn(queue).filter((one) => one.endsWith('.planned'))) {
        if (updates.length > 0) add(queue, parseInt(name, 10), updates);
        fs.rmSync(path.join(queue, name));
      }
    },
    judge: (update, refs) => hookVerdict(hooks, path.join(state, 'asking'), update, refs),
    start: () => {
      if (!isSomethingDue(state) || isRunnerAlive(state)) return;
      const words = agentWords(folder, 'own-hooks', state);
      const child = spawn(process.execPath, words, {
        cwd: '/',
        detached: true,
        stdio: 'ignore',
        env: environmentWithoutGit(),
      });
      child.on('error', (error) => log.write('own-hooks-not-started', { words: error.message }));
      child.unref();
    },
  };
}

function queueOf(state: string): string {
  return path.join(state, 'own-hooks');
}

/** Too many wait already: the newest takes these on, unless the runner has it by now. */
function add(queue: string, number: number, updates: readonly Update[]): void {
  const waiting = waitingIn(queue);
  const newest = waiting[waiting.length - 1];
  const folding = path.join(queue, `${newest ?? 0}.folding`);
  if (newest === undefined || waiting.length < waitingMax || !claim(path.join(queue, String(newest)), folding)) {
    write(path.join(queue, String(number)), updates);
    return;
  }
  write(path.join(queue, String(newest)), foldUpdates(read(folding) ?? [], updates));
  fs.rmSync(folding);
}

/** One that was cut off: begun anew where the folded one is not there, else it is done. */
function finishFold(queue: string): void {
  for (const name of namesIn(queue).filter((one) => one.endsWith('.folding'))) {
    const [folding, whole] = [path.join(queue, name), path.join(queue, String(parseInt(name, 10)))];
    if (fs.existsSync(whole)) fs.rmSync(folding);
    else fs.renameSync(folding, whole);
  }
}

/** Numbers of those that wait, the oldest first. */
function waitingIn(queue: string): number[] {
  return namesIn(queue)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function newestOf(queue: string): number {
  return Math.max(0, ...namesIn(queue).map((name) => parseInt(name, 10) || 0));
}

function claim(file: string, as: string): boolean {
  try {
    fs.renameSync(file, as);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function write(file: string, updates: readonly Update[]): void {
  writeSealed(file, updates.map((update) => `${printUpdate(update)}\n`).join(''));
}

/** Null: it is not there, or the disk spoiled it. Nobody can say then what was to be heard. */
function read(file: string): Update[] | null {
  try {
    const lines = (readSealed(file) ?? '').split('\n').filter((line) => line !== '');
    return lines.map(parseUpdate);
  } catch {
    return null;
  }
}

/** Something waits for the runner, or a killed one left it. */
export function isSomethingDue(state: string): boolean {
  const queue = queueOf(state);
  return fs.existsSync(path.join(queue, 'running')) || waitingIn(queue).length > 0;
}

/** For the runner: the oldest, or what a killed runner was at. Null when nothing waits. */
export function takeDue(state: string, log: Log): Update[] | null {
  const queue = queueOf(state);
  const running = path.join(queue, 'running');
  if (!fs.existsSync(running)) {
    const claimed = waitingIn(queue).some((number) => claim(path.join(queue, String(number)), running));
    if (!claimed) return null;
  }
  const updates = read(running);
  if (updates === null) log.write('own-hooks-unreadable', { file: running });
  return updates ?? [];
}

export function forgetTaken(state: string): void {
  fs.rmSync(path.join(queueOf(state), 'running'), { force: true });
}

/** Since when the oldest change that was not heard waits, or is being heard; ms of the wall clock, null without one. */
export function unheardSinceMs(state: string): number | null {
  const queue = queueOf(state);
  const times = ['running', ...waitingIn(queue).map(String)].map(
    (name) => fs.statSync(path.join(queue, name), { throwIfNoEntry: false })?.ctimeMs ?? Infinity,
  );
  const oldest = Math.min(...times);
  return oldest === Infinity ? null : oldest;
}

/** Its name is there before it takes anything, and gone before it looks for the last time. */
export function noteRunner(state: string, runs: boolean): void {
  const file = path.join(queueOf(state), 'runner');
  if (runs) fs.writeFileSync(file, `${process.pid}.${startOf(process.pid) ?? ''}\n`, { mode: 0o600 });
  else fs.rmSync(file, { force: true });
}

function isRunnerAlive(state: string): boolean {
  const [pid = '', start = ''] = (readIfThere(path.join(queueOf(state), 'runner')) ?? '').trim().split('.');
  return isAlive({ pid: Number(pid), start });
}

interface Failing {
  readonly hook: string;
  /** ISO time of the first time since it last ended well. */
  readonly since: string;
  /** How it ended, and what it printed last, as UTF-8. */
  readonly words: string;
}

/** Kept until it ends well. On a full disk the log has it. */
export function noteHook(state: string, hook: string, words: string | null, log: Log): void {
  const file = path.join(queueOf(state), `failing-${hook}`);
  try {
    if (words === null) fs.rmSync(file, { force: true });
    else {
      const since = readFailing(file)?.since ?? new Date().toISOString();
      writeSealed(file, Buffer.from(JSON.stringify({ hook, since, words }), 'utf8').toString('latin1'));
    }
  } catch (error) {
    log.write('own-hook-not-noted', { hook, ...asFault(error) });
  }
}

export function failingHooks(state: string): Failing[] {
  return laterHooks
    .map((hook) => readFailing(path.join(queueOf(state), `failing-${hook}`)))
    .filter((one): one is Failing => one !== null);
}

function readFailing(file: string): Failing | null {
  try {
    const body = readSealed(file);
    return body === null ? null : (JSON.parse(Buffer.from(body, 'latin1').toString('utf8')) as Failing);
  } catch {
    return null;
  }
}
