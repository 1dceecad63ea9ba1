/**
 * Brings objects of GitLab's values here. One value that git refuses refuses a whole fetch, so a refused fetch is
 * halved until that value stands alone.
 */
import type { Unlock, World } from '../rules/ports';
import type { RefName } from '../rules/values';

/** Fetches in one pass; what is left over is for the next one. */
const fetchesMax = 60;

export interface Brought {
  /** Git refuses their objects, in these words. */
  readonly refused: ReadonlyMap<RefName, string>;
  /** Nobody knows which of them it refuses. */
  readonly left: ReadonlySet<RefName>;
}

/**
 * `suspects`: those of them that were refused before; each is asked for alone, after the others. Throws `fetch-failed`.
 */
export async function bring(
  world: World,
  refs: readonly RefName[],
  suspects: ReadonlySet<RefName>,
  lock: Unlock,
): Promise<Brought> {
  const refused = new Map<RefName, string>();
  const left = new Set<RefName>();
  const alone = refs.filter((ref) => suspects.has(ref)).map((ref) => [ref]);
  const open = [refs.filter((ref) => !suspects.has(ref)), ...alone].filter((part) => part.length > 0);
  for (let fetches = 0; open.length > 0; fetches += 1) {
    const part = open.shift() ?? [];
    const words = fetches < fetchesMax ? await world.git.fetch(part, lock) : null;
    const middle = part.length >> 1;
    if (fetches >= fetchesMax) part.forEach((ref) => left.add(ref));
    else if (words !== null && middle > 0) open.unshift(part.slice(0, middle), part.slice(middle));
    else if (words !== null) part.forEach((ref) => refused.set(ref, words));
  }
  return { refused, left };
}
