/** Where a command reads its arguments and writes: the entry point gives its own process. */

import { printable } from '../agent/contract/printable';
import type { Fault } from '../agent/contract/views';

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Host {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  exitCode?: number | string | null | undefined;
}

export interface Terminal {
  /** One line, or several, for standard output. */
  print(text: string): void;
  /** For standard error. */
  tell(text: string): void;
  /** Colour only where somebody sees it (https://no-color.org). */
  paint(colour: Colour, text: string): string;
  /** A value as it is to be printed as JSON. */
  inJson(value: unknown): unknown;
  /** Standard error, where it is a terminal; else null. */
  readonly live: Stream | null;
}

const codes = { red: 31, yellow: 33 } as const;
type Colour = keyof typeof codes;

export function openTerminal({ stdout, stderr, env }: Host): Terminal {
  const colours = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '';
  return {
    print: (text) => void stdout.write(`${text}\n`),
    tell: (text) => void stderr.write(`${text}\n`),
    paint: (colour, text) => (colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    inJson: (value) => value,
    live: stderr.isTTY === true ? stderr : null,
  };
}

export function tellFault(terminal: Terminal, { message, next }: Fault): void {
  terminal.tell(`${terminal.paint('red', printable(message))}\n${printable(next)}`);
}
