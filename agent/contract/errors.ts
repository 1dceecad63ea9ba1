/**
 * What can be wrong, as values. Pure. A person's mistake, the environment and our own bug are three things with three
 * exit codes.
 */
import type { ExitCode, Fault } from './contract';
import { legalMoves, type Phase } from './phase';

/** An error that carries its own next step. Everything else that is thrown is our bug (exit code 1). */
export class HandoverError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'HandoverError';
    this.fault = fault;
  }
}

function error(exit: ExitCode, code: string, message: string, next: string): HandoverError {
  return new HandoverError({ code, message, next, exit });
}

/** All refusals in one text: the first decides what to do next. Nothing where there are none. */
export function refuse(refusals: readonly Fault[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  throw new HandoverError({ ...first, message: refusals.map(({ message }) => message).join('\n') });
}

/** A person must decide or correct something. */
export function mistake(code: string, message: string, next: string): HandoverError {
  return error(2, code, message, next);
}

/** The surroundings failed: try again, or mend them. */
export function environment(code: string, message: string, next: string): HandoverError {
  return error(3, code, message, next);
}

/** A move that is not in the table names those that are. */
export function illegalMove(repositoryPath: string, from: Phase, to: Phase): HandoverError {
  const legal = legalMoves(from).join(', ');
  const abandon = to === 'old' ? ' To leave GitLab behind, set `abandon: true` for this repository.' : '';
  return mistake(
    'illegal-move',
    `Cannot move ${repositoryPath} from ${from} to ${to} as only one step at a time is legal: from ${from} it is ${legal}.`,
    `Set its phase to one of: ${legal}.${abandon}`,
  );
}

/** Any thrown value as a Fault. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof HandoverError) return thrown.fault;
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return {
    code: 'bug',
    message: `Cannot go on as nothing unexpected may happen: ${text}`,
    next: 'Report this with the log file of the agent.',
    exit: 1,
  };
}
