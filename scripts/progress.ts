/** A bar on the terminal for what takes longer than two seconds; nothing elsewhere. */
import type { Terminal } from './terminal';

const showAfterMs = 2_000;
const width = 30;

export interface Progress {
  step(): void;
  done(): void;
}

export function startProgress({ live }: Terminal, what: string, total: number): Progress {
  const begin = performance.now();
  let count = 0;
  let shown = false;
  const draw = (): void => {
    if (live === null || performance.now() - begin < showAfterMs) return;
    const filled = Math.round((width * count) / total);
    live.write(`\r${what} [${'='.repeat(filled)}${' '.repeat(width - filled)}] ${count}/${total}`);
    shown = true;
  };
  return {
    step: () => {
      count += 1;
      draw();
    },
    done: () => {
      if (shown) live?.write('\r\u001b[K');
    },
  };
}
