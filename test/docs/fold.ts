/** Folds every combination of inputs and what is decided about it into a table with as few rows as it takes. Pure. */

/** One combination: the class that each column's input falls into, and what is decided. */
export interface Combination {
  readonly classes: readonly string[];
  readonly outcome: string;
}

/** A row: a cell for each column, empty where the input does not matter, and the outcome last. */
export type Row = readonly string[];

/**
 * Asks column by column, from the left, and only where the answer makes a difference; classes that lead to the same
 * rows share them. So every combination falls into exactly one row.
 */
export function fold(combinations: readonly Combination[], column = 0): Row[] {
  const [first] = combinations;
  if (first === undefined) return [];
  if (combinations.every(({ outcome }) => outcome === first.outcome))
    return [[...first.classes.slice(column).map(() => ''), first.outcome]];
  if (column === first.classes.length)
    throw new Error(`The columns do not tell ${first.outcome} from the others: ${first.classes.join(', ')}.`);
  const shared = new Map<string, { readonly names: string[]; readonly rows: Row[] }>();
  for (const name of new Set(combinations.map(({ classes }) => classes[column] ?? ''))) {
    const rows = fold(
      combinations.filter(({ classes }) => classes[column] === name),
      column + 1,
    );
    const same = shared.get(JSON.stringify(rows));
    if (same === undefined) shared.set(JSON.stringify(rows), { names: [name], rows });
    else same.names.push(name);
  }
  const groups = [...shared.values()];
  return groups.flatMap(({ names, rows }) =>
    rows.map((row) => [groups.length === 1 ? '' : names.join(' *or* '), ...row]),
  );
}

/** Every way to choose one of each list. */
export function combine<T extends Readonly<Record<string, readonly unknown[]>>>(
  choices: T,
): { readonly [K in keyof T]: T[K][number] }[] {
  const all = Object.entries(choices).reduce<Record<string, unknown>[]>(
    (known, [name, values]) => known.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
  return all as { readonly [K in keyof T]: T[K][number] }[];
}
