/**
 * How an entry of the catalogue is written: a function from facts to words, its code and its exit code. Pure. A
 * sentence reads *Cannot ‹do what›: ‹what is so›*, the next step *‹what to type or whom to ask›*, in the words of the
 * reader.
 */
import type { ExitCode, Fault } from './views';

/** An error that carries its own next step. Everything else that is thrown is our bug (exit code 1). */
export class HandoverError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'HandoverError';
    this.fault = fault;
  }
}

type Words = readonly [message: string, next: string];

/** Those that have no facts are called without any. */
type Given<Facts> = unknown extends Facts ? [] : [facts: Facts];

/** What the page of messages and the tests ask of each. */
export interface Listed {
  readonly code: string;
  readonly exit: ExitCode;
  /** Made of the facts that stand beside its words. */
  readonly example: () => Fault;
}

/** Called with facts it makes the error. */
export interface Entry<Facts> extends Listed {
  (...given: Given<Facts>): HandoverError;
}

function entry(exit: ExitCode) {
  return <Facts>(
    code: string,
    say: (...given: Given<Facts>) => Words,
    ...example: Given<NoInfer<Facts>>
  ): Entry<Facts> => {
    const make = (...given: Given<Facts>): HandoverError => {
      const [message, next] = say(...given);
      return new HandoverError({ code, message, next, exit });
    };
    return Object.assign(make, { code, exit, example: () => make(...example).fault });
  };
}

/** Our own: report it. */
export const ours = entry(1);

/** A person must decide or correct something. */
export const mistake = entry(2);

/** The surroundings failed: try again, or mend them. */
export const environment = entry(3);

/** There is nothing to do: the one kind that says so instead of what it cannot. */
export const needless = entry(4);

/** What somebody else's program said, as the end of a sentence. */
export function ended(words: string): string {
  const text = words.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export function isOrAre(things: readonly unknown[]): string {
  return things.length === 1 ? 'is' : 'are';
}
