/** The worker (`mirror`): brings GitLab level with old. A debt only wakes it; it always sends old's present value. */
import { decideMirror, decideStale, type MirrorAction } from '../rules/decide';
import { faults } from '../contract/faults/catalogue';
import {
  areOrdered,
  changesOf,
  endedRecords,
  isLive,
  leads,
  lostValues,
  movingRefs,
  type EndedRecord,
  type LiveRefs,
} from '../rules/records';
import { allNames, inTheWay, isSynced, nameRefusal, onlySynced, showRef, setOrDelete } from '../rules/refs';
import { nothing, sendUpdates, type Sent } from './send';
import { beginRequest, endRequest, readTries, retireTries } from './tries';
import type { Unlock, World } from '../rules/ports';
import type { Lease, Oid, RefName, Refs, Tries, Trouble, Update } from '../rules/values';

/** What one look saw; read in this order, since a record that ends later must not explain an older value. */
interface Look {
  readonly leases: readonly Lease[];
  readonly ended: Map<RefName, EndedRecord[]>;
  readonly live: LiveRefs;
  readonly old: Refs;
  readonly oldHead: RefName | null;
  readonly gitlab: Refs;
  readonly agreed: Refs;
  readonly firstCopy: boolean;
  readonly tries: Tries;
}

export interface MirrorResult {
  /** Refs that still differ and are no trouble: the next pass goes on with them. */
  readonly open: number;
  /**
   * Refs that were not level when this pass looked, or under a push: only a look that finds all at rest has asked
   * whether old lost something.
   */
  readonly moved: number;
  readonly troubles: readonly Trouble[];
}

export async function mirrorPass(world: World, lock: Unlock): Promise<MirrorResult> {
  const look = await lookAround(world);
  const actions = await decideAll(world, look);
  const agreed = new Map(look.agreed);
  for (const [ref, action] of actions) if (action.kind === 'agree') setOrDelete(agreed, ref, action.value);
  const sendable = [...actions].filter(([ref, action]) => action.kind === 'send' && nameRefusal(ref) === null);
  noteUnhooked(world, look, sendable);
  const updates = sendable.map(([ref, action]) => ({
    ref,
    before: action.kind === 'send' ? action.expect : null,
    after: look.old.get(ref) ?? null,
  }));
  const sent = await sendWrittenDown(world, look, updates, lock);
  for (const update of sent.done) setOrDelete(agreed, update.ref, update.after);
  const stale = await settleStale(world, look, sent.stale, agreed);
  world.journal.writeAgreed(agreed);
  settleLevel(world, look, actions);
  const troubles = keepSince(world, [
    ...actionTroubles(world, look, actions),
    ...stale.troubles,
    ...sent.troubles.map((trouble) => fullTrouble(world, look, trouble)),
  ]);
  world.journal.writeTroubles(troubles);
  world.journal.markPass();
  const waiting = [...actions.values()].filter((action) => action.kind === 'wait').length;
  if (sent.unreachable !== null) throw unreachable(sent.unreachable);
  const moved = [...actions.values()].filter(
    (action) => action.kind === 'send' || action.kind === 'agree' || (action.kind === 'level' && !action.settle),
  ).length;
  return { open: waiting + sent.unknown.length + stale.again, moved, troubles };
}

async function lookAround(world: World): Promise<Look> {
  const { namespaces } = world.config;
  const leases = world.journal.leases();
  const old = await world.git.oldSide();
  const gitlab = await world.git.gitlabSide();
  const agreed = world.journal.agreed();
  return {
    leases,
    ended: endedRecords(leases),
    live: movingRefs(leases, world.journal.leases()),
    old: onlySynced(old.refs, namespaces),
    oldHead: old.head,
    gitlab: withoutSymbolic(onlySynced(gitlab.refs, namespaces), old.symbolic),
    agreed: agreed ?? new Map<RefName, Oid>(),
    firstCopy: agreed === null,
    tries: readTries(world),
  };
}

/** Symbolic refs are not synced: a branch of that name on GitLab is not ours to judge. */
function withoutSymbolic(refs: Refs, symbolic: readonly RefName[]): Refs {
  return new Map([...refs].filter(([ref]) => !symbolic.includes(ref)));
}

async function decideAll(world: World, look: Look): Promise<Map<RefName, MirrorAction>> {
  const actions = new Map<RefName, MirrorAction>();
  // A ref that is absent everywhere may have been deleted by a push, or lost after one: its records are judged and
  // dropped as well.
  for (const ref of new Set([...allNames(look.old, look.gitlab, look.agreed), ...look.ended.keys()])) {
    if (isSynced(ref, world.config.namespaces)) actions.set(ref, await decideOne(world, look, ref));
  }
  return actions;
}

async function decideOne(world: World, look: Look, ref: RefName): Promise<MirrorAction> {
  const [old, gitlab, agreed] = [look.old.get(ref) ?? null, look.gitlab.get(ref) ?? null, look.agreed.get(ref) ?? null];
  const ended = look.ended.get(ref) ?? [];
  const mayBeForward =
    old !== null && agreed !== null && old !== agreed && !ref.startsWith('refs/tags/') && !leads(ended, agreed, old);
  const forward = mayBeForward && (await world.git.isAncestor(agreed, old));
  const sentNow = (look.tries.sent.get(ref) ?? []).includes(gitlab);
  const sentLate = (look.tries.late.get(ref) ?? []).includes(gitlab);
  const lost = old !== agreed || gitlab === agreed ? await lostFrom(world, ref, ended, old) : [];
  return decideMirror({ old, gitlab, agreed, sentNow, sentLate, live: isLive(look.live, ref), ended, forward, lost });
}

/**
 * Acknowledged values of a ref that are gone. A branch may have come on by a writer without hooks: what it contains is
 * not lost.
 */
export async function lostFrom(
  world: World,
  ref: RefName,
  ended: readonly EndedRecord[],
  present: Oid | null,
): Promise<(Oid | null)[]> {
  const lost: (Oid | null)[] = [];
  const isOrdered = areOrdered(ended, world.clock.now().boot);
  const listed = isOrdered
    ? []
    : (world.journal.troubles().find((trouble) => trouble.ref === ref && trouble.kind === 'damaged')?.lost ?? []);
  for (const value of lostValues(ended, present, isOrdered, listed)) {
    const contained =
      value !== null &&
      present !== null &&
      !ref.startsWith('refs/tags/') &&
      (await world.git.isAncestor(value, present));
    if (!contained) lost.push(value);
  }
  return lost;
}

/**
 * A change that no hook saw is counted: in `both` such writers are undone. Not in `old`, where a push need not be
 * written down.
 */
function noteUnhooked(world: World, look: Look, sendable: readonly (readonly [RefName, MirrorAction])[]): void {
  if (look.firstCopy || world.journal.state().phase === 'old') return;
  // What the first copy could not bring over is sent again, and moved for nobody.
  const isNew = (ref: RefName): boolean => !(look.tries.sent.get(ref) ?? []).includes(look.old.get(ref) ?? null);
  const unseen = sendable.filter(
    ([ref, action]) => action.kind === 'send' && !action.witnessed && !isLive(look.live, ref) && isNew(ref),
  );
  if (unseen.length === 0) return;
  world.journal.addUnhooked(unseen.map(() => world.clock.wall()));
  world.log.write('unhooked-change', { refs: unseen.map(([ref]) => showRef(ref)) });
}

/** Every value is written down before it is sent: a try whose answer is lost must be known as ours when it shows up. */
async function sendWrittenDown(world: World, look: Look, updates: readonly Update[], lock: Unlock): Promise<Sent> {
  if (updates.length === 0) return nothing;
  beginRequest(world, look.tries, updates);
  const sent = await sendUpdates(world, updates, look.oldHead, lock);
  endRequest(world, look.tries, !sent.mayLand);
  return sent;
}

async function settleStale(
  world: World,
  look: Look,
  stale: readonly Update[],
  agreed: Refs,
): Promise<{ again: number; troubles: Trouble[] }> {
  if (stale.length === 0) return { again: 0, troubles: [] };
  const now = (await world.git.gitlabSide()).refs;
  const troubles: Trouble[] = [];
  let again = 0;
  for (const { ref } of stale) {
    const gitlab = now.get(ref) ?? null;
    const verdict = decideStale(
      gitlab,
      look.agreed.get(ref) ?? null,
      (look.tries.sent.get(ref) ?? []).includes(gitlab),
      (look.tries.late.get(ref) ?? []).includes(gitlab),
    );
    if (verdict === 'agree') setOrDelete(agreed, ref, gitlab);
    const obstacle = inTheWay(now, ref);
    if (verdict === 'conflict')
      troubles.push({ ...fullTrouble(world, look, { ref, kind: 'conflict', words: conflictWords }), gitlab });
    else if (obstacle !== null)
      troubles.push(
        fullTrouble(world, look, {
          ref,
          kind: 'declined',
          words: `GitLab has ${showRef(obstacle)}, which is in the way of this name.`,
        }),
      );
    else again += 1;
  }
  return { again, troubles };
}

const conflictWords = 'Somebody wrote to GitLab while it was closed.';

/**
 * Level refs: their tries become late, their records are dropped. Only then can damage of the same shape be told from a
 * push.
 */
function settleLevel(world: World, look: Look, actions: ReadonlyMap<RefName, MirrorAction>): void {
  const level = new Set(
    [...actions].filter(([, action]) => action.kind === 'level' && action.settle).map(([ref]) => ref),
  );
  const tried = [...level].filter((ref) => look.tries.sent.has(ref));
  for (const ref of tried) retireTries(look.tries, ref);
  if (tried.length > 0) world.journal.writeTries(look.tries);
  const drops = new Map<string, ReadonlySet<RefName>>();
  for (const lease of look.leases.filter((candidate) => !candidate.live)) {
    const refs = changesOf(lease).map(({ ref }) => ref);
    const settled = new Set(refs.filter((ref) => level.has(ref) || !isSynced(ref, world.config.namespaces)));
    if (settled.size > 0 || refs.length === 0) drops.set(lease.id, settled);
  }
  world.journal.drop(drops);
}

function actionTroubles(world: World, look: Look, actions: ReadonlyMap<RefName, MirrorAction>): Trouble[] {
  return [...actions].flatMap(([ref, action]) => {
    const refusal = action.kind === 'send' ? nameRefusal(ref) : null;
    if (refusal !== null) return [fullTrouble(world, look, { ref, kind: 'declined', words: `Not sent: ${refusal}.` })];
    if (action.kind === 'conflict') return [fullTrouble(world, look, { ref, kind: 'conflict', words: conflictWords })];
    if (action.kind === 'damaged')
      return [
        fullTrouble(world, look, {
          ref,
          kind: 'damaged',
          lost: action.lost,
          words: `Old lost ${action.lost.map((value) => value ?? 'a deletion').join(' and ')} without a push.`,
        }),
      ];
    return [];
  });
}

function fullTrouble(world: World, look: Look, part: Pick<Trouble, 'ref' | 'kind' | 'words' | 'lost'>): Trouble {
  const { ref } = part;
  return {
    ...part,
    old: look.old.get(ref) ?? null,
    gitlab: look.gitlab.get(ref) ?? null,
    agreed: look.agreed.get(ref) ?? null,
    since: world.clock.wall(),
  };
}

/** A trouble that was there before keeps its date. */
export function keepSince(world: World, troubles: readonly Trouble[]): Trouble[] {
  const before = world.journal.troubles();
  return troubles.map((trouble) => ({
    ...trouble,
    since: before.find(({ ref, kind }) => ref === trouble.ref && kind === trouble.kind)?.since ?? trouble.since,
  }));
}

function unreachable(words: string): Error {
  return faults.gitlabUnreachable({ what: 'send to GitLab', words });
}
