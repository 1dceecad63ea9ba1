/**
 * Names that are other names of a branch on old while GitLab has refs of its own under them: git on old writes through
 * such a name, so no pass brings it anywhere. They are told, and stop nothing.
 */
import { shortOid } from '../rules/refs';
import type { World } from '../rules/ports';
import type { Trouble } from '../rules/values';
import type { Look } from './look';

/** `agreed`: what both sides had there before; it is remembered by the list alone. */
export function aliasedTroubles(world: World, look: Pick<Look, 'aliased' | 'agreed'>): Trouble[] {
  if (look.aliased.size === 0) return [];
  const before = world.journal.troubles().filter(({ kind }) => kind === 'aliased');
  return [...look.aliased].map(([ref, gitlab]) => {
    const known = before.find((one) => one.ref === ref);
    const agreed = look.agreed.get(ref) ?? known?.agreed ?? null;
    const words = `On old it is another name of a branch, and GitLab has a ref of its own there, at ${shortOid(gitlab)}: neither follows the other.`;
    return { ref, kind: 'aliased', old: null, gitlab, agreed, since: known?.since ?? world.clock.wall(), words };
  });
}
