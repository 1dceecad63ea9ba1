/** Room for so many at once; the others wait, first come, first served. Pure. */
export interface Room {
  /** A function that gives the place back; null when none became free within `withinMs`. */
  take(withinMs: number): Promise<(() => void) | null>;
  /** Works in a place of the room, and waits for one as long as it takes. */
  use<T>(work: () => Promise<T>): Promise<T>;
}

export function openRoom(most: number): Room {
  let free = most;
  const waiting: (() => void)[] = [];
  const leave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    };
  };
  const enter = (): (() => void) | null => {
    if (free === 0) return null;
    free -= 1;
    return leave();
  };
  const wait = (entered: (leave: () => void) => void): (() => void) => {
    const turn = (): void => entered(leave());
    waiting.push(turn);
    return () => void waiting.splice(waiting.indexOf(turn), 1);
  };
  return {
    take: async (withinMs) => enter() ?? waitAtMost(wait, withinMs),
    use: async (work) => {
      const done = enter() ?? (await new Promise<() => void>((resolve) => void wait(resolve)));
      try {
        return await work();
      } finally {
        done();
      }
    },
  };
}

type Wait = (entered: (leave: () => void) => void) => () => void;

function waitAtMost(wait: Wait, withinMs: number): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      giveUp();
      resolve(null);
    }, withinMs);
    const giveUp = wait((leave) => {
      clearTimeout(timer);
      resolve(leave);
    });
  });
}
