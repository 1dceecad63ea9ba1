/**
 * What following passes set on old, written before a ref moves: a pass that dies before it writes what is agreed would
 * leave a value that looks like a push that no hook saw.
 */
import type { Look } from './look';
import type { World } from '../rules/ports';
import type { Update } from '../rules/values';

export function noteFollowed(world: World, look: Pick<Look, 'old' | 'agreed'>, updates: readonly Update[]): void {
  const before = world.journal.followed();
  // Of a ref that could not be set old still has what a pass before set.
  const left = before.filter(({ ref, after }) => isLeft(look, { ref, after }));
  const all = [
    ...left,
    ...updates.filter(({ ref, after }) => !left.some((one) => one.ref === ref && one.after === after)),
  ];
  if (all.length > 0 || before.length > 0) world.journal.writeFollowed(all);
}

function isLeft({ old, agreed }: Pick<Look, 'old' | 'agreed'>, { ref, after }: Pick<Update, 'ref' | 'after'>): boolean {
  return (old.get(ref) ?? null) === after && (agreed.get(ref) ?? null) !== after;
}

/** Of a person who settles: no pass has looked. */
export function addFollowed(world: World, update: Update): void {
  world.journal.writeFollowed([...world.journal.followed(), update]);
}

/** True when a pass set old to this value. */
export function wasFollowed(followed: readonly Update[], { ref, after }: Pick<Update, 'ref' | 'after'>): boolean {
  return followed.some((one) => one.ref === ref && one.after === after);
}
