/**
 * Chance that a seed repeats, for the simulation, the chaos runs and the benchmarks: the same seed draws the same.
 * Mulberry32, in the public domain.
 */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** For one part of a run, which `name` names: what draws there shifts nothing elsewhere. */
  static stream(seed: number, name: string): Random {
    return new Random(
      [...name].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), seed ^ 0x811c9dc5),
    );
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** Any number from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** True with this probability. What can never be draws nothing. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.int(from.length)];
    if (picked === undefined) throw new Error('Cannot pick from an empty list.');
    return picked;
  }

  shuffled<T>(all: readonly T[]): T[] {
    const rest = [...all];
    return all.flatMap(() => rest.splice(this.int(rest.length), 1));
  }

  /** Numbers of its own, so that what draws here does not shift what draws there. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 4294967296));
  }
}
