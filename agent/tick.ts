/** What the timer runs: one pass for every attached repository, the connection to GitLab kept warm, and the scan started where one is due. */
import { asFault } from './errors';
import { endExpiredHold } from './flip';
import { levelOnce } from './level';
import { takeLock } from './locks';
import { openLog } from './log';
import { ensureMaster } from './master';
import { noteFailure } from './passfailure';
import { attachedFolders, openRepository, writeFacts, type Repository } from './repository';
import { startScan } from './scan';

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

/** Another pass that runs already is as good as ours. */
async function passOf(repository: Repository): Promise<void> {
  try {
    await endExpiredHold(repository.world);
    await writeFacts(repository);
    await levelOnce(repository.world, 0);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'busy') return;
    noteFailure(repository.state, repository.journal.lastPass(), fault);
    throw error;
  }
}

/** A wake-up by a hook: the queue waits for more pushes first. */
export async function wake(folder: string, state: string): Promise<void> {
  const repository = openRepository(folder, state);
  if (repository.journal.state().phase === 'mirror') await repository.world.clock.sleep(repository.agent.queueDelayMs);
  await levelOnce(repository.world, 60_000);
}
