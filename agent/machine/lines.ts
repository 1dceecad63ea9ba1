/** Lines of a connection, one at a time, each with a bound on its length and on the wait for it. */
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

export interface Lines {
  /** Null when the other side is gone, says too much in one line, or `withinMs` is over. */
  next(withinMs: number): Promise<string | null>;
}

/** Of the longest ones, that came and were not asked for yet. */
const waitingLines = 8;

export function linesOf(socket: Socket, charactersMax: number): Lines {
  const decoder = new StringDecoder('utf8');
  const whole: string[] = [];
  let rest = '';
  let over = false;
  let woken = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    whole.push(...parts);
    const waiting = whole.reduce((sum, line) => sum + line.length + 1, 0);
    if (rest.length > charactersMax || waiting > waitingLines * charactersMax) socket.destroy();
    woken();
  });
  const end = (): void => {
    over = true;
    woken();
  };
  socket.on('error', end).on('close', end).on('end', end);
  return {
    next: (withinMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => answer(null), withinMs);
        const answer = (line: string | null): void => {
          clearTimeout(timer);
          woken = () => undefined;
          resolve(line);
        };
        woken = () => {
          const line = whole.shift();
          if (line !== undefined) answer(line);
          else if (over) answer(null);
        };
        woken();
      }),
  };
}
