/** Carries out what a person decided about one ref. Each step can be repeated after a kill; the attic comes first. */
import { faults } from '../contract/faults';
import { passUnder } from './pass';
import { noteAgreed } from './agreed';
import { atticUpdates } from './attic';
import { addFollowed } from './followed';
import { heardByOwnHooks } from './ownhooks';
import { phaseTable, type Phase } from '../contract/phase';
import { showRef, setOrDelete } from '../rules/refs';
import { beginRequest, endLeftRequest, endRequest, retireTries } from './requests';
import { dropSettled } from './taken';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName, Refs, Trouble, Update } from '../rules/values';

export interface Case {
  readonly trouble: Trouble;
  readonly phase: Phase;
  /** Old's value now. */
  readonly old: Oid | null;
  /** The value of old that may be kept: differs from `old` where a pass already put it into the attic. */
  readonly oldOffered: Oid | null;
  readonly gitlab: Oid | null;
  /** Acknowledged values that old lost. */
  readonly lost: readonly (Oid | null)[];
  /** Leases that had ended: what came later is for the next pass to judge. */
  readonly ended: readonly string[];
  /** Git cannot read old's ref, or writes through it: it is another name of a branch. */
  readonly broken: boolean;
}

/** GitLab gets old's value, with a lease on the one that was looked at. Answers what went to the attic. */
export async function keepOld(world: World, found: Case, lock: Unlock): Promise<RefName[]> {
  const {
    trouble: { ref },
    oldOffered,
    gitlab,
  } = found;
  const attic = await keepInAttic(
    world,
    found,
    [gitlab, ...found.lost].filter((value) => value !== oldOffered),
    lock,
  );
  const listed = world.journal.taken();
  if (oldOffered !== gitlab) await send(world, { ref, before: gitlab, after: oldOffered }, lock);
  await noteSettled(world, found, oldOffered, lock);
  dropSettled(world, listed, ref, oldOffered);
  return attic;
}

/** Old gets GitLab's value: in the open phases by a pass, as always. */
export async function keepGitlab(world: World, found: Case, lock: Unlock): Promise<RefName[]> {
  const {
    trouble: { ref },
    old,
    gitlab,
  } = found;
  const attic = await keepInAttic(
    world,
    found,
    [old, ...found.lost].filter((value) => value !== gitlab),
    lock,
  );
  if (found.broken) await world.git.moveAside(ref);
  if (old !== gitlab) await setOld(world, found, lock);
  await noteSettled(world, found, gitlab, lock);
  return attic;
}

/**
 * GitLab's value must be kept, since GitLab prunes it. A value of old whose objects are gone is lost already: there is
 * nothing to keep.
 */
async function keepInAttic(
  world: World,
  { trouble: { ref }, gitlab }: Case,
  values: readonly (Oid | null)[],
  lock: Unlock,
): Promise<RefName[]> {
  const oids = [...new Set(values)].filter((value): value is Oid => value !== null);
  const gone = oids.length === 0 ? new Set<Oid>() : await world.git.missing(oids);
  if (gitlab !== null && gone.has(gitlab)) throw noAttic(ref, `GitLab's ${gitlab} could not be fetched`);
  const left = oids.filter((oid) => !gone.has(oid)).map((value) => ({ ref, value }));
  const kept = atticUpdates(world.clock.wall(), left, `-${process.pid}`);
  const failed = kept.length === 0 ? new Map<RefName, string>() : await world.git.setRefs(kept, lock);
  if (failed.size > 0) throw noAttic(ref, [...failed.values()].join('; '));
  return kept.map((update) => update.ref);
}

function noAttic(ref: RefName, what: string): Error {
  return faults.noAttic({ ref: showRef(ref), what });
}

/** The value is written down before it is sent: if the answer is lost, the next look knows it as ours. */
export async function send(world: World, update: Update, lock: Unlock): Promise<void> {
  const tries = endLeftRequest(world);
  beginRequest(world, tries, [update]);
  const answer = await world.git.push([update], { atomic: false, lock });
  endRequest(world, tries, answer.kind !== 'no-answer');
  if (answer.kind === 'ok') return;
  if (answer.kind === 'no-answer') throw faults.unknown({ ref: showRef(update.ref), words: answer.words });
  if (answer.kind === 'not-sent') throw faults.notSent({ ref: showRef(update.ref), words: answer.words });
  const isStale = answer.refs.get(update.ref) === 'stale';
  if (isStale && (await hasMoved(world, update))) throw faults.moved({ ref: showRef(update.ref), side: 'GitLab' });
  throw faults.declined({ ref: showRef(update.ref), words: answer.words });
}

/** Git says the same of a lock that is left there. */
async function hasMoved(world: World, { ref, before }: Update): Promise<boolean> {
  return ((await world.git.gitlabSide()).refs.get(ref) ?? null) !== before;
}

/** Where old's value is what was looked at, git's words say what is in the way. */
async function setOld(world: World, { trouble, old, gitlab }: Case, lock: Unlock): Promise<void> {
  const update = { ref: trouble.ref, before: old, after: gitlab };
  addFollowed(world, update);
  const failed = await heardByOwnHooks(world, [update], () => world.git.setRefs([update], lock));
  world.ownHooks.start();
  const words = failed.get(trouble.ref);
  if (words === undefined) return;
  const hasMoved = ((await world.git.oldSide()).refs.get(trouble.ref) ?? null) !== old;
  if (hasMoved) throw faults.moved({ ref: showRef(trouble.ref), side: 'old' });
  throw faults.notSetOnOld({ ref: showRef(trouble.ref), words: trouble.kind === 'unfetched' ? trouble.words : words });
}

/**
 * In the closed phases agreed decides, and records of before would explain what is over; in the open ones a pass brings
 * old level.
 */
async function noteSettled(
  world: World,
  { trouble: { ref }, phase, ended, old }: Case,
  value: Oid | null,
  lock: Unlock,
): Promise<void> {
  if (phaseTable[phase].toOld) await passUnder(world, lock, phase, { exempt: new Set([ref]), eager: true });
  else writeAgreed(world, ref, value, value === null ? old : null);
  world.journal.drop(new Map(ended.map((id) => [id, new Set([ref])])));
  const tries = world.journal.tries();
  retireTries(tries, ref);
  world.journal.writeTries(tries);
  world.journal.writeTroubles(world.journal.troubles().filter((trouble) => trouble.ref !== ref));
}

/** `had`: what old had of it, where it goes. */
export function writeAgreed(world: World, ref: RefName, value: Oid | null, had: Oid | null = null): void {
  const before = world.journal.agreed() ?? new Map<RefName, Oid>();
  const agreed = new Map(before);
  setOrDelete(agreed, ref, value);
  const taken: Refs = new Map(had === null ? [] : [[ref, had]]);
  noteAgreed(world, { before, after: agreed, ended: new Map(), taken });
}
