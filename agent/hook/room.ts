/** Room for so many at once; the others wait, first come, first served. Pure. */
export interface Room {
  /** A function that gives the place back; null when none became free within `withinMs`. */
  take(withinMs: number): Promise<(() => void) | null>;
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
  return {
    take: (withinMs) => {
      if (free > 0) {
        free -= 1;
        return Promise.resolve(leave());
      }
      return new Promise((resolve) => {
        const enter = (): void => {
          clearTimeout(timer);
          resolve(leave());
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(enter), 1);
          resolve(null);
        }, withinMs);
        waiting.push(enter);
      });
    },
  };
}
