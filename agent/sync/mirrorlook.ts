/** What a mirror pass looks at, and what the rules say to each ref of it. Changes nothing. */
import { faults } from '../contract/faults';
import { decideMirror, type MirrorAction } from '../rules/decide';
import { isLive, leads } from '../rules/records';
import { allNames, isSynced } from '../rules/refs';
import { lookAround, type Look } from './look';
import { lostFrom } from './lost';
import type { World } from '../rules/ports';
import type { Deleted, Oid, RefName, Tries } from '../rules/values';

export interface MirrorPassLook extends Look {
  readonly tries: Tries;
  readonly deleted: Deleted;
}

export type Actions = ReadonlyMap<RefName, MirrorAction>;

/**
 * A first copy runs in `old`. In `mirror` a list of what was agreed that is gone is lost, since this pass mended the
 * journal: read as "nothing was agreed", a branch that old lost would look level. The next pass rebuilds the list.
 */
export async function lookForMirror(world: World): Promise<MirrorPassLook> {
  const look = await lookAround(world);
  if (look.isFirst && world.journal.state().phase !== 'old')
    throw faults.journalUnreadable({ what: 'journal', words: 'the list of what both sides agreed on is gone' });
  const isNew = [...look.old.keys()].some((ref) => !look.agreed.has(ref));
  const deleted = isNew && !look.isFirst ? world.journal.deleted() : new Map<RefName, Oid[]>();
  return { ...look, tries: world.journal.tries(), deleted };
}

/** Whether we sent this value since both sides were last level, or before that. */
export function sentBefore(
  { tries }: MirrorPassLook,
  ref: RefName,
  value: Oid | null,
): { sentNow: boolean; sentLate: boolean } {
  return {
    sentNow: (tries.sent.get(ref) ?? []).includes(value),
    sentLate: (tries.late.get(ref) ?? []).includes(value),
  };
}

export async function decideAll(world: World, look: MirrorPassLook): Promise<Actions> {
  const actions = new Map<RefName, MirrorAction>();
  // A ref that is absent everywhere may have been deleted by a push, or lost after one: its records are judged and
  // dropped as well.
  for (const ref of new Set([...allNames(look.old, look.gitlab, look.agreed), ...look.ended.keys()])) {
    if (isSynced(ref, world.config.namespaces)) actions.set(ref, await decideOne(world, look, ref));
  }
  return actions;
}

async function decideOne(world: World, look: MirrorPassLook, ref: RefName): Promise<MirrorAction> {
  const [old, gitlab, agreed] = [look.old.get(ref) ?? null, look.gitlab.get(ref) ?? null, look.agreed.get(ref) ?? null];
  const ended = look.ended.get(ref) ?? [];
  const mayBeForward =
    old !== null && agreed !== null && old !== agreed && !ref.startsWith('refs/tags/') && !leads(ended, agreed, old);
  const forward = mayBeForward && (await world.git.isAncestor(agreed, old));
  const lost = old !== agreed || gitlab === agreed ? await lostFrom(world, ref, ended, old) : [];
  const live = isLive(look.live, ref);
  const cameBack = agreed === null && (await hasComeBack(world, look, ref));
  return decideMirror({ old, gitlab, agreed, ...sentBefore(look, ref, gitlab), live, ended, forward, cameBack, lost });
}

/** Git keeps a ref at two places, and the older value may lie at the one that was not unlinked. */
async function hasComeBack(world: World, look: MirrorPassLook, ref: RefName): Promise<boolean> {
  const old = look.old.get(ref);
  const had = look.deleted.get(ref) ?? [];
  if (old === undefined || had.includes(old)) return old !== undefined;
  if (ref.startsWith('refs/tags/')) return false;
  for (const value of had) if (await world.git.isAncestor(old, value)) return true;
  return false;
}
