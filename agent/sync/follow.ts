/** A pass of the open phases: old follows GitLab. It never writes to GitLab. */
import { decideFollow } from '../rules/decide';
import { faults } from '../contract/faults';
import { isLive } from '../rules/records';
import { showRef } from '../rules/refs';
import { atticUpdates } from './attic';
import { differencesOf } from './bothsides';
import { lossyUpdates, stopReason } from './breaker';
import { lookAround, type Look } from './look';
import { heardByOwnHooks } from './ownhooks';
import { remember } from './remember';
import type { Unlock, World } from '../rules/ports';
import type { Oid, OldSide, RefName, Trouble, Update } from '../rules/values';

export interface FollowResult {
  /** Refs that still differ: under a live lease, changed meanwhile, or stopped. */
  readonly open: number;
  readonly changed: readonly Update[];
  readonly troubles: readonly Trouble[];
}

/** `exempt`: refs that a person lets through the circuit breaker. */
export async function followPass(
  world: World,
  lock: Unlock,
  exempt: ReadonlySet<RefName> = new Set(),
): Promise<FollowResult> {
  const plan = await lookAndFetch(world, lock);
  const lossy = new Set(await lossyUpdates(world, plan.updates));
  const { stop, allowed } = throughBreaker(world, plan, lossy, exempt);
  const failed = new Set(await heardByOwnHooks(world, allowed, () => follow(world, allowed, lossy, lock)));
  const changed = allowed.filter((update) => !failed.has(update.ref));
  await followHead(world, plan.look);
  const isChanged = new Set(changed.map(({ ref }) => ref));
  const open = new Set(plan.differing.filter((ref) => !isChanged.has(ref)));
  const troubles = remember(world, plan.look, { changed, open, lossy, stop });
  world.journal.markSkipped(plan.waits);
  world.journal.markPass();
  return { open: open.size, changed, troubles };
}

interface Plan {
  readonly look: Look;
  readonly differing: readonly RefName[];
  readonly updates: readonly Update[];
  /** A ref waits for the push that is on it. */
  readonly waits: boolean;
}

/** Where people delete branches all the time, one may go between the look and the fetch: then what was seen is over. */
const looksMax = 5;

async function lookAndFetch(world: World, lock: Unlock): Promise<Plan> {
  for (let looks = 1; ; looks += 1) {
    const look = await lookAround(world, { ...world.git, oldSide: () => moveUnreadableAside(world) });
    const plan = planOf(look);
    const coming = plan.updates.filter((update) => update.after !== null).map((update) => update.ref);
    if (coming.length === 0) return plan;
    const failure = await world.git.fetch(coming, lock).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    if (failure === null) return plan;
    if (looks >= looksMax || (await areThere(world, coming))) throw failure.error;
  }
}

async function areThere(world: World, refs: readonly RefName[]): Promise<boolean> {
  const now = (await world.git.gitlabSide()).refs;
  return refs.every((ref) => now.has(ref));
}

function planOf(look: Look): Plan {
  const differing = differencesOf(look);
  const verdicts = new Map(
    differing.map(({ ref, old, gitlab }) => [ref, decideFollow(old, gitlab, isLive(look.live, ref))]),
  );
  const updates = differing
    .filter(({ ref }) => verdicts.get(ref) === 'follow')
    .map(({ ref, old, gitlab }) => ({ ref, before: old, after: gitlab }));
  const waits = [...verdicts.values()].includes('wait');
  return { look, differing: differing.map(({ ref }) => ref), updates, waits };
}

/** A pass that stops still makes what loses nothing, and what a person let through. */
function throughBreaker(
  world: World,
  { look, updates, waits }: Plan,
  lossy: ReadonlySet<Update>,
  exempt: ReadonlySet<RefName>,
): { stop: string | null; allowed: readonly Update[] } {
  const risky = [...lossy].filter(({ ref }) => !exempt.has(ref));
  const stop = stopReason(world, look, risky, waits);
  const isLet = (update: Update): boolean => exempt.has(update.ref) || !lossy.has(update);
  return { stop, allowed: stop === null ? updates : updates.filter(isLet) };
}

/**
 * One ref that git cannot read stops every fetch and push of the repository: such refs are moved aside first, and kept.
 * Answers what old has then.
 */
async function moveUnreadableAside(world: World): Promise<OldSide> {
  const side = await world.git.oldSide();
  const gone = await world.git.missing([...new Set(side.refs.values())]);
  const unreadable = [...side.broken, ...[...side.refs].filter(([, oid]) => gone.has(oid)).map(([ref]) => ref)];
  if (unreadable.length === 0) return side;
  requireObjects(world, side, gone);
  for (const ref of unreadable) await world.git.moveAside(ref);
  world.log.write('refs-moved-aside', {
    refs: unreadable.map((ref) => ({ ref: showRef(ref), value: side.refs.get(ref) ?? null })),
  });
  return world.git.oldSide();
}

/**
 * A disk that is away (objects, or those that are borrowed) looks like damage of every ref: it comes back, and deleted
 * refs would not.
 */
function requireObjects(world: World, { refs }: OldSide, gone: ReadonlySet<Oid>): void {
  if (refs.size < 2 || [...refs.values()].some((oid) => !gone.has(oid))) return;
  throw faults.noObjects({ path: world.config.path, refs: refs.size });
}

/** What is lost goes to the attic first; a ref whose tip cannot be kept stays. Answers the refs that did not change. */
async function follow(
  world: World,
  updates: readonly Update[],
  lossy: ReadonlySet<Update>,
  lock: Unlock,
): Promise<RefName[]> {
  const lost = updates.filter((update) => lossy.has(update)).map(({ ref, before }) => ({ ref, value: before }));
  const attic = atticUpdates(world.clock.wall(), lost);
  const notKept = new Set(attic.length === 0 ? [] : await world.git.setRefs(attic, lock));
  const unsafe = new Set(attic.filter(({ ref }) => notKept.has(ref)).map(({ keeps }) => keeps));
  const safe = updates.filter(({ ref }) => !unsafe.has(ref));
  const failed = safe.length === 0 ? [] : await world.git.setRefs(safe, lock);
  return [...failed, ...unsafe];
}

/** From `both` on, old's HEAD follows GitLab's default branch. */
async function followHead(world: World, look: Look): Promise<void> {
  const { head } = look.gitlabSide;
  if (head !== null && head !== look.oldSide.head && look.gitlab.has(head)) await world.git.setHead(head);
}
