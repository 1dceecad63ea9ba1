/** The verb `verify`: both sides' refs, read now and compared one by one. It trusts no journal. */
import type { RefDifference, Verbs } from '../contract/contract';
import { allNames, onlySynced, showRef } from '../rules/refs';
import { eachRepository } from '../repository/repository';
import type { World } from '../rules/ports';
import type { RefName, Refs } from '../rules/values';

/** A push that is under way shows at one look, not at all of them. */
const looks = 3;
const betweenLooksMs = 500;

type Verified = Verbs['verify']['result']['repositories'][number];

export async function verify(
  folder: string,
  { paths }: Verbs['verify']['request'],
): Promise<Verbs['verify']['result']> {
  const repositories: Verified[] = [];
  const faults = await eachRepository(
    folder,
    paths,
    async ({ world, config }) =>
      void repositories.push({ path: config.path, project: config.project, ...(await compare(world)) }),
  );
  return { repositories, faults };
}

/** Refs that differ at every look. */
export async function compare(world: World): Promise<{ refs: number; differences: RefDifference[] }> {
  let seen = await look(world);
  for (let again = 1; again < looks && seen.differing.size > 0; again += 1) {
    await world.clock.sleep(betweenLooksMs);
    const next = await look(world);
    seen = { refs: next.refs, differing: new Map([...next.differing].filter(([ref]) => seen.differing.has(ref))) };
  }
  return { refs: seen.refs, differences: [...seen.differing.values()] };
}

/** Symbolic refs of old are not synced, so GitLab's refs of those names are nobody's. */
async function look(world: World): Promise<{ refs: number; differing: Map<RefName, RefDifference> }> {
  const oldSide = await world.git.oldSide();
  const old = onlySynced(oldSide.refs, world.config.namespaces);
  const gitlab = onlySynced((await world.git.gitlabSide()).refs, world.config.namespaces);
  for (const ref of oldSide.symbolic) gitlab.delete(ref);
  const names = allNames(old, gitlab);
  return {
    refs: names.length,
    differing: new Map(
      names.filter((ref) => old.get(ref) !== gitlab.get(ref)).map((ref) => [ref, difference(ref, old, gitlab)]),
    ),
  };
}

function difference(ref: RefName, old: Refs, gitlab: Refs): RefDifference {
  return { ref: showRef(ref), old: old.get(ref) ?? null, gitlab: gitlab.get(ref) ?? null };
}
