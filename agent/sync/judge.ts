/**
 * What is refused before anything leaves the server: names that cannot cross, and what git on old would refuse after
 * GitLab took it.
 */
import {
  argumentBytes,
  hasFolderClash,
  isRefName,
  isReserved,
  isSynced,
  nameRefusal,
  refTwice,
  shortRef,
  showRef,
} from '../rules/refs';
import { stopOf } from '../rules/authority';
import { asFault } from '../contract/errors';
import { waitFor } from '../rules/time';
import { lookOnly } from './fence';
import type { PushContext, World } from '../rules/ports';
import type { OldSide, RefName, Update } from '../rules/values';

/** xargs in gitprocess.ts takes a little more. */
const argumentBytesMax = 1_400_000;

/** The words of the refusal; null when the push may be sent. */
export async function judgePush(context: PushContext): Promise<string | null> {
  const { world, updates } = context;
  const side = await world.git.oldSide();
  const words =
    (await judgeFence(context)) ??
    judgeNames(world, updates) ??
    (await judgeSide(world, side, updates)) ??
    (await judgeDenied(world, updates));
  if (words !== null) return words;
  const stuck = await world.git.unsettable(presentUpdates(side, updates));
  if (stuck !== null)
    return `Cannot take ${showRef(stuck.ref).slice(0, 200)}: git on this server could not\nset it: ${stuck.words.slice(0, 400)}.\nNothing was taken. Ask the administrator, then push again.`;
  const tips = updates.flatMap((update) => update.after ?? []);
  if (tips.length > 0 && !(await world.git.connected(tips))) return context.say('damaged');
  return null;
}

/**
 * By the state as it is now, whatever the hook saw before: it may be a process of another account. Asked once more
 * right before something is sent.
 */
export function judgeState({ world, epoch, say }: PushContext): string | null {
  const present = { state: world.journal.state(), wallMs: Date.parse(world.clock.wall()), ...world.config };
  const stop = stopOf(present, epoch);
  if (stop === null) return null;
  if (stop === 'moved') return movedWords;
  return say(stop === 'closed' ? 'refuse' : stop);
}

/** What a pusher reads whose hook let it in by other rules than those of now. */
export const movedWords = 'This repository was moved to its next phase meanwhile. Nothing was taken.\nPush again.';

/** Between two looks, ms. */
const lookAgainMs = 200;

/** After a start of old nobody is let in before GitLab was seen to be where it was left. */
async function judgeFence({ world, say }: PushContext): Promise<string | null> {
  const known = world.journal.state().fence;
  if (known === null) return null;
  const { boot } = world.clock.now();
  if (known.seen === boot && !known.stopped) return null;
  let words: string | null = null;
  const isSeen = await waitFor(world.clock, world.limits.connectMs, lookAgainMs, async () => {
    const { fence } = world.journal.state();
    if (fence === null || fence.stopped || words !== null) return true;
    if (fence.seen === boot) return true;
    await lookOnly(world).catch((error: unknown) => (words = asFault(error).message));
    return false;
  });
  if (words !== null) return say('unreachable', { reason: words });
  return isSeen && world.journal.state().fence?.stopped !== true ? null : say('travelled');
}

/**
 * What would be refused here after GitLab took it, from the values that old has now: whether the push is late GitLab
 * says.
 */
function presentUpdates({ refs }: OldSide, updates: readonly Update[]): Update[] {
  return updates
    .map((update) => ({ ...update, before: refs.get(update.ref) ?? null }))
    .filter(({ before, after }) => before !== null || after !== null);
}

function judgeNames(world: World, updates: readonly Update[]): string | null {
  const { refsPerPush } = world.limits;
  if (updates.length > refsPerPush)
    return `Cannot take this push: it moves ${updates.length} refs, and at most ${refsPerPush} may\nmove at once. Nothing was taken. Push them in several parts.`;
  if (updates.reduce((sum, update) => sum + argumentBytes(update), 0) > argumentBytesMax)
    return 'Cannot take this push: the names of its refs are too long together for\none command. Nothing was taken. Push them in several parts.';
  if (hasFolderClash(updates))
    return 'Cannot take this push: it deletes a name and creates one below or above\nit. Nothing was taken. Push the deletion first, then the rest.';
  const twice = refTwice(updates);
  if (twice !== null)
    return `Cannot take this push: it sets ${shortRef(twice).slice(0, 200)} more than once.\nNothing was taken. Push again, each ref once.`;
  for (const { ref, after } of updates) {
    const refusal = judgeName(world, ref, after === null);
    if (refusal !== null) return `Cannot take ${showRef(ref).slice(0, 200)}: ${refusal}.\nNothing was taken.`;
  }
  return null;
}

function judgeName(world: World, ref: RefName, deletes: boolean): string | null {
  if (!isRefName(ref)) return 'git takes no such name';
  if (isReserved(ref))
    return 'this namespace is reserved;\npush branches and tags only, with `git push --all` and `--tags`';
  if (!isSynced(ref, world.config.namespaces))
    return 'this namespace is not synced;\nask for it in the setting `namespaces` of this repository';
  return deletes ? null : nameRefusal(ref);
}

async function judgeSide(world: World, side: OldSide, updates: readonly Update[]): Promise<string | null> {
  const [symbolic] = await world.git.symbolicAmong(updates.map(({ ref }) => ref));
  if (symbolic !== undefined)
    return `Cannot take ${showRef(symbolic)}: on this server it is\nanother name of a branch. Push to its target. Nothing was taken.`;
  const current = updates.find((update) => update.after === null && update.ref === side.head);
  if (current !== undefined)
    return `Cannot delete ${shortRef(current.ref)}: it is the default branch.\nNothing was taken. Change the default branch in GitLab first.`;
  return null;
}

/**
 * receive.denyDeletes and receive.denyNonFastForwards, which are about branches, as git on old would apply them after
 * GitLab had taken the push.
 */
async function judgeDenied(world: World, updates: readonly Update[]): Promise<string | null> {
  const deny = await world.git.denied();
  const deletion = updates.find(({ ref, after }) => after === null && ref.startsWith('refs/heads/'));
  if (deny.deletes && deletion !== undefined)
    return `Cannot delete ${shortRef(deletion.ref)}: this server allows no deletions\n(receive.denyDeletes). Nothing was taken.`;
  if (!deny.rewinds) return null;
  for (const { ref, before, after } of updates) {
    const rewinds =
      before !== null &&
      after !== null &&
      ref.startsWith('refs/heads/') &&
      !(await world.git.isAncestor(before, after));
    if (rewinds)
      return `Cannot rewind ${shortRef(ref)}: this server allows no rewinds\n(receive.denyNonFastForwards). Nothing was taken.`;
  }
  return null;
}
