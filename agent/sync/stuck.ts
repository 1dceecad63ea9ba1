/** Refs that a following pass could not bring level: written down, tried less often, and told. */
import { failedAgain, isDue, isListed } from '../rules/stuck';
import { showRef } from '../rules/refs';
import type { World } from '../rules/ports';
import type { RefName, Stuck, StuckKind, Trouble, Update } from '../rules/values';
import type { Look } from './look';

export interface Turns {
  /** Whose objects are asked for: all but those that were refused lately. */
  readonly asked: readonly Update[];
  /** Those of them that were refused before. */
  readonly suspects: ReadonlySet<RefName>;
  /** What is to be set now. */
  readonly due: ReadonlySet<RefName>;
}

/** `eager`: somebody waits for this pass, so it tries what failed just now as well. */
export function turnsOf(world: World, updates: readonly Update[], eager: boolean): Turns {
  const known = byRef(world.journal.stuck());
  const now = world.clock.now();
  const isTurn = (update: Update): boolean => {
    const stuck = known.get(update.ref);
    return eager || stuck === undefined || isDue(stuck, update, now);
  };
  const isSuspect = ({ ref }: Update): boolean => known.get(ref)?.kind === 'unfetched';
  const asked = updates.filter((update) => isTurn(update) || !isSuspect(update));
  return { asked, suspects: refsOf(asked.filter(isSuspect)), due: refsOf(asked.filter(isTurn)) };
}

function refsOf(updates: readonly Update[]): ReadonlySet<RefName> {
  return new Set(updates.map(({ ref }) => ref));
}

type FollowKind = Exclude<StuckKind, 'unsent'>;
export type Failures = Readonly<Record<FollowKind, ReadonlyMap<RefName, string>>>;

/** `open`: refs that still differ. Those that are level now are forgotten. Answers the ones that people read of. */
export function noteStuck(
  world: World,
  updates: readonly Update[],
  open: ReadonlySet<RefName>,
  failures: Failures,
): readonly Stuck[] {
  const before = world.journal.stuck();
  const known = byRef(before);
  const failed = updates.flatMap((update) => failureOf(world, known.get(update.ref), update, failures));
  const isNew = new Set(failed.map(({ ref }) => ref));
  const stuck = [...before.filter(({ ref, kind }) => kind !== 'unsent' && open.has(ref) && !isNew.has(ref)), ...failed];
  if (stuck.length > 0 || before.length > 0) world.journal.writeStuck(stuck);
  if (failed.length > 0)
    world.log.write('refs-stuck', {
      refs: failed.map(({ ref, kind, tries, words }) => ({ ref: showRef(ref), kind, tries, words })),
    });
  return stuck.filter(isListed);
}

function byRef(all: readonly Stuck[]): ReadonlyMap<RefName, Stuck> {
  return new Map(all.map((one) => [one.ref, one]));
}

function failureOf(world: World, known: Stuck | undefined, update: Update, failures: Failures): Stuck[] {
  const last = world.clock.now();
  for (const kind of ['unset', 'unfetched'] as const) {
    const words = failures[kind].get(update.ref);
    if (words !== undefined) return [failedAgain(known, update, { kind, words, last })];
  }
  return [];
}

const told: Readonly<Record<StuckKind, string>> = {
  unset: 'Git on old cannot set it',
  unfetched: "Git on old refuses objects of GitLab's value",
  unsent: 'GitLab cannot set it',
};

export function stuckWords({ kind, words }: Pick<Stuck, 'kind' | 'words'>): string {
  return `${told[kind]}: ${words === '' ? 'no reason is given' : words.replace(/\.+$/, '')}.`;
}

/** Since when is what was listed before. */
export function stuckTroubles(world: World, { agreed }: Pick<Look, 'agreed'>, stuck: readonly Stuck[]): Trouble[] {
  const before = world.journal.troubles();
  return stuck.map(({ ref, kind, before: old, after, words }) => ({
    ref,
    kind,
    old,
    gitlab: after,
    agreed: agreed.get(ref) ?? null,
    since: before.find((one) => one.ref === ref && one.kind === kind)?.since ?? world.clock.wall(),
    words: stuckWords({ kind, words }),
  }));
}
