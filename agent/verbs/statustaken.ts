/** What `status` shows of the deletions and rewinds that old took over from GitLab. No trouble: nobody must decide. */
import type { TakenOver } from '../contract/views';
import { quote } from '../contract/shellword';
import { keptTaken } from '../rules/taken';
import { showRef } from '../rules/refs';
import type { Repository } from '../repository/open';

/** The newest first. A list that cannot be read begins anew with the next pass. */
export function takenOver({ config, journal, world }: Repository): TakenOver[] {
  const wall = world.clock.wall();
  return keptTaken(journal.taken(), wall)
    .reverse()
    .map(({ ref, before, after, attic, at, from }) => ({
      ref: showRef(ref),
      kind: after === null ? 'deletion' : 'rewind',
      before,
      after,
      attic: showRef(attic),
      at,
      agoMs: Math.max(0, Date.parse(wall) - Date.parse(at)),
      from,
      next: `npm run resolve -- ${quote(config.path)} --give-back ${quote(showRef(attic))} --reason "…"`,
    }));
}
