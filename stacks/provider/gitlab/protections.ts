/** What protects the refs of a project. */
import type { z } from 'zod';
import { protectedBranchRow, protectedTagRow } from './answers';
import { encoded, type Rest } from './rest';

export interface Protection {
  /** A name, or a pattern. */
  readonly name: string;
  /** Keys, users and groups that it names: they may push though it protects. */
  readonly lets: readonly string[];
}

export interface ProjectProtections {
  readonly branches: readonly Protection[];
  readonly tags: readonly Protection[];
}

/** Null while the project is missing. */
export async function protectionsOf(rest: Rest, project: string): Promise<ProjectProtections | null> {
  const [branches, tags] = await Promise.all([
    rest.list(`/projects/${encoded(project)}/protected_branches`, protectedBranchRow),
    rest.list(`/projects/${encoded(project)}/protected_tags`, protectedTagRow),
  ]);
  if (branches === null || tags === null) return null;
  return {
    branches: branches.map((row) => protection(row.name, row.push_access_levels)),
    tags: tags.map((row) => protection(row.name, row.create_access_levels)),
  };
}

/** A row for one of them has its title or name where others have a role's. */
function protection(name: string, levels: z.infer<typeof protectedBranchRow>['push_access_levels']): Protection {
  const named = (levels ?? []).filter(
    ({ deploy_key_id: key, user_id: user, group_id: group }) => (key ?? user ?? group ?? null) !== null,
  );
  return { name, lets: named.map(({ access_level_description: words }) => words ?? 'somebody') };
}
