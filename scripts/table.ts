/** Aligned lines for people. Pure. */

/** Columns are as wide as their widest cell; nothing trails. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (sum, row) => row.map((cell, column) => Math.max(cell.length, sum[column] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `850 ms`, `12 s`, `4 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  const steps: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const step = steps.find(([size]) => ms >= size);
  return step === undefined ? `${Math.round(ms)} ms` : `${Math.floor(ms / step[0])} ${step[1]}`;
}
