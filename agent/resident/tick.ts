/**
 * The work of a timer without a resident: one pass for every attached repository, the connection to GitLab kept warm,
 * and the scan started where one is due.
 */
import { asFault } from '../contract/errors';
import { runPass } from '../sync/pass';
import { takeLock } from '../machine/flock';
import { openLog } from '../machine/log';
import { ensureMaster } from './warmconnection';
import { lookAlone } from './alone';
import { lookBeside } from './beside';
import { isLarge, isParked } from '../repository/large';
import { attachedFolders } from '../repository/place';
import { openRepository } from '../repository/open';
import { ensureResident, residentOf, startResident } from './resident';
import { startScan } from '../repair/scan';

/** Repositories looked at side by side; GitLab allows ten sessions on one connection. */
const sideBySide = 4;

/** One tick at a time: a slow one is not joined by the next. Answers the repositories that could not be looked at. */
export async function tick(folder: string): Promise<number> {
  const round = await roundOfAll(folder);
  if (round === null) return 0;
  await workAlone(round);
  return round.failed;
}

async function roundOfAll(folder: string): Promise<Round | null> {
  const lock = await takeLock(`${folder}/tick.lock`, 0);
  if (lock === null) return null;
  try {
    await ensureMaster(folder);
    const round: Round = { folder, open: attachedFolders(folder), large: [], failed: 0 };
    await Promise.all(Array.from({ length: sideBySide }, () => work(round)));
    startScan(folder);
    return round;
  } finally {
    lock.release();
  }
}

interface Round {
  readonly folder: string;
  /** State folders that nobody looked at yet. */
  readonly open: string[];
  readonly large: string[];
  failed: number;
}

async function work(round: Round): Promise<void> {
  for (let state = round.open.shift(); state !== undefined; state = round.open.shift()) {
    const one = state;
    await counted(round, one, async () => {
      const seen = await lookBeside(round.folder, one);
      if (seen === 'large') round.large.push(one);
      if (seen === 'parked') round.failed += 1;
    });
  }
}

/** After the others, who need not wait for them: not in the next tick either. */
async function workAlone(round: Round): Promise<void> {
  const lock = round.large.length === 0 ? null : await takeLock(`${round.folder}/large.lock`, 0);
  if (lock === null) return;
  try {
    for (const state of round.large)
      await counted(round, state, async () => void (await lookAlone(round.folder, state)));
  } finally {
    lock.release();
  }
}

async function counted(round: Round, state: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    round.failed += 1;
    openLog(round.folder, {}).write('pass-failed', { state, ...asFault(error) });
  }
}

/**
 * What the timer runs: it looks after the resident, and does its work where there can be none. Answers as `tick` does.
 */
export async function watch(folder: string, supervised: boolean): Promise<number> {
  return (await ensureResident(folder, supervised)) ? 0 : tick(folder);
}

/** A pass that began before that push may still run. */
const wakeMs = 60_000;

/** A wake-up by a hook that found no resident: the queue waits for more pushes first. */
export async function wake(folder: string, state: string): Promise<void> {
  if (isParked(folder, state)) return;
  const repository = openRepository(folder, state);
  if (repository.journal.state().phase === 'mirror') await repository.world.clock.sleep(repository.agent.queueDelayMs);
  if (repository.agent.timer !== 'none' && residentOf(folder) === null) startResident(folder);
  if (isLarge(state)) await lookAlone(folder, state, wakeMs);
  else await runPass(repository.world, wakeMs);
}
