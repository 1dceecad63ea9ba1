/**
 * The one reader of both sides. Old is read first, then GitLab, always: what a push acknowledged is on old by then, and
 * whoever reads leases reads them before both (look.ts), since a record that ends later must not explain an older
 * value.
 */
import { onlySynced } from '../rules/refs';
import type { Git } from '../rules/ports';
import type { GitlabSide, Oid, OldSide, RefName, Refs } from '../rules/values';

export interface BothSides {
  readonly oldSide: OldSide;
  readonly gitlabSide: GitlabSide;
  /**
   * What is synced of each side. Symbolic refs of old are not: a branch of that name on GitLab is nobody's to judge.
   */
  readonly old: Refs;
  readonly gitlab: Refs;
  /** What GitLab has under those names: no pass can bring it to old. */
  readonly aliased: Refs;
}

/** One ref at which the sides differ. */
export interface Difference {
  readonly ref: RefName;
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
}

export type SideReaders = Pick<Git, 'oldSide' | 'gitlabSide' | 'symbolicAmong'>;

/** `namespaces` are those of the repository's settings. Throws `gitlab-unreachable`. */
export async function readBothSides(readers: SideReaders, namespaces: readonly string[]): Promise<BothSides> {
  const oldSide = await readers.oldSide();
  const gitlabSide = await readers.gitlabSide();
  const gitlab = onlySynced(gitlabSide.refs, namespaces);
  // Only where GitLab has more than old: both are level mostly, and old may have very many refs.
  // One that git cannot read is damage, whatever it names.
  const more = [...gitlab.keys()].filter((ref) => !oldSide.refs.has(ref) && !oldSide.broken.includes(ref));
  const symbolic = more.length === 0 ? new Set<RefName>() : await readers.symbolicAmong(more);
  const aliased = new Map(symbolic.size === 0 ? [] : [...gitlab].filter(([ref]) => symbolic.has(ref)));
  for (const ref of symbolic) gitlab.delete(ref);
  return { oldSide, gitlabSide, old: onlySynced(oldSide.refs, namespaces), gitlab, aliased };
}

/** Sorted by name. */
export function differencesOf({ old, gitlab }: Pick<BothSides, 'old' | 'gitlab'>): Difference[] {
  return [...new Set([...old.keys(), ...gitlab.keys()])]
    .filter((ref) => old.get(ref) !== gitlab.get(ref))
    .sort()
    .map((ref) => ({ ref, old: old.get(ref) ?? null, gitlab: gitlab.get(ref) ?? null }));
}
