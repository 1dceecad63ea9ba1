/**
 * Where a look runs: beside others in the resident, or alone, in a process of its own. Each lane has its own room, so
 * that large repositories take none of the others'. Times are ms on any clock that only grows.
 */
export type Lane = 'beside' | 'alone';

/**
 * GitLab allows ten sessions on one connection: most are for those who push. Of those alone each may take the memory
 * that there is for one.
 */
const atOnce: Readonly<Record<Lane, number>> = { beside: 4, alone: 1 };
/** One that was too large is not tried beside the others for so long. */
const largeForMs = 3_600_000;

export class Lanes {
  private readonly running: Readonly<Record<Lane, Set<Promise<void>>>> = { beside: new Set(), alone: new Set() };
  private readonly largeUntilMs = new Map<string, number>();

  /** Only these names are known any longer. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.largeUntilMs.keys()) if (!names.has(name)) this.largeUntilMs.delete(name);
  }

  /** It turned out too large to be looked at beside others. */
  noteLarge(name: string, nowMs: number): void {
    this.largeUntilMs.set(name, nowMs + largeForMs);
  }

  laneOf(name: string, nowMs: number): Lane {
    return (this.largeUntilMs.get(name) ?? -Infinity) > nowMs ? 'alone' : 'beside';
  }

  hasRoom(name: string, nowMs: number): boolean {
    const lane = this.laneOf(name, nowMs);
    return this.running[lane].size < atOnce[lane];
  }

  enter(lane: Lane, work: Promise<void>): void {
    const one = work.finally(() => this.running[lane].delete(one));
    this.running[lane].add(one);
  }

  async allEnded(): Promise<void> {
    await Promise.all([...this.running.beside, ...this.running.alone]);
  }
}
