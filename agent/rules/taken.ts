/** Which deletions and rewinds that old took over from GitLab stay listed. Pure. */
import type { Oid, RefName } from './values';

/** One value of old that a pass put into the attic because GitLab no longer had it. */
export interface Taken {
  readonly ref: RefName;
  readonly before: Oid;
  readonly after: Oid | null;
  readonly attic: RefName;
  /** ISO time, for people: nothing is decided by it. */
  readonly at: string;
  /** Who had pushed the value, where a record still said so. */
  readonly from: string | null;
}

/** A weekend, and a day to look. The log has all of them. */
const keptMs = 7 * 86_400_000;
const takenMax = 1000;

/** The newest, oldest first. What a clock that was wrong dates into the future goes by number. */
export function keptTaken(taken: readonly Taken[], wall: string): Taken[] {
  return taken.filter(({ at }) => !(Date.parse(wall) - Date.parse(at) > keptMs)).slice(-takenMax);
}
