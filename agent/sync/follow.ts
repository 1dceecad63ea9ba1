/** A pass of the open phases: old follows GitLab. All that it writes there are pushes that no hook saw. */
import { decideFollow } from '../rules/decide';
import { faults } from '../contract/faults';
import { isLive } from '../rules/records';
import { showRef } from '../rules/refs';
import { atticUpdates, onceOnly, type AtticUpdate, type Kept } from './attic';
import { differencesOf } from './bothsides';
import { bring, type Brought } from './bring';
import { lossyUpdates, stopReason, type Stopped } from './breaker';
import { noteFollowed } from './followed';
import { listTravel } from './travel';
import type { Look } from './look';
import { doubtfulRefs, lookSteadily, type SteadyLook } from './steady';
import { heardByOwnHooks } from './ownhooks';
import { remember } from './remember';
import { nothingSentOn, retireSentOn, sendOn, sentOnTroubles } from './sendon';
import { forgetUnhooked, noteTaken, settleTaken } from './taken';
import { noteStuck, turnsOf } from './stuck';
import type { Unlock, World } from '../rules/ports';
import type { Oid, OldSide, RefName, Trouble, Update } from '../rules/values';

export interface FollowResult {
  /** Refs that still differ and that the next pass goes on with: under a live lease, changed meanwhile, or stopped. */
  readonly open: number;
  readonly changed: readonly Update[];
  readonly troubles: readonly Trouble[];
}

export interface FollowOptions {
  /** Refs that a person lets through the circuit breaker. */
  readonly exempt?: ReadonlySet<RefName>;
  /** Somebody waits for this pass: it tries what failed just now as well. */
  readonly eager?: boolean;
  /** Pushes that no hook saw go to GitLab first. Not where a phase changes, or a person settles. */
  readonly sends?: boolean;
}

export async function followPass(
  world: World,
  lock: Unlock,
  { exempt = new Set(), eager = false, sends = false }: FollowOptions = {},
): Promise<FollowResult> {
  const plan = await lookAndFetch(world, lock, eager);
  if (plan.stopped) return { open: 0, changed: [], troubles: listTravel(world, plan.look) };
  const doubtful = await doubtfulRefs(world, plan.look, exempt);
  const lossy = new Set(await lossyUpdates(world, plan.updates));
  const { stop, allowed } = await throughBreaker(world, plan, lossy, exempt);
  const due = allowed.filter(({ ref }) => plan.due.has(ref) && !doubtful.has(ref));
  const sentOn = sends && stop === null ? await sendOn(world, lock, plan.look, due) : nothingSentOn;
  const tried = due.filter(({ ref }) => !sentOn.waiting.has(ref));
  const { refs } = plan.look.oldSide;
  const attic = onceOnly(refs, atticUpdates(world.clock.wall(), lostBy(tried, lossy)));
  noteFollowed(world, plan.look, tried);
  const taken = noteTaken(world, plan.look, attic);
  const missing = attic.filter(({ ref }) => !refs.has(ref));
  const failed = await heardByOwnHooks(world, tried, () => follow(world, tried, missing, lock));
  settleTaken(world, taken, new Set(failed.keys()));
  const changed = tried.filter((update) => !failed.has(update.ref));
  // Where it is stopped, GitLab may be another project.
  if (stop === null) await followHead(world, plan.look);
  const isChanged = new Set(changed.map(({ ref }) => ref));
  const open = new Set(plan.differing.filter((ref) => !isChanged.has(ref)));
  const stuck = noteStuck(world, plan.following, open, { unset: failed, unfetched: plan.refused });
  const left = new Set([...open, ...plan.unsteady]);
  const forward = new Set(changed.filter((update) => !lossy.has(update)).map(({ ref }) => ref));
  const arrived = await sentOnTroubles(world, plan.look, forward);
  const troubles = remember(world, plan.look, {
    ...{ changed, open: left, lossy, stop, stuck, doubtful },
    sentOn: { arrived, why: sentOn.why, unanswered: sentOn.unanswered },
  });
  retireSentOn(world, arrived);
  forgetUnhooked(world, taken);
  world.journal.markSkipped(plan.waiting.length > 0);
  world.journal.markPass();
  const isListed = new Set([...stuck.map(({ ref }) => ref), ...doubtful]);
  return { open: [...left].filter((ref) => !isListed.has(ref)).length, changed, troubles };
}

interface Seen extends SteadyLook {
  readonly differing: readonly RefName[];
  /** Everything that old is to follow. */
  readonly following: readonly Update[];
  /** What waits for the push that is on its ref. */
  readonly waiting: readonly Update[];
}

interface Plan extends Seen {
  /** Those of `following` whose objects are here. */
  readonly updates: readonly Update[];
  /** What this pass tries to set: what failed lately has to wait. */
  readonly due: ReadonlySet<RefName>;
  /** Git refuses their objects, in these words. */
  readonly refused: ReadonlyMap<RefName, string>;
}

/** Where people delete branches all the time, one may go between the look and the fetch: then what was seen is over. */
const looksMax = 5;

async function lookAndFetch(world: World, lock: Unlock, eager: boolean): Promise<Plan> {
  for (let looks = 1; ; looks += 1) {
    const { phase } = world.journal.state();
    const readers = { ...world.git, oldSide: () => moveUnreadableAside(world) };
    const seen = seenIn(await lookSteadily({ world, lock, phase }, readers));
    if (seen.stopped) return { ...seen, updates: [], due: new Set(), refused: new Map() };
    const turns = turnsOf(world, seen.following, eager);
    const coming = turns.asked.filter(({ after }) => after !== null).map(({ ref }) => ref);
    const fetched = await bring(world, coming, turns.suspects, lock).catch((error: unknown) => ({ error }));
    if (!('error' in fetched))
      return { ...seen, ...fetched, updates: turns.asked.filter(isHere(fetched)), due: turns.due };
    if (looks >= looksMax || (await areThere(world, coming))) throw fetched.error;
  }
}

/** Where objects are missing nobody can tell what an update would take away: it is not judged, and not made. */
function isHere({ refused, left }: Brought): (update: Update) => boolean {
  return ({ ref }) => !refused.has(ref) && !left.has(ref);
}

async function areThere(world: World, refs: readonly RefName[]): Promise<boolean> {
  const now = (await world.git.gitlabSide()).refs;
  return refs.every((ref) => now.has(ref));
}

function seenIn(steady: SteadyLook): Seen {
  const { look, unsteady } = steady;
  const differing = differencesOf(look);
  const verdicts = new Map(
    differing.map(({ ref, old, gitlab }) => [
      ref,
      decideFollow(old, gitlab, isLive(look.live, ref) || unsteady.has(ref)),
    ]),
  );
  const updatesOf = (verdict: 'follow' | 'wait'): Update[] =>
    differing
      .filter(({ ref }) => verdicts.get(ref) === verdict)
      .map(({ ref, old, gitlab }) => ({ ref, before: old, after: gitlab }));
  return {
    ...steady,
    differing: differing.map(({ ref }) => ref),
    following: updatesOf('follow'),
    waiting: updatesOf('wait'),
  };
}

/** A pass that stops still makes what loses nothing, and what a person let through. */
async function throughBreaker(
  world: World,
  { look, updates, waiting }: Plan,
  lossy: ReadonlySet<Update>,
  exempt: ReadonlySet<RefName>,
): Promise<{ stop: Stopped | null; allowed: readonly Update[] }> {
  const risky = [...lossy].filter(({ ref }) => !exempt.has(ref));
  const stop = await stopReason(world, look, risky, waiting);
  const isLet = (update: Update): boolean => exempt.has(update.ref) || !lossy.has(update);
  return { stop, allowed: stop === null ? updates : updates.filter(isLet) };
}

function lostBy(updates: readonly Update[], lossy: ReadonlySet<Update>): Kept[] {
  return updates.filter((update) => lossy.has(update)).map(({ ref, before }) => ({ ref, value: before }));
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

/**
 * What is lost goes to the attic first; a ref whose tip cannot be kept stays. Answers the refs that did not change,
 * with git's words.
 */
async function follow(
  world: World,
  updates: readonly Update[],
  attic: readonly AtticUpdate[],
  lock: Unlock,
): Promise<ReadonlyMap<RefName, string>> {
  const notKept = attic.length === 0 ? new Map<RefName, string>() : await world.git.setRefs(attic, lock);
  const unsafe = new Map(attic.flatMap(({ ref, keeps }) => wordsOf(keeps, notKept.get(ref))));
  const safe = updates.filter(({ ref }) => !unsafe.has(ref));
  const failed = safe.length === 0 ? [] : await world.git.setRefs(safe, lock);
  return new Map([...failed, ...unsafe]);
}

function wordsOf(ref: RefName, words: string | undefined): (readonly [RefName, string])[] {
  return words === undefined ? [] : [[ref, `its tip cannot be kept in the attic, ${words}`]];
}

/** From `both` on, old's HEAD follows GitLab's default branch. */
async function followHead(world: World, look: Look): Promise<void> {
  const { head } = look.gitlabSide;
  if (head !== null && head !== look.oldSide.head && look.gitlab.has(head)) await world.git.setHead(head);
}
