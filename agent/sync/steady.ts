/**
 * What a following pass may act on: a look that the fence lets through; where it found something new, two of them with
 * a move of the fence in between (4, 5 of docs/design/fence.md), and only what both show.
 */
import { faults } from '../contract/faults';
import { allNames } from '../rules/refs';
import { isAnswered } from '../rules/fence';
import { checkFence, moveFence, type Fencing } from './fence';
import { lookAround, type Look } from './look';
import type { SideReaders } from './bothsides';
import type { World } from '../rules/ports';
import type { Oid, RefName } from '../rules/values';

export interface SteadyLook {
  readonly look: Look;
  /** Refs that the two looks show differently: the next pass goes on with them. */
  readonly unsteady: ReadonlySet<RefName>;
  /** One of the two sides is not where the other left it: nothing of it may be acted on. */
  readonly stopped: boolean;
}

/** A fence that was planted is looked for at once; what moves meanwhile is for the next pass. */
const looksMax = 3;

/** Throws `gitlab-lags`, `fence-moved`, `fence-declined` and `gitlab-unreachable`. */
export async function lookSteadily(fencing: Fencing, readers: SideReaders): Promise<SteadyLook> {
  const { world } = fencing;
  for (let looks = 1; looks <= looksMax; looks += 1) {
    const look = await lookAround(world, readers);
    const passage = await checkFence(fencing, look);
    if (passage === 'again') continue;
    if (passage === 'stopped' || world.limits.fence !== true || !hasNews(look))
      return { look, unsteady: new Set(), stopped: passage === 'stopped' };
    await moveFence(fencing, look);
    const second = await lookAround(world, readers);
    const after = await checkFence(fencing, second);
    if (after !== 'again') return { look: second, unsteady: unsteadyRefs(look, second), stopped: after === 'stopped' };
  }
  throw faults.fenceMoved({ path: world.config.path });
}

/**
 * Refs that wait (7): old has what a push brought that GitLab answered for, no fence covers it yet, and none of
 * GitLab's refs contains it. Somebody took it away at GitLab a moment after, or GitLab went back in time: nothing tells
 * which. `exempt`: a person said so.
 */
export async function doubtfulRefs(
  world: World,
  look: Look,
  exempt: ReadonlySet<RefName>,
): Promise<ReadonlySet<RefName>> {
  if (world.limits.fence !== true) return new Set();
  const asked = [...look.ended].flatMap(([ref, records]) => {
    const [old, gitlab] = [look.old.get(ref) ?? null, look.gitlab.get(ref) ?? null];
    return exempt.has(ref) || old === gitlab || !isAnswered(old, records) ? [] : [{ ref, old, gitlab, records }];
  });
  const values = asked.flatMap(({ old }) => old ?? []);
  const gone = values.length === 0 ? new Set<Oid>() : await world.git.uncontained(values, [...look.gitlab.values()]);
  // A branch that is there again with a value of its own was made anew; with the one before, nobody knows.
  return new Set(
    asked
      .filter(({ old, gitlab, records }) =>
        old === null ? records.some(({ before }) => before === gitlab) : gone.has(old),
      )
      .map(({ ref }) => ref),
  );
}

/** Refs whose values, or whose ended pushes, are not the same in both looks (5). */
function unsteadyRefs(first: Look, second: Look): Set<RefName> {
  const names = new Set([...allNames(first.old, second.old, first.gitlab, second.gitlab), ...second.ended.keys()]);
  const records = (look: Look, ref: RefName): string => JSON.stringify(look.ended.get(ref) ?? []);
  return new Set(
    [...names].filter(
      (ref) =>
        first.old.get(ref) !== second.old.get(ref) ||
        first.gitlab.get(ref) !== second.gitlab.get(ref) ||
        records(first, ref) !== records(second, ref),
    ),
  );
}

/** A look that found something: an ended record, or a value of GitLab's, or of old's, that is not agreed (4). */
function hasNews(look: Look): boolean {
  if (look.leases.some(({ live }) => !live)) return true;
  if (allNames(look.gitlab, look.agreed).some((ref) => look.gitlab.get(ref) !== look.agreed.get(ref))) return true;
  return allNames(look.old, look.agreed).some((ref) => look.old.get(ref) !== look.agreed.get(ref));
}
