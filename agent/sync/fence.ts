/**
 * Whether GitLab and old are where they left each other, and the moves of the fence, by the numbers of
 * docs/design/fence.md. All of it under the repository's lock.
 */
import { faults } from '../contract/faults';
import { phaseTable, type Phase } from '../contract/phase';
import {
  decideFence,
  explains,
  fenceRef,
  lagDefaultMs,
  newFence,
  shownFence,
  withLanded,
  withNext,
  type FenceVerdict,
} from '../rules/fence';
import { allNames, onlySynced } from '../rules/refs';
import { dropFence } from './dropfence';
import { beginRequest, endRequest } from './requests';
import type { Unlock, World } from '../rules/ports';
import type { Fence, PushAnswer, RefName, Refs, State } from '../rules/values';
import type { Look } from './look';

/** A pass under the rules of `phase`: a first copy passes by those of `mirror` while the state says `old`. */
export interface Fencing {
  readonly world: World;
  readonly lock: Unlock;
  readonly phase: Phase;
}

/** `again`: what was seen is over, look once more. `stopped`: one side is not where the other left it (10). */
export type Passage = 'go' | 'again' | 'stopped';

/** After each look, before anything is decided by it (3). Throws `gitlab-lags`. */
export async function checkFence(fencing: Fencing, look: Look): Promise<Passage> {
  const { world } = fencing;
  if (world.limits.fence !== true) return letGo(fencing);
  const fence = await fenceOf(world);
  if (world.journal.state().phase === 'old' && fence.last === null) requireNobodyElse(world, look, fence);
  const shown = shownFence(fence, look.gitlabSide.refs);
  const verdict = await verdictOf(fencing, look, fence);
  if (verdict !== 'equal' || fence.stopped) world.log.write('fence', { verdict, shown, last: fence.last });
  return carryOut[verdict](fencing, look, fence);
}

/** The setting is off: nothing may hang on it any more. */
async function letGo(fencing: Fencing): Promise<Passage> {
  const { world } = fencing;
  const { fence } = world.journal.state();
  if (fence === null) return 'go';
  await world.journal.changeState((now) => ({ ...now, fence: null }));
  await dropFence(fencing, fence);
  return 'go';
}

const carryOut: Readonly<Record<FenceVerdict, (fencing: Fencing, look: Look, fence: Fence) => Promise<Passage>>> = {
  equal: async (fencing, look, fence) => {
    // The same one again, or the first (2).
    if (fence.next !== null || fence.last === null) await moveFence(fencing, look);
    else await noteSeen(fencing.world, fence);
    return 'go';
  },
  landed: async (fencing, look) => {
    await finishMove(fencing, look);
    return 'go';
  },
  plant: async (fencing, look) => {
    await changeFence(fencing.world, (fence) => ({ ...fence, last: null, proof: 'planted' }));
    await moveFence(fencing, look);
    return 'again';
  },
  lags: ({ world }) => Promise.reject(faults.gitlabLags({ path: world.config.path })),
  travelled: async ({ world }) => {
    await changeFence(world, (fence) => (fence.stopped ? null : { ...fence, stopped: true }));
    return 'stopped';
  },
};

/**
 * A first copy writes over what GitLab has: a mark of another attachment says that somebody brought it there before,
 * maybe this very server, which came back from a backup.
 */
function requireNobodyElse(world: World, { gitlabSide }: Look, fence: Fence): void {
  const { path, peopleUrl, otherFences = [] } = world.config;
  const known = new Set([fence.id, ...otherFences].map((id) => fenceRef({ id })));
  const other = [...gitlabSide.refs.keys()].find((ref) => ref.startsWith(fenceRef({ id: '' })) && !known.has(ref));
  if (other !== undefined)
    throw faults.otherFence({ path, id: other.slice(fenceRef({ id: '' }).length), url: peopleUrl });
}

/** Asked for more only where it may matter: both sides' refs, and git. */
async function verdictOf({ world, lock, phase }: Fencing, look: Look, fence: Fence): Promise<FenceVerdict> {
  const facts = {
    fence,
    phase,
    shown: shownFence(fence, look.gitlabSide.refs),
    copy: world.fence.copy(),
    now: world.clock.now(),
    lagMs: lagOf(world),
  };
  const verdict = decideFence({ ...facts, isAsAgreed: true });
  const hangsOnIt = verdict === 'plant' || (verdict === 'landed' && fence.proof !== 'sure');
  return hangsOnIt && !(await isAsAgreed(world, look, lock)) ? decideFence({ ...facts, isAsAgreed: false }) : verdict;
}

/** Every ref at GitLab is what was agreed, contains it, or is what an ended push made of it. */
async function isAsAgreed(world: World, look: Look, lock: Unlock): Promise<boolean> {
  const odd = allNames(look.gitlab, look.agreed).filter(
    (ref) => !explains(look.agreed.get(ref) ?? null, look.gitlab.get(ref) ?? null, look.ended.get(ref) ?? []),
  );
  const grown = odd.flatMap((ref) => {
    const [agreed, gitlab] = [look.agreed.get(ref), look.gitlab.get(ref)];
    return agreed === undefined || gitlab === undefined || ref.startsWith('refs/tags/')
      ? []
      : [{ ref, agreed, gitlab }];
  });
  if (grown.length < odd.length) return false;
  if (grown.length === 0) return true;
  if (
    (await world.git.fetch(
      grown.map(({ ref }) => ref),
      lock,
    )) !== null
  )
    return false;
  for (const { agreed, gitlab } of grown) if (!(await world.git.isAncestor(agreed, gitlab))) return false;
  return true;
}

function lagOf({ limits }: World): number {
  return limits.lagMs ?? lagDefaultMs;
}

/** One that has none begins one: a repository that is attached anew, or whose state an older version wrote. */
async function fenceOf(world: World): Promise<Fence> {
  const known = world.journal.state();
  if (known.fence !== null) return known.fence;
  // What an earlier attachment left in the repository is not this one's.
  if (known.phase === 'old') world.fence.setCopy(null);
  const begun = newFence(world.fence.newId());
  const state = await world.journal.changeState((now) => (now.fence === null ? { ...now, fence: begun } : null));
  return state.fence ?? begun;
}

/** Throws where nobody has a fence: it was taken away meanwhile. */
async function changeFence(world: World, change: (fence: Fence) => Fence | null): Promise<Fence> {
  const state = await world.journal.changeState((now) => {
    const next = now.fence === null ? null : change(now.fence);
    return next === null ? null : { ...now, fence: next };
  });
  if (state.fence === null) throw faults.fenceMoved({ path: world.config.path });
  return state.fence;
}

/**
 * For a push after a start of old (9): without the lock, and nothing but whether GitLab has the right fence is written
 * down. One that is on its way is a pass's to finish. Throws `gitlab-unreachable`.
 */
export async function lookOnly(world: World): Promise<void> {
  const { fence, phase } = world.journal.state();
  if (fence === null) return;
  const { refs } = await world.git.gitlabSide();
  const shown = shownFence(fence, refs);
  const now = world.clock.now();
  const facts = { phase, shown, copy: world.fence.copy(), now, isAsAgreed: false, lagMs: lagOf(world) };
  if (decideFence({ ...facts, fence }) === 'equal') await noteSeen(world, fence);
}

async function noteSeen(world: World, fence: Fence): Promise<void> {
  const { boot } = world.clock.now();
  if (fence.seen === boot && !fence.stopped) return;
  await changeFence(world, (now) => ({ ...now, seen: boot, stopped: false }));
}

/**
 * Before a pass sends, follows, forgets a record or writes what is agreed (4). One that was planted is at GitLab then,
 * and counts after another look.
 */
export async function moveFence(fencing: Fencing, look: Pick<Look, 'old'>): Promise<void> {
  const { world, lock } = fencing;
  if (world.limits.fence !== true) return;
  const fence = await changeFence(world, (now) => (now.next === null ? withNext(now, world.fence.newValue()) : null));
  if (fence.next === null) throw faults.fenceMoved({ path: world.config.path });
  const tries = world.journal.tries();
  beginRequest(world, tries, []);
  const change = { ref: fenceRef(fence), before: fence.last, after: fence.next };
  const answer = await world.git.pushFence(change, lock);
  endRequest(world, tries, answer.kind !== 'no-answer');
  requireTaken(world, answer);
  if (fence.proof === 'sure') await finishMove(fencing, look);
}

function requireTaken(world: World, answer: PushAnswer): void {
  if (answer.kind === 'ok') return;
  const { words } = answer;
  const { path } = world.config;
  if (answer.kind !== 'rejected') throw faults.gitlabUnreachable({ what: `write to GitLab for ${path}`, words });
  if ([...answer.refs.values()].includes('stale')) throw faults.fenceMoved({ path });
  throw faults.fenceDeclined({ path, words });
}

/**
 * It is at GitLab: the repository gets its copy, and then the state (2, 8). In the closed phases only while old's refs
 * are what the pass saw, or were moved by pushes: else the repository may have travelled between the two.
 */
async function finishMove({ world, phase }: Fencing, { old }: Pick<Look, 'old'>): Promise<void> {
  const { fence } = world.journal.state();
  if (fence?.next === undefined || fence.next === null) throw faults.fenceMoved({ path: world.config.path });
  const { next, last } = fence;
  if (!phaseTable[phase].toOld) {
    const copy = world.fence.copy();
    if ((copy !== last && copy !== next.oid) || !(await isWhereItWas(world, old)))
      throw faults.fenceMoved({ path: world.config.path });
  }
  world.fence.setCopy(next.oid);
  await changeFence(world, (now) =>
    now.next?.oid === next.oid ? withLanded(now, world.clock.now(), lagOf(world)) : null,
  );
}

async function isWhereItWas(world: World, before: Refs): Promise<boolean> {
  const now = onlySynced((await world.git.oldSide()).refs, world.config.namespaces);
  const moved = allNames(before, now).filter((ref) => before.get(ref) !== now.get(ref));
  if (moved.length === 0) return true;
  const pushed = new Set(world.journal.leases().flatMap(({ updates, landed }) => refsOf(updates ?? landed ?? [])));
  return moved.every((ref) => pushed.has(ref));
}

function refsOf(updates: readonly { readonly ref: RefName }[]): RefName[] {
  return updates.map(({ ref }) => ref);
}

/** Goes with the state in one rename: a change of phase is not over before GitLab has it (6). */
export function withGate(world: World, state: State, to: Phase): Fence | null {
  if (to === 'old') return null;
  if (state.fence === null || world.limits.fence !== true || to === 'retired') return state.fence;
  return { ...withNext(state.fence, world.fence.newValue()), gate: true };
}
