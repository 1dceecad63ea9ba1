/** A pass of the open phases: old follows GitLab. It never writes to GitLab. */
import { breaks, decidePass, isUnhooked } from '../rules/decide';
import { faults } from '../contract/faults/catalogue';
import { changesOf, endedRecords, isLive, movingRefs, type EndedRecord, type LiveRefs } from '../rules/records';
import { allNames, isSynced, onlySynced, printOid, showRef, setOrDelete } from '../rules/refs';
import { mayStillLand } from './requests';
import type { Unlock, World } from '../rules/ports';
import type { GitlabSide, Lease, Oid, OldSide, RefName, Refs, Trouble, Update } from '../rules/values';
import { atticName } from './attic';

interface Look {
  readonly leases: readonly Lease[];
  readonly ended: Map<RefName, EndedRecord[]>;
  readonly live: LiveRefs;
  readonly oldSide: OldSide;
  readonly old: Refs;
  readonly gitlabSide: GitlabSide;
  readonly gitlab: Refs;
  readonly agreed: Refs;
}

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
  const { look, differing, updates, waits } = await lookAndFetch(world, lock);
  const lossy = await lossyUpdates(world, updates);
  const stop = stopReason(
    world,
    look,
    lossy.filter((update) => !exempt.has(update.ref)),
    waits,
  );
  const loses = new Set(lossy);
  const allowed = stop === null ? updates : updates.filter((update) => exempt.has(update.ref) || !loses.has(update));
  const failed = new Set(await follow(world, allowed, loses, lock));
  const changed = allowed.filter((update) => !failed.has(update.ref));
  await followHead(world, look);
  const isChanged = new Set(changed.map(({ ref }) => ref));
  const open = new Set(differing.filter((ref) => !isChanged.has(ref)));
  const troubles = remember(world, look, { changed, open, lossy: loses, stop });
  await runHooks(world, changed);
  world.journal.markSkipped(waits);
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
    const look = await lookAround(world);
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
  const differing = allNames(look.old, look.gitlab).filter(
    (ref) => (look.old.get(ref) ?? null) !== (look.gitlab.get(ref) ?? null),
  );
  const verdicts = new Map(
    differing.map((ref) => [
      ref,
      decidePass(look.old.get(ref) ?? null, look.gitlab.get(ref) ?? null, isLive(look.live, ref)),
    ]),
  );
  const updates = differing
    .filter((ref) => verdicts.get(ref) === 'follow')
    .map((ref) => ({ ref, before: look.old.get(ref) ?? null, after: look.gitlab.get(ref) ?? null }));
  return { look, differing, updates, waits: [...verdicts.values()].includes('wait') };
}

async function lookAround(world: World): Promise<Look> {
  const { namespaces } = world.config;
  const leases = world.journal.leases();
  const oldSide = await readableOld(world);
  const gitlabSide = await world.git.gitlabSide();
  const gitlab = onlySynced(gitlabSide.refs, namespaces);
  for (const ref of oldSide.symbolic) gitlab.delete(ref);
  return {
    leases,
    ended: endedRecords(leases),
    live: movingRefs(leases, world.journal.leases()),
    oldSide,
    old: onlySynced(oldSide.refs, namespaces),
    gitlabSide,
    gitlab,
    agreed: world.journal.agreed() ?? new Map<RefName, Oid>(),
  };
}

/**
 * One ref that git cannot read stops every fetch and push of the repository: such refs are moved aside first, and kept.
 */
async function readableOld(world: World): Promise<OldSide> {
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

/** Deletions, and updates whose old tip is no ancestor of the new one: without the attic that tip would be gone. */
async function lossyUpdates(world: World, updates: readonly Update[]): Promise<Update[]> {
  const lossy: Update[] = [];
  for (const update of updates) {
    const { before, after } = update;
    if (before === null) continue;
    if (after === null || update.ref.startsWith('refs/tags/') || !(await world.git.isAncestor(before, after)))
      lossy.push(update);
  }
  return lossy;
}

/**
 * A pass that stopped once stays so until a person lets it through or GitLab has its refs back: else those who push to
 * GitLab again would bring the number below the bound, and the rest would be taken away after all. What waits for a
 * push counts as well.
 */
function stopReason(world: World, look: Look, lossy: readonly Update[], waits: boolean): string | null {
  const before = world.journal.troubles().find(({ kind }) => kind === 'stopped');
  if (before !== undefined && (lossy.length > 0 || waits)) return before.words;
  if (look.gitlab.size === 0 && look.old.size > 0 && lossy.length > 0) return 'GitLab shows no refs at all.';
  const { breakerShare, breakerRefs } = world.limits;
  if (!breaks(lossy.length, look.old.size, breakerShare, breakerRefs)) return null;
  return `GitLab would delete or rewind ${lossy.length} of ${look.old.size} refs.`;
}

async function follow(
  world: World,
  updates: readonly Update[],
  lossy: ReadonlySet<Update>,
  lock: Unlock,
): Promise<RefName[]> {
  const time = world.clock.wall().replace(/[^0-9TZ]/g, '');
  const keep = updates
    .filter((update) => lossy.has(update))
    .map((update, index) => ({
      update,
      attic: { ref: atticName(update.ref, `${time}-${index}`), before: null, after: update.before },
    }));
  const lost = new Set(
    keep.length === 0
      ? []
      : await world.git.setRefs(
          keep.map(({ attic }) => attic),
          lock,
        ),
  );
  const unsafe = new Set(keep.filter(({ attic }) => lost.has(attic.ref)).map(({ update }) => update));
  const safe = updates.filter((update) => !unsafe.has(update));
  const failed = safe.length === 0 ? [] : await world.git.setRefs(safe, lock);
  return [...failed, ...[...unsafe].map(({ ref }) => ref)];
}

/** From `both` on, old's HEAD follows GitLab's default branch. */
async function followHead(world: World, look: Look): Promise<void> {
  const { head } = look.gitlabSide;
  if (head !== null && head !== look.oldSide.head && look.gitlab.has(head)) await world.git.setHead(head);
}

interface Outcome {
  readonly changed: readonly Update[];
  /** Those that still differ. */
  readonly open: ReadonlySet<RefName>;
  readonly lossy: ReadonlySet<Update>;
  readonly stop: string | null;
}

/** Writes what is agreed now, and what people must know. Troubles that nobody settled stay listed. */
function remember(world: World, look: Look, outcome: Outcome): Trouble[] {
  const unhooked = outcome.changed.filter(
    (update) =>
      outcome.lossy.has(update) &&
      isUnhooked(update.before, look.agreed.get(update.ref) ?? null, look.ended.get(update.ref) ?? []),
  );
  const since = world.clock.wall();
  const fresh: Trouble[] = unhooked.map(({ ref, before, after }) => ({
    ref,
    kind: 'unhooked',
    old: before,
    gitlab: after,
    agreed: look.agreed.get(ref) ?? null,
    since,
    words: `Old moved to ${printOid(before).slice(0, 8)} although no hook saw it; GitLab's value is back, old's is in the attic.`,
  }));
  const kept = world.journal.troubles().filter((trouble) => trouble.kind !== 'stopped');
  const stopped: Trouble[] =
    outcome.stop === null
      ? []
      : [
          {
            ref: 'refs/' as RefName,
            kind: 'stopped',
            old: null,
            gitlab: null,
            agreed: null,
            since,
            words: outcome.stop,
          },
        ];
  const troubles = [...kept, ...fresh, ...stopped];
  world.journal.writeTroubles(troubles);
  const agreed = new Map(look.agreed);
  for (const { ref, after } of outcome.changed) setOrDelete(agreed, ref, after);
  for (const ref of allNames(look.old, look.gitlab, look.agreed))
    if ((look.old.get(ref) ?? null) === (look.gitlab.get(ref) ?? null))
      setOrDelete(agreed, ref, look.gitlab.get(ref) ?? null);
  world.journal.writeAgreed(new Map([...agreed].filter(([ref]) => isSynced(ref, world.config.namespaces))));
  dropEnded(world, look.leases, outcome.open);
  return troubles;
}

/**
 * A request without an answer may still land; it is kept until GitLab's longest push is over. What explains a ref that
 * still differs is needed by the next pass.
 */
function dropEnded(world: World, leases: readonly Lease[], open: ReadonlySet<RefName>): void {
  const drops = leases
    .filter((lease) => !lease.live && !mayStillLand(world, lease))
    .map((lease) => {
      const refs = changesOf(lease).map(({ ref }) => ref);
      return { id: lease.id, refs, settled: refs.filter((ref) => !open.has(ref)) };
    });
  world.journal.drop(
    new Map(
      drops
        .filter(({ refs, settled }) => refs.length === 0 || settled.length > 0)
        .map(({ id, settled }) => [id, new Set(settled)]),
    ),
  );
}

/** Deploys and mails hang on these hooks. */
async function runHooks(world: World, changed: readonly Update[]): Promise<void> {
  if (!world.config.hooksAfterPass || changed.length === 0) return;
  for (const name of ['post-receive', 'post-update'] as const) {
    if (!(await world.git.runOwnHook(name, changed))) world.log.write('own-hook-failed', { hook: name });
  }
}
