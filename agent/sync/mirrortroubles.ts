/**
 * What a mirror pass lists for people: what it may not send, what GitLab declined, and who wrote to a closed GitLab.
 */
import { decideStale, type MirrorAction } from '../rules/decide';
import { inTheWay, nameRefusal, showRef } from '../rules/refs';
import { aliasedTroubles } from './aliased';
import { sentBefore, type Actions, type MirrorPassLook } from './mirrorlook';
import type { Look } from './look';
import type { Refused, Sent } from './send';
import type { World } from '../rules/ports';
import type { Oid, RefName, Refs, Trouble } from '../rules/values';

/** What became of the updates that GitLab called stale. */
export interface Stale {
  /** They are ours, and landed before. */
  readonly agreed: ReadonlyMap<RefName, Oid | null>;
  /** For the next pass. */
  readonly again: readonly Refused[];
  readonly troubles: readonly Trouble[];
}

/** Reads GitLab once more: it moved since the look. */
export async function judgeStale(world: World, look: MirrorPassLook, stale: readonly Refused[]): Promise<Stale> {
  const judged = { agreed: new Map<RefName, Oid | null>(), again: [] as Refused[], troubles: [] as Trouble[] };
  if (stale.length === 0) return judged;
  const now = (await world.git.gitlabSide()).refs;
  for (const refused of stale) {
    const { ref } = refused;
    const gitlab = now.get(ref) ?? null;
    const { sentNow, sentLate } = sentBefore(look, ref, gitlab);
    const verdict = decideStale(gitlab, look.agreed.get(ref) ?? null, sentNow, sentLate);
    if (verdict === 'agree') judged.agreed.set(ref, gitlab);
    const trouble = verdict === 'conflict' ? conflict(world, look, ref, gitlab) : obstructed(world, look, ref, now);
    if (trouble === null) judged.again.push(refused);
    else judged.troubles.push(trouble);
  }
  return judged;
}

const conflictWords = 'Somebody wrote to GitLab while it was closed.';

function conflict(world: World, look: Look, ref: RefName, gitlab: Oid | null): Trouble {
  return { ...fullTrouble(world, look, { ref, kind: 'conflict', words: conflictWords }), gitlab };
}

/** For git a ref is a file: no pass can make one where GitLab has a folder, or the other way round. */
function obstructed(world: World, look: Look, ref: RefName, now: Refs): Trouble | null {
  const obstacle = inTheWay(now, ref);
  if (obstacle === null) return null;
  const words = `GitLab has ${showRef(obstacle)}, which is in the way of this name.`;
  return fullTrouble(world, look, { ref, kind: 'declined', words });
}

export interface Findings {
  readonly actions: Actions;
  readonly stale: Stale;
  readonly sent: Sent;
}

/** All troubles of one pass. */
export function troublesOf(world: World, look: Look, { actions, stale, sent }: Findings): Trouble[] {
  return [
    ...[...actions]
      .flatMap(([ref, action]) => actionTrouble(ref, action))
      .map((part) => fullTrouble(world, look, part)),
    ...stale.troubles,
    ...sent.troubles.map((part) => fullTrouble(world, look, part)),
    // One that both sides had is listed as damaged: old lost it without a push.
    ...aliasedTroubles(world, look).filter(({ ref }) => actions.get(ref)?.kind !== 'damaged'),
  ];
}

type Part = Pick<Trouble, 'ref' | 'kind' | 'words' | 'lost'>;

function actionTrouble(ref: RefName, action: MirrorAction): Part[] {
  const refusal = action.kind === 'send' ? nameRefusal(ref) : null;
  if (refusal !== null) return [{ ref, kind: 'declined', words: `Not sent: ${refusal}.` }];
  if (action.kind === 'conflict') return [{ ref, kind: 'conflict', words: conflictWords }];
  if (action.kind !== 'damaged') return [];
  const lost = action.lost.map((value) => value ?? 'a deletion').join(' and ');
  return [{ ref, kind: 'damaged', lost: action.lost, words: `Old lost ${lost} without a push.` }];
}

function fullTrouble(world: World, look: Look, part: Part): Trouble {
  const { ref } = part;
  return {
    ...part,
    old: look.old.get(ref) ?? null,
    gitlab: look.gitlab.get(ref) ?? null,
    agreed: look.agreed.get(ref) ?? null,
    since: world.clock.wall(),
  };
}

/**
 * With what stays of the list: a trouble that was there before keeps its date, and one of damage stays while a push is
 * on its ref. Such a look has not found out whether the damage is over, and where the order of records is not known any
 * more only the list tells what was lost (P1).
 */
export function withListed(world: World, actions: Actions, troubles: readonly Trouble[]): Trouble[] {
  const before = world.journal.troubles();
  const still = before.filter(({ ref, kind }) => kind === 'damaged' && isLeft(actions.get(ref)));
  const since = (trouble: Trouble): Trouble => ({
    ...trouble,
    since: before.find(({ ref, kind }) => ref === trouble.ref && kind === trouble.kind)?.since ?? trouble.since,
  });
  return [...still, ...troubles.map(since)];
}

function isLeft(action: MirrorAction | undefined): boolean {
  return action?.kind === 'wait' || (action?.kind === 'level' && !action.atRest);
}
