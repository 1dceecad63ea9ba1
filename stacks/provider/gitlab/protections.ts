/** What protects the refs of a project. */
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
    rest.list(`/projects/${encoded(project)}/protected_branches`),
    rest.list(`/projects/${encoded(project)}/protected_tags`),
  ]);
  if (branches === null || tags === null) return null;
  return {
    branches: branches.map((row) => protection(row, row['push_access_levels'])),
    tags: tags.map((row) => protection(row, row['create_access_levels'])),
  };
}

interface Level {
  readonly access_level_description?: string;
  readonly deploy_key_id?: number | null;
  readonly user_id?: number | null;
  readonly group_id?: number | null;
}

/** A row for one of them has its title or name where others have a role's. */
function protection({ name }: Record<string, unknown>, levels: unknown): Protection {
  const named = ((levels ?? []) as readonly Level[]).filter(
    ({ deploy_key_id: key, user_id: user, group_id: group }) => (key ?? user ?? group ?? null) !== null,
  );
  return { name: String(name), lets: named.map(({ access_level_description: words }) => words ?? 'somebody') };
}
