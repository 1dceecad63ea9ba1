/**
 * Who probably still has what old lost: whoever pushed it, and whoever wrote it. For people, so every part may be
 * unknown.
 */
import { ageMs } from '../rules/time';
import { runGit, type GitPlace } from '../git/gitprocess';
import { changesOf } from '../rules/records';
import type { Clock } from '../rules/ports';
import type { Lease, Oid } from '../rules/values';

export interface Witnesses {
  readonly leases: readonly Lease[];
  readonly clock: Clock;
  /** Where git can look at what is left of a commit. */
  readonly place: GitPlace;
}

export async function whoHas({ leases, clock, place }: Witnesses, value: Oid): Promise<string> {
  const pushed = leases
    .filter((lease) => changesOf(lease).some(({ after }) => after === value))
    .map((lease) => pushWords(clock, lease));
  const commit = await runGit(
    place,
    ['log', '-1', '--no-walk', '--format=written by %an <%ae>, %aI: %s', value, '--'],
    { idleMs: 60_000 },
  );
  const words = [...pushed, ...(commit.code === 0 ? [commit.stdout.trim()] : [])];
  return words.length === 0 ? 'nothing here says who pushed it' : words.join('; ');
}

function pushWords(clock: Clock, { began, from }: Lease): string {
  const now = clock.now();
  const time =
    began.boot === now.boot
      ? new Date(Date.parse(clock.wall()) - ageMs(now, began)).toISOString()
      : 'before the last boot';
  return `pushed ${time}${from ? ` by ${from}` : ''}`;
}
