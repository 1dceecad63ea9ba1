/** Ends of a wait other than its own: a deadline, and Ctrl-C. */
import type { HandoverError } from '../../../agent/contract/errors';
import { faults } from '../../../agent/contract/faults';

export interface Stops {
  readonly signal?: AbortSignal | undefined;
  readonly withinMs?: number | undefined;
  /** What is thrown at the deadline. */
  readonly late: (withinMs: number) => HandoverError;
  /** Ends the work itself. */
  readonly end: () => void;
}

export interface Stopping {
  race<T>(work: Promise<T>): Promise<T>;
  done(): void;
}

/** Whatever comes first: the work, its deadline, or Ctrl-C. */
export function stopping({ withinMs, signal, late, end }: Stops): Stopping {
  let fail: (error: HandoverError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const stop = (error: HandoverError): void => {
    end();
    fail(error);
  };
  const onAbort = (): void => stop(cancelled());
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = withinMs === undefined ? undefined : setTimeout(() => stop(late(withinMs)), withinMs);
  return {
    race: (work) => Promise.race([work, failed]),
    done: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** Throws when it is cancelled. */
export function pause(signal: AbortSignal | undefined, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export function cancelled(): HandoverError {
  return faults.cancelled();
}
