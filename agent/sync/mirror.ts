/** A pass of `mirror`: brings GitLab level with old. */
import { faults } from '../contract/faults';
import { changesOf, isLive } from '../rules/records';
import { noteAgreed } from './agreed';
import { checkFence, moveFence, type Fencing } from './fence';
import { listTravel } from './travel';
import { isSynced, nameRefusal, showRef, setOrDelete } from '../rules/refs';
import { decideAll, lookForMirror, type Actions, type MirrorPassLook } from './mirrorlook';
import { judgeStale, troublesOf, withListed, type Findings } from './mirrortroubles';
import { beginRequest, endRequest, noteTries, retireTries } from './requests';
import { nothing, sendUpdates, type Sent } from './send';
import { unsentTroubles } from './unsent';
import { printPassEnd } from '../rules/time';
import type { MirrorAction } from '../rules/decide';
import type { Unlock, World } from '../rules/ports';
import type { Oid, RefName, Refs, Trouble, Update } from '../rules/values';

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

/** A debt only wakes it; it always sends old's present value. */
export async function mirrorPass(world: World, lock: Unlock): Promise<MirrorResult> {
  const fencing: Fencing = { world, lock, phase: 'mirror' };
  const look = await lookForMirror(world);
  if ((await checkFence(fencing, look)) !== 'go') return { open: 0, moved: 0, troubles: listTravel(world, look) };
  const actions = await decideAll(world, look);
  const sends = sendsOf(actions);
  noteUnhooked(world, look, sends);
  const updates = sends.map(({ ref, expect }) => ({ ref, before: expect, after: look.old.get(ref) ?? null }));
  const sent = await sendWrittenDown(fencing, look, updates);
  const stale = await judgeStale(world, look, sent.stale);
  const after = agreedAfter(look, { actions, sent, stale });
  if (updates.length === 0 && forgets(world, look, actions)) await moveFence(fencing, look);
  noteAgreed(world, { before: look.agreed, after, ended: look.ended, old: look.old });
  forgetAtRest(world, look, actions);
  const findings = { actions, sent, stale };
  const found = [...troublesOf(world, look, findings), ...unsentTroubles(world, look, findings)];
  const troubles = withListed(world, actions, found);
  world.journal.writeTroubles(troubles);
  if (sent.unreachable !== null) throw unreachable(sent.unreachable);
  world.journal.markPass();
  const { waiting, moved } = countOf([...actions.values()]);
  return { open: waiting + sent.unknown.length + stale.again.length, moved, troubles };
}

interface Send {
  readonly ref: RefName;
  readonly expect: Oid | null;
  readonly witnessed: boolean;
}

/** A name that GitLab would refuse stays here, and is listed. */
function sendsOf(actions: Actions): Send[] {
  return [...actions].flatMap(([ref, action]) =>
    action.kind === 'send' && nameRefusal(ref) === null ? [{ ref, ...action }] : [],
  );
}

function agreedAfter({ agreed }: MirrorPassLook, { actions, sent, stale }: Findings): Refs {
  const after = new Map(agreed);
  for (const [ref, action] of actions) if (action.kind === 'agree') setOrDelete(after, ref, action.value);
  for (const update of sent.done) setOrDelete(after, update.ref, update.after);
  for (const [ref, value] of stale.agreed) setOrDelete(after, ref, value);
  return after;
}

function countOf(actions: readonly MirrorAction[]): { waiting: number; moved: number } {
  const isMoved = (action: MirrorAction): boolean =>
    action.kind === 'send' || action.kind === 'agree' || (action.kind === 'level' && !action.atRest);
  return { waiting: actions.filter(({ kind }) => kind === 'wait').length, moved: actions.filter(isMoved).length };
}

/**
 * A change that no hook saw is counted: in `both` such writers are undone. Not in `old`, where a push need not be
 * written down.
 */
function noteUnhooked(world: World, look: MirrorPassLook, sends: readonly Send[]): void {
  if (look.isFirst || world.journal.state().phase === 'old') return;
  // What the first copy could not bring over is sent again, and moved for nobody.
  const isNew = (ref: RefName): boolean => !(look.tries.sent.get(ref) ?? []).includes(look.old.get(ref) ?? null);
  const unseen = sends.filter(({ ref, witnessed }) => !witnessed && !isLive(look.live, ref) && isNew(ref));
  if (unseen.length === 0) return;
  const time = printPassEnd({ wall: world.clock.wall(), at: world.clock.now() }).trim();
  world.journal.addUnhooked(unseen.map(() => time));
  world.log.write('unhooked-change', { refs: unseen.map(({ ref }) => showRef(ref)) });
}

/** Every value is written down before it is sent: a try whose answer is lost must be known as ours when it shows up. */
async function sendWrittenDown(fencing: Fencing, look: MirrorPassLook, updates: readonly Update[]): Promise<Sent> {
  if (updates.length === 0) return nothing;
  const { world, lock } = fencing;
  // A first copy that sent nothing yet must not look like one that was cut off.
  if (world.limits.fence === true && !look.isFirst) noteTries(world, look.tries, updates);
  await moveFence(fencing, look);
  beginRequest(world, look.tries, updates);
  const sent = await sendUpdates(world, updates, look.oldSide.head, lock);
  endRequest(world, look.tries, !sent.mayLand);
  return sent;
}

/** Refs that are level and at rest. */
function atRestOf(actions: Actions): ReadonlySet<RefName> {
  return new Set([...actions].filter(([, action]) => action.kind === 'level' && action.atRest).map(([ref]) => ref));
}

/** Records that a pass is over with, by their lease. */
function overAtRest(
  world: World,
  look: MirrorPassLook,
  atRest: ReadonlySet<RefName>,
): Map<string, ReadonlySet<RefName>> {
  const drops = new Map<string, ReadonlySet<RefName>>();
  for (const lease of look.leases.filter((candidate) => !candidate.live)) {
    const refs = changesOf(lease).map(({ ref }) => ref);
    const over = new Set(refs.filter((ref) => atRest.has(ref) || !isSynced(ref, world.config.namespaces)));
    if (over.size > 0 || refs.length === 0) drops.set(lease.id, over);
  }
  return drops;
}

function forgets(world: World, look: MirrorPassLook, actions: Actions): boolean {
  return overAtRest(world, look, atRestOf(actions)).size > 0;
}

/**
 * Refs that are level and at rest: their tries become late, their records are dropped. Only then can damage of the same
 * shape be told from a push.
 */
function forgetAtRest(world: World, look: MirrorPassLook, actions: Actions): void {
  const atRest = atRestOf(actions);
  const tried = [...atRest].filter((ref) => look.tries.sent.has(ref));
  for (const ref of tried) retireTries(look.tries, ref);
  if (tried.length > 0) world.journal.writeTries(look.tries);
  world.journal.drop(overAtRest(world, look, atRest));
}

function unreachable(words: string): Error {
  return faults.gitlabUnreachable({ what: 'send to GitLab', words });
}
