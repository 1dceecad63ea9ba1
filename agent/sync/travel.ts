/** What people read, and may not do, while one of the two sides is not where the other left it. */
import { faults } from '../contract/faults';
import { phaseTable } from '../contract/phase';
import { shownFence } from '../rules/fence';
import { shortOid } from '../rules/refs';
import type { World } from '../rules/ports';
import type { Oid, RefName, Refs, Trouble } from '../rules/values';
import type { Look } from './look';

/**
 * A person who settles one ref decides by what both sides show: that must not be a side that travelled. What a pass
 * found counts until a pass finds it right again.
 */
export function requireFence(world: World, refs: Refs): void {
  const { fence, phase } = world.journal.state();
  if (fence === null) return;
  const known = [fence.last, ...(fence.next === null ? [] : [fence.next.oid])];
  const isCopied = phaseTable[phase].toOld || known.includes(world.fence.copy());
  if (!fence.stopped && isCopied && known.includes(shownFence(fence, refs))) return;
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
      words: travelWords(fence?.last ?? null, shown),
    },
  ];
  world.journal.writeTroubles(troubles);
  world.journal.markPass();
  return troubles;
}

/** Where GitLab shows the right one it is the repository's copy that is another. */
function travelWords(last: Oid | null, shown: Oid | null): string {
  if (last !== null && last === shown)
    return 'The repository on old is not where this server left it: it was restored from a backup by itself.';
  return `GitLab is not where this server left it: its mark there should be ${shortOid(last)} and is ${shortOid(shown)}. One of the two was restored from a backup, or the project was made anew.`;
}
