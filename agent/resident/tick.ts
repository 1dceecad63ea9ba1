/**
 * The work of a timer without a resident: one pass for every attached repository, the connection to GitLab kept warm,
 * and the scan started where one is due.
 */
import { asFault } from '../contract/errors';
import { refreshFacts } from '../repository/gitfacts';
import { endExpiredHold } from '../sync/hold';
import { runPass, type PassResult } from '../sync/pass';
import { takeLock } from '../machine/flock';
import { openLog } from '../machine/log';
import { ensureMaster } from './warmconnection';
import { noteFailure } from '../repository/passfailure';
import { attachedFolders } from '../repository/place';
import { openRepository, type Repository } from '../repository/open';
import { ensureResident, residentOf, startResident } from './resident';
import { startScan } from '../repair/scan';

/** Repositories looked at side by side; GitLab allows ten sessions on one connection. */
const sideBySide = 4;

/** One tick at a time: a slow one is not joined by the next. Answers the repositories that could not be looked at. */
export async function tick(folder: string): Promise<number> {
  const lock = await takeLock(`${folder}/tick.lock`, 0);
  if (lock === null) return 0;
  try {
    await ensureMaster(folder);
    const open = attachedFolders(folder);
    const failures = await Promise.all(Array.from({ length: sideBySide }, () => work(folder, open)));
    startScan(folder);
    return failures.reduce((sum, failed) => sum + failed, 0);
  } finally {
    lock.release();
  }
}

async function work(folder: string, open: string[]): Promise<number> {
  let failed = 0;
  for (let state = open.shift(); state !== undefined; state = open.shift()) {
    try {
      await passOf(openRepository(folder, state));
    } catch (error) {
      failed += 1;
      openLog(folder, {}).write('pass-failed', { state, ...asFault(error) });
    }
  }
  return failed;
}

/** Another pass that runs already is as good as ours: null. */
export async function passOf(repository: Repository): Promise<PassResult | null> {
  try {
    await endExpiredHold(repository.world);
    await refreshFacts(repository);
    return await runPass(repository.world, 0);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'busy') return null;
    noteFailure(repository.state, fault);
    throw error;
  }
}

/**
 * What the timer runs: it looks after the resident, and does its work where there can be none. Answers as `tick` does.
 */
export async function watch(folder: string, supervised: boolean): Promise<number> {
  return (await ensureResident(folder, supervised)) ? 0 : tick(folder);
}

/** A wake-up by a hook that found no resident: the queue waits for more pushes first. */
export async function wake(folder: string, state: string): Promise<void> {
  const repository = openRepository(folder, state);
  if (repository.journal.state().phase === 'mirror') await repository.world.clock.sleep(repository.agent.queueDelayMs);
  if (repository.agent.timer !== 'none' && residentOf(folder) === null) startResident(folder);
  await runPass(repository.world, 60_000);
}
