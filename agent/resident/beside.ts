/** A look at one repository in a process that looks at others as well: only where it takes little room. */
import { asFault } from '../contract/errors';
import { refreshFacts } from '../repository/gitfacts';
import { isLarge, isParked } from '../repository/large';
import { openRepository, type Repository } from '../repository/open';
import { noteFailure } from '../repository/passfailure';
import { besideOthers } from '../rules/large';
import { endExpiredHold } from '../sync/hold';
import { runPass, type PassResult } from '../sync/pass';

/** What a pass saw, as far as it decides when the next one comes. */
export type Seen = Pick<PassResult, 'open' | 'moved'>;

/** As `passOf`. `large`: nothing was done, it needs a process of its own. */
export async function lookBeside(folder: string, state: string): Promise<Seen | 'large' | 'parked' | null> {
  if (isParked(folder, state)) return 'parked';
  if (isLarge(state)) return 'large';
  try {
    return await passOf(openRepository(folder, state, {}, besideOthers.listBytes));
  } catch (error) {
    if (isTooLong(error)) return 'large';
    throw error;
  }
}

/** Another pass that runs already is as good as ours: null, where it goes on for longer than `waitMs`. */
export async function passOf(repository: Repository, waitMs = 0): Promise<PassResult | null> {
  try {
    await endExpiredHold(repository.world);
    await refreshFacts(repository);
    return await runPass(repository.world, waitMs);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'busy') return null;
    // It is not over: what comes of it is another process, or parking.
    if (!isTooLong(error)) noteFailure(repository.state, fault);
    throw error;
  }
}

function isTooLong(error: unknown): boolean {
  return asFault(error).code === 'too-many-refs';
}
