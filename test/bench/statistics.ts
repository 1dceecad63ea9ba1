/** What many measured times say together. Pure. */

export interface Ratio {
  readonly p50: number;
  readonly p95: number;
}

/** By nearest rank: a value that was measured. `share` from 0 to 1; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? NaN;
}

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Median against median, and the slow end (p95) against the slow end of the others. */
export function ratio(values: readonly number[], others: readonly number[]): Ratio {
  return { p50: median(values) / median(others), p95: percentile(values, 0.95) / percentile(others, 0.95) };
}

/** A number for people: three digits that matter, and no more than three after the point. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}
