/** What people read, and may not do, while one of the two sides is not where the other left it. */
import { faults } from '../contract/faults';
import { shownFence } from '../rules/fence';
import { shortOid } from '../rules/refs';
import type { World } from '../rules/ports';
import type { RefName, Refs, Trouble } from '../rules/values';
import type { Look } from './look';

/** A person who settles one ref decides by what both sides show: that must not be a side that travelled. */
export function requireFence(world: World, refs: Refs): void {
  const { fence } = world.journal.state();
  if (fence === null) return;
  const shown = shownFence(fence, refs);
  if (shown === fence.last || (fence.next !== null && shown === fence.next.oid)) return;
  throw faults.travelled({ path: world.config.path });
}

/** Lists that one of the two sides travelled, beside what was listed before: nothing of that was looked at. */
export function listTravel(world: World, look: Look): Trouble[] {
  const before = world.journal.troubles();
  const { fence } = world.journal.state();
  const shown = fence === null ? null : shownFence(fence, look.gitlabSide.refs);
  const troubles: Trouble[] = [
    ...before.filter(({ kind }) => kind !== 'travelled'),
    {
      // Of the whole repository, so it names no ref.
      ref: 'refs/' as RefName,
      kind: 'travelled',
      old: null,
      gitlab: null,
      agreed: null,
      since: before.find(({ kind }) => kind === 'travelled')?.since ?? world.clock.wall(),
      words: `GitLab is not where this server left it: its mark there should be ${shortOid(fence?.last ?? null)} and is ${shortOid(shown)}. One of the two was restored from a backup, or the project was made anew.`,
    },
  ];
  world.journal.writeTroubles(troubles);
  world.journal.markPass();
  return troubles;
}
