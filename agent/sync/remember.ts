/** What a following pass writes down after its refs: troubles for people, what is agreed now, and which records go. */
import { isUnhooked } from '../rules/decide';
import { changesOf } from '../rules/records';
import { allNames, isSynced, printOid, setOrDelete } from '../rules/refs';
import { isStuckKind } from '../rules/stuck';
import { noteAgreed } from './agreed';
import { aliasedTroubles } from './aliased';
import type { Stopped } from './breaker';
import type { SentOn } from './sendon';
import { noteGoneClients, pushMayLand } from './requests';
import { stuckTroubles } from './stuck';
import type { Look } from './look';
import type { World } from '../rules/ports';
import type { Lease, RefName, Refs, Stuck, Trouble, Update } from '../rules/values';

export interface Outcome {
  readonly changed: readonly Update[];
  /** Those that still differ, or moved while the pass looked. */
  readonly open: ReadonlySet<RefName>;
  readonly lossy: ReadonlySet<Update>;
  readonly stop: Stopped | null;
  /** What old cannot take, and people read of. */
  readonly stuck: readonly Stuck[];
  /** Refs that wait, because GitLab answered for a value that it does not show. */
  readonly doubtful: ReadonlySet<RefName>;
  /** Pushes that no hook saw: those that GitLab has by now, why others were not sent, which may still land. */
  readonly sentOn: { readonly arrived: readonly Trouble[] } & Pick<SentOn, 'why' | 'unanswered'>;
}

/** Answers all troubles. Those that nobody settled stay listed; what old could not take goes with its cause. */
export function remember(world: World, look: Look, outcome: Outcome): Trouble[] {
  const since = world.clock.wall();
  const { why, arrived } = outcome.sentOn;
  const setBack = unhookedUpdates(look, outcome).map((update) => unhookedTrouble(look, update, { since, why }));
  const fresh = [...setBack, ...arrived];
  const kept = world.journal.troubles().filter((one) => !isSeenAnew(one.kind) && !fresh.some(isAgain(one)));
  const troubles = [
    ...kept,
    ...fresh,
    ...stuckTroubles(world, look, outcome.stuck),
    ...doubtfulTroubles(world, look, outcome),
    ...aliasedTroubles(world, look),
    ...stoppedTrouble(world, outcome, since),
  ];
  world.journal.writeTroubles(troubles);
  const after = agreedAfter(world, look, outcome);
  noteAgreed(world, { before: look.agreed, after, ended: look.ended });
  dropEnded(world, look.leases, outcome.open);
  return troubles;
}

/** Those that are over when a pass does not see them again. */
function isSeenAnew(kind: Trouble['kind']): boolean {
  return ['stopped', 'aliased', 'travelled', 'doubtful'].includes(kind) || isStuckKind(kind);
}

/** What was taken back although no push brought it: without an alarm its writer would never know. */
function unhookedUpdates({ agreed, ended }: Look, { changed, lossy }: Outcome): Update[] {
  return changed.filter(
    (update) =>
      lossy.has(update) && isUnhooked(update.before, agreed.get(update.ref) ?? null, ended.get(update.ref) ?? []),
  );
}

/** A pass that died before it wrote what is agreed listed it already. */
function isAgain({ ref, kind, old, gitlab }: Trouble): (fresh: Trouble) => boolean {
  return (fresh) => fresh.ref === ref && fresh.kind === kind && fresh.old === old && fresh.gitlab === gitlab;
}

function unhookedTrouble(
  { agreed }: Look,
  { ref, before, after }: Update,
  { since, why }: { readonly since: string; readonly why: ReadonlyMap<RefName, string> },
): Trouble {
  const reason = why.get(ref);
  const notSent = reason === undefined ? '' : ` It was not sent on: ${reason}.`;
  return {
    ref,
    kind: 'unhooked',
    old: before,
    gitlab: after,
    agreed: agreed.get(ref) ?? null,
    since,
    words: `Old moved to ${printOid(before).slice(0, 8)} although no hook saw it; GitLab's value is back, old's is in the attic.${notSent}`,
  };
}

function doubtfulTroubles(world: World, look: Look, { doubtful, sentOn: { unanswered } }: Outcome): Trouble[] {
  const before = world.journal.troubles();
  return [...new Set([...doubtful, ...unanswered])].sort().map((ref) => ({
    ref,
    kind: 'doubtful',
    old: look.old.get(ref) ?? null,
    gitlab: look.gitlab.get(ref) ?? null,
    agreed: look.agreed.get(ref) ?? null,
    since: before.find((one) => one.ref === ref && one.kind === 'doubtful')?.since ?? world.clock.wall(),
    words: doubtfulWords(printOid(look.old.get(ref) ?? null).slice(0, 8), unanswered.has(ref)),
  }));
}

function doubtfulWords(value: string, isUnanswered: boolean): string {
  return isUnanswered
    ? `Old moved to ${value} although no hook saw it; it was sent on, and GitLab has not answered: it may still arrive.`
    : `GitLab took a push of ${value} and has it nowhere a moment later: somebody took it away, or GitLab lost it.`;
}

/** Refs of a stop that are listed. */
const heldMax = 200;

/** Of the whole repository, so it names no ref. It is as old as the first pass that stopped. */
function stoppedTrouble(world: World, { stop }: Outcome, now: string): Trouble[] {
  if (stop === null) return [];
  const since = world.journal.troubles().find(({ kind }) => kind === 'stopped')?.since ?? now;
  const held = { count: stop.held.length, refs: stop.held.slice(0, heldMax) };
  const ofAll = { ref: 'refs/' as RefName, old: null, gitlab: null, agreed: null };
  return [{ ...ofAll, kind: 'stopped', since, words: stop.words, held }];
}

/** What both sides have in common after this pass: what it changed, and what was level already. */
function agreedAfter(world: World, look: Look, { changed, open }: Outcome): Refs {
  const agreed = new Map(look.agreed);
  for (const { ref, after } of changed) setOrDelete(agreed, ref, after);
  for (const ref of allNames(look.old, look.gitlab, look.agreed)) {
    const gitlab = look.gitlab.get(ref) ?? null;
    if ((look.old.get(ref) ?? null) === gitlab && !open.has(ref)) setOrDelete(agreed, ref, gitlab);
  }
  return new Map([...agreed].filter(([ref]) => isSynced(ref, world.config.namespaces)));
}

/**
 * A request without an answer may still land; it is kept until GitLab's longest push is over. What explains a ref that
 * still differs is needed by the next pass.
 */
function dropEnded(world: World, leases: readonly Lease[], open: ReadonlySet<RefName>): void {
  noteGoneClients(world, leases);
  const over = leases.filter((lease) => !lease.live && !pushMayLand(world, lease));
  const drops = new Map<string, ReadonlySet<RefName>>();
  for (const lease of over) {
    const refs = changesOf(lease).map(({ ref }) => ref);
    const level = new Set(refs.filter((ref) => !open.has(ref)));
    if (refs.length === 0 || level.size > 0) drops.set(lease.id, level);
  }
  world.journal.drop(drops);
}
