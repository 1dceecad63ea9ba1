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

/** GitLab allows ten sessions on one connection: most are for those who push. */
const sideBySide = 4;
/** Of those in processes of their own: each may take the memory that there is for one. */
const aloneAtOnce = 1;
/** One that was too large is not tried beside the others for so long, ms. */
const largeForMs = 3_600_000;

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
  const large = new Map<string, number>();
  const lanes = { beside: new Set<Promise<void>>(), alone: new Set<Promise<void>>() };
  const { queueDelayMs, webhook } = readAgentConfig(folder);
  const webhooks = webhook !== undefined;
  let hurry: () => void = () => undefined;
  const laneOf = (name: string): keyof typeof lanes =>
    (large.get(name) ?? -Infinity) > performance.now() ? 'alone' : 'beside';
  const hasRoom = (name: string): boolean => {
    const lane = laneOf(name);
    return lanes[lane].size < (lane === 'alone' ? aloneAtOnce : sideBySide);
  };
  const look = async (name: string, lane: keyof typeof lanes): Promise<void> => {
    const pace = await lookAt({ folder, name, lane }, paces.get(name) ?? null);
    if (pace === 'large') {
      large.set(name, performance.now() + largeForMs);
      rounds.done(name, performance.now());
      return hurry();
    }
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
      forgetOthers(large, new Set(names));
      const next = (): string | null => rounds.take(performance.now(), hasRoom);
      for (let name = next(); name !== null; name = next()) {
        const lane = laneOf(name);
        const one = look(name, lane).finally(() => lanes[lane].delete(one));
        lanes[lane].add(one);
      }
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
      Promise.race([
        Promise.all([...lanes.beside, ...lanes.alone]).then(() => undefined),
        new Promise<void>((resolve) => void setTimeout(resolve, mostMs).unref()),
      ]),
  };
}

function forgetOthers(known: Map<string, unknown>, names: ReadonlySet<string>): void {
  for (const name of known.keys()) if (!names.has(name)) known.delete(name);
}

interface Turn {
  readonly folder: string;
  readonly name: string;
  readonly lane: 'beside' | 'alone';
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
