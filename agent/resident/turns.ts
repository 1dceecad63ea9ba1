/** The resident's work: passes over all repositories, in turns, a few side by side. */
import * as path from 'node:path';
import { asFault } from '../contract/errors';
import { readIfThere } from '../machine/files';
import { openLog } from '../machine/log';
import { isLively, nextLookMs, type Pace } from './pace';
import { attachedFolders, readAgentConfig } from '../repository/place';
import { Rounds } from './rounds';
import { parseState } from '../rules/statefile';
import { lookAlone } from './alone';
import { lookBeside, type Seen } from './beside';
import { Lanes, type Lane } from './lanes';

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
  const lanes = new Lanes();
  const { queueDelayMs, webhooks } = settingsOf(folder);
  let hurry: () => void = () => undefined;
  const hasRoom = (name: string): boolean => lanes.hasRoom(name, performance.now());
  const look = async (name: string, lane: Lane): Promise<void> => {
    const pace = await lookAt({ folder, name, lane }, paces.get(name) ?? null);
    if (pace === 'large') {
      lanes.noteLarge(name, performance.now());
      rounds.done(name, performance.now());
      return hurry();
    }
    paces.set(name, pace);
    const lively = [...paces.values()].filter((one) => isLively(one, webhooks)).length;
    rounds.done(name, performance.now() + nextLookMs(pace, { webhooks, lively }));
    hurry();
  };
  const startIn = (lane: Lane, name: string): void => lanes.enter(lane, look(name, lane));
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
      lanes.keep(new Set(names));
      const next = (): string | null => rounds.take(performance.now(), hasRoom);
      for (let name = next(); name !== null; name = next()) startIn(lanes.laneOf(name, performance.now()), name);
    },
    rest: (mostMs) =>
      new Promise((resolve) => {
        const dueMs = Math.max(0, rounds.nextDueMs(hasRoom) - performance.now());
        const timer = setTimeout(resolve, Math.min(mostMs, dueMs));
        hurry = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: (mostMs) =>
      Promise.race([lanes.allEnded(), new Promise<void>((resolve) => void setTimeout(resolve, mostMs).unref())]),
  };
}

function settingsOf(folder: string): { readonly queueDelayMs: number; readonly webhooks: boolean } {
  const { queueDelayMs, webhook } = readAgentConfig(folder);
  return { queueDelayMs, webhooks: webhook !== undefined };
}

function forgetOthers(paces: Map<string, Pace>, names: ReadonlySet<string>): void {
  for (const name of paces.keys()) if (!names.has(name)) paces.delete(name);
}

interface Turn {
  readonly folder: string;
  readonly name: string;
  readonly lane: Lane;
}

/** One pass; what it saw decides when the next one comes. `large`: it needs a process of its own. */
async function lookAt({ folder, name, lane }: Turn, before: Pace | null): Promise<Pace | 'large'> {
  const state = path.join(folder, 'repositories', name);
  const phase = parseState(readIfThere(path.join(state, 'state')) ?? '')?.phase ?? before?.phase ?? 'old';
  const failed: Pace = { phase, failed: (before?.failed ?? 0) + 1, open: false, quiet: 0 };
  try {
    const seen = lane === 'alone' ? await lookAlone(folder, state) : await lookBeside(folder, state);
    if (seen === 'large') return seen;
    return seen === 'parked' ? failed : paceOf(phase, seen, before);
  } catch (error) {
    openLog(folder, {}).write('pass-failed', { state, ...asFault(error) });
    return failed;
  }
}

function paceOf(phase: Pace['phase'], seen: Seen | null, before: Pace | null): Pace {
  return {
    phase,
    failed: 0,
    open: seen === null || seen.open > 0,
    quiet: isQuiet(seen) ? (before?.quiet ?? 0) + 1 : 0,
  };
}

/** Null: another pass has it. */
function isQuiet(seen: Seen | null): boolean {
  return seen !== null && seen.moved === 0 && seen.open === 0;
}
