/**
 * What pushers were told, and whether it is true. Pure. Each acknowledged update is an edge before → after; the edges
 * of a ref must lead, each used once, from its first value to the value that both sides have now: then each was
 * applied, in one order.
 */

export type Oid = string;

export interface Acknowledged {
  readonly who: string;
  readonly server: 'old' | 'gitlab';
  readonly ref: string;
  /** Null: absent. */
  readonly before: Oid | null;
  readonly after: Oid | null;
}

export interface Loss {
  readonly ref: string;
  readonly story: string;
}

/** Refs as name to id. `first` before anybody pushed, `last` when everybody had stopped. */
export function losses(
  acknowledged: readonly Acknowledged[],
  first: ReadonlyMap<string, Oid>,
  last: ReadonlyMap<string, Oid>,
): Loss[] {
  const refs = new Set([...first.keys(), ...last.keys(), ...acknowledged.map(({ ref }) => ref)]);
  return [...refs].sort().flatMap((ref) => {
    const edges = acknowledged.filter((edge) => edge.ref === ref && edge.before !== edge.after);
    const story = brokenChain(edges, first.get(ref) ?? null, last.get(ref) ?? null);
    return story === null ? [] : [{ ref, story }];
  });
}

/**
 * An Eulerian path exists when every value is left as often as it is reached (but for both ends), and all edges hang
 * together.
 */
function brokenChain(edges: readonly Acknowledged[], first: Oid | null, last: Oid | null): string | null {
  const balance = new Map<Oid | null, number>([[first, 1]]);
  balance.set(last, (balance.get(last) ?? 0) - 1);
  for (const { before, after } of edges) {
    balance.set(before, (balance.get(before) ?? 0) - 1);
    balance.set(after, (balance.get(after) ?? 0) + 1);
  }
  const [odd] = [...balance].filter(([, count]) => count !== 0);
  if (odd !== undefined) return tell(odd[0], odd[1], edges);
  return unreached(edges, first);
}

function tell(value: Oid | null, count: number, edges: readonly Acknowledged[]): string {
  const edge = edges.find(({ before, after }) => (count > 0 ? after : before) === value);
  const who = edge === undefined ? 'nobody' : `${edge.who} on ${edge.server}`;
  const name = value?.slice(0, 8) ?? 'absent';
  return count > 0
    ? `${name} (pushed by ${who}) was acknowledged or there from the start, and then replaced by no acknowledged push`
    : `${name} was followed by more acknowledged pushes than it was reached by (${who})`;
}

function unreached(edges: readonly Acknowledged[], first: Oid | null): string | null {
  const reached = new Set<Oid | null>([first]);
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    edges.filter(({ before }) => reached.has(before)).forEach(({ after }) => reached.add(after));
  }
  const lost = edges.find(({ before }) => !reached.has(before));
  return lost === undefined ? null : `${lost.after?.slice(0, 8) ?? 'a deletion'} by ${lost.who} hangs in the air`;
}

/** The ids that `git -c core.abbrev=40 push --porcelain` prints for one ref; null when that ref was not moved. */
export function pushedFrom(output: string, ref: string): { before: Oid | null; forced: boolean } | null {
  for (const line of output.split('\n')) {
    const [flag, names, summary] = line.split('\t');
    if (names?.split(':')[1] !== ref || summary === undefined || flag === '!') continue;
    if (flag === '*') return { before: null, forced: false };
    const before = /([0-9a-f]{40})\.\.\.?[0-9a-f]{40}/.exec(summary)?.[1];
    if (before !== undefined) return { before, forced: flag === '+' };
  }
  return null;
}
