/** What can be wrong, as values. Pure. What may be thrown stands in the catalogue (faults/catalogue.ts). */
import type { Fault } from './views';
import { bugFaults } from './bugfaults';
import { HandoverError } from './fault';
import { passFaults } from './passesfaults';

export { HandoverError };

/** As the fault was found, or as the agent told it. */
export function asError(fault: Fault): HandoverError {
  return new HandoverError(fault);
}

/** All refusals in one text: the first decides what to do next. Nothing where there are none. */
export function refuse(refusals: readonly Fault[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  throw asError({ ...first, message: refusals.map(({ message }) => message).join('\n') });
}

/** Refusals of several repositories, each with its own next step. */
export function refuseEach(refusals: readonly Fault[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  const message = refusals.map((one) => `${one.message} ${one.next}`).join('\n');
  throw asError({ ...first, message, next: 'Settle each of these, then run it again.' });
}

/** Of the system: the disk, or the account's share of it. */
const noRoom: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Any thrown value as a Fault. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof HandoverError) return thrown.fault;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (noRoom.has(code)) return passFaults.diskFull({ words: code }).fault;
  const trace = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return bugFaults.bug({ trace }).fault;
}
