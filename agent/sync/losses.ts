/** What a following pass would take away from old, as the circuit breaker judges it: asks git, and decides nothing. */
import type { Loss } from '../rules/breaker';
import { isUnhooked } from '../rules/decide';
import { leads } from '../rules/records';
import type { World } from '../rules/ports';
import type { Oid, RefName, Update } from '../rules/values';
import type { Look } from './look';

/** One ref as GitLab changed it, from what both sides had. */
export interface Change {
  readonly ref: RefName;
  /** Null: GitLab changed nothing that old had. */
  readonly was: Oid | null;
  readonly after: Oid | null;
}

/** `updates` take tips of old away. Starts a handful of processes, however many they are. */
export async function lossesOf(world: World, look: Look, updates: readonly Update[]): Promise<Loss[]> {
  const changes = updates.map((update) => changeOf(look, update));
  const was = changes.map((change) => change.was).filter((value): value is Oid => value !== null);
  const gone = was.length === 0 ? new Set<Oid>() : await world.git.uncontained(was, tipsOf(look));
  const loses = (change: Change): change is Change & { was: Oid } => change.was !== null && gone.has(change.was);
  const back = await rewoundAmong(world, changes.filter(loses));
  const main = defaultBranch(look);
  const losses: Loss[] = [];
  for (const change of changes) {
    const { ref, after } = change;
    const kind = after === null ? 'deleted' : back.has(change) ? 'rewound' : 'replaced';
    const isDefault = ref === main;
    const isRelated = !(isDefault && kind === 'replaced' && loses(change)) || (await isRelatedTo(world, change));
    losses.push({ ref, kind, isOfOld: change.was === null, losesCommits: loses(change), isDefault, isRelated });
  }
  return losses;
}

/** A value that no hook saw is not what GitLab had; what a push through old asked for, GitLab did for its pusher. */
export function changeOf(look: Look, { ref, before, after }: Update): Change {
  const agreed = look.agreed.get(ref) ?? null;
  const ended = look.ended.get(ref) ?? [];
  const was = isUnhooked(before, agreed, ended) ? agreed : before;
  return { ref, was: was === after || leads(ended, was, after) ? null : was, after };
}

/** Also those that are not synced: what a merge request holds is not lost. */
function tipsOf({ gitlabSide }: Look): Oid[] {
  return [...new Set(gitlabSide.refs.values())];
}

/** What it was: old's HEAD follows GitLab's. */
function defaultBranch({ old, oldSide, gitlabSide }: Look): RefName | null {
  return oldSide.head !== null && old.has(oldSide.head) ? oldSide.head : gitlabSide.head;
}

async function rewoundAmong(
  world: World,
  changes: readonly (Change & { readonly was: Oid })[],
): Promise<ReadonlySet<Change>> {
  const set = changes.filter((change): change is Change & { was: Oid; after: Oid } => change.after !== null);
  const isBack = await world.git.forward(set.map(({ was, after }) => ({ before: after, after: was })));
  return new Set(set.filter((_change, index) => isBack[index] === true));
}

async function isRelatedTo(world: World, { was, after }: Change): Promise<boolean> {
  return was !== null && after !== null && (await world.git.isRelated(was, after));
}
