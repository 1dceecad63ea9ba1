/** The verb `verify`: both sides' refs, read now and compared one by one. It trusts no journal. */
import type { Verbs } from '../contract/verbs';
import type { Fault, RefDifference } from '../contract/views';
import { faults as catalogue } from '../contract/faults';
import { showRef } from '../rules/refs';
import { differencesOf, readBothSides } from '../sync/bothsides';
import { whyHookless } from '../repository/hookless';
import { eachRepository, type Repository } from '../repository/open';
import type { World } from '../rules/ports';
import type { RefName } from '../rules/values';

/** A push that is under way shows at one look, not at all of them. */
const looks = 3;
const betweenLooksMs = 500;

type Verified = Verbs['verify']['result']['repositories'][number];

export async function verify(
  folder: string,
  { paths }: Verbs['verify']['request'],
): Promise<Verbs['verify']['result']> {
  const repositories: Verified[] = [];
  const hookless: Fault[] = [];
  const faults = await eachRepository(folder, paths, async (repository) => {
    const { world, config } = repository;
    repositories.push({ path: config.path, project: config.project, ...(await compare(world)) });
    hookless.push(...(await hooklessFault(repository)));
  });
  return { repositories, faults: [...faults, ...hookless] };
}

/** Equal now, and not for long: asked as well, not read. Hooks that the next pass would mend do not run either. */
async function hooklessFault({ config, hooks, journal }: Repository): Promise<Fault[]> {
  if (journal.state().phase === 'retired') return [];
  const found = await whyHookless(hooks);
  return found === null
    ? []
    : [catalogue.hookless({ what: `keep both sides of ${config.path} equal`, ...found }).fault];
}

/** Refs that differ at every look. */
export async function compare(world: World): Promise<Pick<Verified, 'refs' | 'differences' | 'aliased'>> {
  let seen = await look(world);
  for (let again = 1; again < looks && seen.differing.size > 0; again += 1) {
    await world.clock.sleep(betweenLooksMs);
    const next = await look(world);
    seen = { ...next, differing: new Map([...next.differing].filter(([ref]) => seen.differing.has(ref))) };
  }
  return { refs: seen.refs, differences: [...seen.differing.values()], aliased: seen.aliased };
}

interface Seen {
  readonly refs: number;
  readonly differing: ReadonlyMap<RefName, RefDifference>;
  readonly aliased: RefDifference[];
}

async function look(world: World): Promise<Seen> {
  const sides = await readBothSides(world.git, world.config.namespaces);
  const differing = differencesOf(sides).map((one) => [one.ref, { ...one, ref: showRef(one.ref) }] as const);
  const aliased = [...sides.aliased].map(([ref, gitlab]) => ({ ref: showRef(ref), old: null, gitlab }));
  return { refs: new Set([...sides.old.keys(), ...sides.gitlab.keys()]).size, differing: new Map(differing), aliased };
}
