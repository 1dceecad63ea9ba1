/** The resident's work: passes over all repositories, in turns, a few side by side. */
import * as path from 'node:path';
import { asFault } from '../contract/errors';
import { readIfThere } from '../machine/files';
import type { PassResult } from '../sync/pass';
import { openLog } from '../machine/log';
import { isLively, nextLookMs, type Pace } from './pace';
import { attachedFolders, readAgentConfig } from '../repository/place';
import { openRepository } from '../repository/open';
import { Rounds } from './rounds';
import { parseState } from '../rules/statefile';
import { passOf } from './tick';

/** GitLab allows ten sessions on one connection: most are for those who push. */
const sideBySide = 4;

export interface Looks {
  /** False when there is no such repository. */
  readonly wake: (name: string) => boolean;
  /** In `mirror` the queue waits for more pushes first. */
  wakeByHook(name: string): void;
  /** Ends the present `rest`. */
  hurry(): void;
  /** Starts what is due, as far as there is room. */
  start(): void;
  /** Until something is due, at most so long, ms. */
  rest(mostMs: number): Promise<void>;
  /** Starts nothing more; what runs is waited for, at most so long, ms. */
  end(mostMs: number): Promise<void>;
}

export function openLooks(folder: string): Looks {
  const rounds = new Rounds();
  const paces = new Map<string, Pace>();
  const running = new Set<Promise<void>>();
  const { queueDelayMs, webhook } = readAgentConfig(folder);
  const webhooks = webhook !== undefined;
  let hurry: () => void = () => undefined;
  const look = async (name: string): Promise<void> => {
    const pace = await lookAt(folder, name, paces.get(name) ?? null);
    paces.set(name, pace);
    const lively = [...paces.values()].filter((one) => isLively(one, webhooks)).length;
    rounds.done(name, performance.now() + nextLookMs(pace, { webhooks, lively }));
    hurry();
  };
  const wake = (name: string, delayMs: number): boolean => {
    const isKnown = rounds.wake(name, performance.now() + delayMs);
    hurry();
    return isKnown;
  };
  return {
    wake: (name) => wake(name, 0),
    wakeByHook: (name) => void wake(name, paces.get(name)?.phase === 'mirror' ? queueDelayMs : 0),
    hurry: () => hurry(),
    start: () => {
      const names = attachedFolders(folder).map((state) => path.basename(state));
      rounds.keep(names, performance.now());
      forgetOthers(paces, new Set(names));
      for (let name = nextOf(rounds, running); name !== null; name = nextOf(rounds, running)) {
        const one = look(name).finally(() => running.delete(one));
        running.add(one);
      }
    },
    rest: (mostMs) =>
      new Promise((resolve) => {
        const dueMs = running.size < sideBySide ? Math.max(0, rounds.nextDueMs() - performance.now()) : mostMs;
        const timer = setTimeout(resolve, Math.min(mostMs, dueMs));
        hurry = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: (mostMs) =>
      Promise.race([
        Promise.all(running).then(() => undefined),
        new Promise<void>((resolve) => void setTimeout(resolve, mostMs).unref()),
      ]),
  };
}

function forgetOthers(paces: Map<string, Pace>, names: ReadonlySet<string>): void {
  for (const name of paces.keys()) if (!names.has(name)) paces.delete(name);
}

function nextOf(rounds: Rounds, running: ReadonlySet<unknown>): string | null {
  return running.size < sideBySide ? rounds.take(performance.now()) : null;
}

/** One pass; what it saw decides when the next one comes. */
async function lookAt(folder: string, name: string, before: Pace | null): Promise<Pace> {
  const state = path.join(folder, 'repositories', name);
  const phase = parseState(readIfThere(path.join(state, 'state')) ?? '')?.phase ?? before?.phase ?? 'old';
  try {
    const result = await passOf(openRepository(folder, state));
    return {
      phase,
      failed: 0,
      open: result === null || result.open > 0,
      quiet: isQuiet(result) ? (before?.quiet ?? 0) + 1 : 0,
    };
  } catch (error) {
    openLog(folder, {}).write('pass-failed', { state, ...asFault(error) });
    return { phase, failed: (before?.failed ?? 0) + 1, open: false, quiet: 0 };
  }
}

/** Null: another pass has it. */
function isQuiet(result: PassResult | null): boolean {
  return result !== null && result.moved === 0 && result.open === 0;
}
