/** One way to take a lock, to say that somebody else keeps it, and to give it back. */
import type { Unlock } from './ports';

/** Runs `work` under the lock that is being taken. Throws what `busy` says where it could not be had: null. */
export async function withLock<T>(
  taking: Promise<Unlock | null>,
  busy: () => Error,
  work: (lock: Unlock) => T | Promise<T>,
): Promise<T> {
  const lock = await taking;
  if (lock === null) throw busy();
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}
