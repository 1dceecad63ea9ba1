/**
 * What fails for a moment is done again: an sshd that starts, a GitLab that restarts, an agent that was killed, a lock
 * that a pass holds. Only for work that can be repeated as a whole; what a person must mend is told at once.
 */
import { asFault } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';
import { pause } from './stopping';

/** For so long after the first of several failures in a row another try begins. */
export const patienceMs = 30_000;
const pauseMs = { first: 500, longest: 2_000 };

export interface Patience {
  readonly signal: AbortSignal;
  /** To whoever watches the run. */
  readonly say: (text: string) => void;
  readonly withinMs?: number;
}

const moments: ReadonlySet<string> = new Set(
  [
    faults.unreachable,
    faults.connectionLost,
    faults.agentEnded,
    faults.gitlabApiUnreachable,
    faults.gitlabFailing,
    faults.gitlabUnreachable,
    faults.fetchFailed,
    faults.diskFull,
    faults.busy,
    faults.held,
    faults.locked,
  ].map(({ code }) => code),
);

/** Errors whose bound is over: whoever waits for what waited does not begin anew. */
const over = new WeakSet<object>();

export async function patiently<T>(
  work: () => Promise<T>,
  { signal, say, withinMs = patienceMs }: Patience,
): Promise<T> {
  let end: number | null = null;
  for (let waitMs = pauseMs.first; ; waitMs = Math.min(2 * waitMs, pauseMs.longest)) {
    const tried = await work().then(
      (answer) => ({ answer }),
      (thrown: unknown) => ({ thrown }),
    );
    if ('answer' in tried) return tried.answer;
    end ??= performance.now() + withinMs;
    giveUp(tried.thrown, performance.now() + waitMs > end);
    say(`${asFault(tried.thrown).message} Trying again.`);
    await pause(signal, waitMs);
  }
}

/** Throws what is no moment, and what took too long. */
function giveUp(thrown: unknown, isLate: boolean): void {
  const { code } = asFault(thrown);
  const isOver = typeof thrown === 'object' && thrown !== null && over.has(thrown);
  if (!isOver && !isLate && moments.has(code)) return;
  if (typeof thrown === 'object' && thrown !== null) over.add(thrown);
  throw thrown;
}
