/**
 * A stopped pass, settled by a person: GitLab is right and old follows, or GitLab is wrong and gets back what it lost.
 * Each step can be repeated after a kill: what is there already is neither kept nor sent again.
 */
import { asFault } from '../contract/errors';
import { faults } from '../contract/faults';
import { phaseTable, type Phase } from '../contract/phase';
import { isLive } from '../rules/records';
import { showRef } from '../rules/refs';
import { allRefs, type Missed } from '../rules/stopped';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName, Update } from '../rules/values';
import { atticUpdates, onceOnly } from './attic';
import { differencesOf } from './bothsides';
import { lossyUpdates } from './breaker';
import { bring } from './bring';
import { lookAround, type Look } from './look';
import { changeOf } from './losses';
import { differences, passUnder, type PassResult } from './pass';
import { beginRequest, endLeftRequest, endRequest, retireTries } from './requests';
import { sendUpdates, type Sent } from './send';
import { requireFence } from './travel';

export interface StoppedLook {
  readonly phase: Phase;
  readonly look: Look;
  readonly missed: readonly Missed[];
}

/** What GitLab lost, and old still has, as both sides are now. Throws in a phase that has no passes from GitLab. */
export async function lookAtStopped(world: World, lock: Unlock): Promise<StoppedLook> {
  const { phase } = world.journal.state();
  if (!phaseTable[phase].toOld) throw faults.noPass({ phase });
  const look = await lookAround(world);
  const lost = differencesOf(look)
    .map(({ ref, old, gitlab }) => changeOf(look, { ref, before: old, after: gitlab }))
    .filter((change): change is typeof change & { was: Oid } => change.was !== null)
    .map(({ ref, was, after }) => ({ ref, before: was, after }));
  const unfetched = await bringTheirs(world, lost, lock);
  const lossy = await lossyUpdates(world, lost);
  const only = await onlyOnGitlab(world, look, lossy);
  const isMissing = await world.git.missing(lossy.map(({ before }) => before).filter((value) => value !== null));
  const missed = lossy.flatMap(({ ref, before, after }): Missed[] => {
    if (before === null) return [];
    const leftOut = isLive(look.live, ref)
      ? 'a push is moving it'
      : isMissing.has(before)
        ? "old's objects of it are missing"
        : (unfetched.get(ref) ?? null);
    return [{ ref, lost: before, gitlab: after, isOnlyOnGitlab: after !== null && only.has(after), leftOut }];
  });
  return { phase, look, missed };
}

/** Objects only: what GitLab shows instead is judged, and kept, before anything is sent. Answers what did not come. */
async function bringTheirs(
  world: World,
  updates: readonly Update[],
  lock: Unlock,
): Promise<ReadonlyMap<RefName, string>> {
  const values = updates.map(({ after }) => after).filter((value) => value !== null);
  const missing = values.length === 0 ? new Set<Oid>() : await world.git.missing(values);
  const coming = updates.filter(({ after }) => after !== null && missing.has(after)).map(({ ref }) => ref);
  if (coming.length === 0) return new Map();
  const why = (words: string): string => `what GitLab has there cannot be fetched, so it cannot be kept: ${words}`;
  try {
    const { refused, left } = await bring(world, coming, new Set(), lock);
    const unasked = [...left].map((ref) => [ref, why('too many of them are refused')] as const);
    return new Map([...unasked, ...[...refused].map(([ref, words]) => [ref, why(words)] as const)]);
  } catch (error) {
    return new Map(coming.map((ref) => [ref, why(asFault(error).message)]));
  }
}

/** The attic does not count: what a run that was killed kept there is still nobody's to see. */
async function onlyOnGitlab(world: World, look: Look, updates: readonly Update[]): Promise<ReadonlySet<Oid>> {
  const theirs = updates.map(({ after }) => after).filter((value) => value !== null);
  const ours = [...look.old.values(), ...updates.map(({ before }) => before).filter((value) => value !== null)];
  return theirs.length === 0 ? new Set() : world.git.uncontained(theirs, [...new Set(ours)]);
}

export interface GaveBack {
  readonly sent: Sent;
  /** The refs of the attic that keep what GitLab had instead. */
  readonly attic: readonly RefName[];
  /** Old still does not follow. */
  readonly isStopped: boolean;
}

/**
 * GitLab's values go to the attic, then it gets what it lost, each by compare-and-set on what it shows; the pass that
 * follows ends the stop where nothing is lost any more.
 */
export async function giveBackStopped(
  world: World,
  { phase, look }: StoppedLook,
  updates: readonly Update[],
  lock: Unlock,
): Promise<GaveBack> {
  requireFence(world, look.gitlabSide.refs);
  const attic = await keepTheirs(world, look, updates, lock);
  const tries = endLeftRequest(world);
  beginRequest(world, tries, updates);
  const sent = await sendUpdates(world, updates, look.oldSide.head, lock);
  endRequest(world, tries, !sent.mayLand);
  const done = new Set(sent.done.map(({ ref }) => ref));
  const { troubles } = await passUnder(world, lock, phase, { exempt: done, eager: true });
  const left = world.journal.tries();
  for (const ref of done) retireTries(left, ref);
  world.journal.writeTries(left);
  return { sent, attic, isStopped: isStopped(troubles) };
}

async function keepTheirs(
  world: World,
  look: Look,
  updates: readonly Update[],
  lock: Unlock,
): Promise<readonly RefName[]> {
  const theirs = updates.filter(({ before }) => before !== null).map(({ ref, before }) => ({ ref, value: before }));
  const { refs } = look.oldSide;
  const kept = onceOnly(refs, atticUpdates(world.clock.wall(), theirs, `-${process.pid}`));
  const fresh = kept.filter(({ ref }) => !refs.has(ref));
  const failed = fresh.length === 0 ? new Map<RefName, string>() : await world.git.setRefs(fresh, lock);
  const [first] = fresh.filter(({ ref }) => failed.has(ref));
  if (first !== undefined) throw faults.noAttic({ ref: showRef(first.keeps), what: failed.get(first.ref) ?? '' });
  return kept.map(({ ref }) => ref);
}

/** One pass whose circuit breaker lets these refs through, or all that differ. */
export async function letPassThrough(
  world: World,
  lock: Unlock,
  named: ReadonlySet<RefName> = new Set([allRefs]),
): Promise<{ readonly isStopped: boolean }> {
  const { phase } = world.journal.state();
  if (!phaseTable[phase].toOld) throw faults.noPass({ phase });
  const exempt = named.has(allRefs) ? new Set(await differences(world)) : named;
  const { troubles } = await passUnder(world, lock, phase, { exempt, eager: true });
  return { isStopped: isStopped(troubles) };
}

function isStopped(troubles: PassResult['troubles']): boolean {
  return troubles.some(({ kind }) => kind === 'stopped');
}
