/** What only GitLab knows: who can write to a project, what protects its refs, ids of people and groups. */
import { writerLevel } from './levels';
import { type ProjectProtections, protectionsOf } from './protections';
import { encoded, openRest, type Rest, type RestSettings } from './rest';
import { openStanding, type StandingReader } from './standing';
import { type Member, membersOf } from './writers';

export interface GroupFacts {
  readonly id: number;
  /** New default branches are protected: a copied one could then not be deleted over git any more. */
  readonly protectsDefault: boolean;
}

export interface GitlabReader extends StandingReader {
  /** Everybody with at least the Developer role, inherited or not. Null while the project is missing. */
  writers(project: string): Promise<Member[] | null>;
  /** Those who can write to every project of the group. Null while the group is missing. */
  groupWriters(group: string): Promise<Member[] | null>;
  /** Null while the project is missing. */
  protections(project: string): Promise<ProjectProtections | null>;
  group(path: string): Promise<GroupFacts | null>;
  userId(username: string): Promise<number | null>;
  defaultBranch(project: string): Promise<string | null>;
  hasBranch(project: string, branch: string): Promise<boolean>;
  setDefaultBranch(project: string, branch: string): Promise<void>;
  /** The users whose tokens the stack uses: they write for it. */
  ownUsers(): Promise<ReadonlySet<number>>;
  /** Whose role counts for the deploy key. */
  keyOwner(): Promise<number>;
}

export function openGitlab(settings: RestSettings, keyToken: string | null): GitlabReader {
  const rest = openRest(settings);
  const keyRest = keyToken === null ? rest : openRest({ ...settings, token: keyToken });
  let own: Promise<ReadonlySet<number>> | null = null;
  return {
    ...openStanding(rest),
    writers: (project) => writersIn(rest, `/projects/${encoded(project)}`),
    groupWriters: (group) => writersIn(rest, `/groups/${encoded(group)}`),
    protections: (project) => protectionsOf(rest, project),
    group: async (path) => groupFacts(await rest.get(`/groups/${encoded(path)}?with_projects=false`)),
    userId: (username) => userId(rest, username),
    defaultBranch: async (project) => field(await rest.get(`/projects/${encoded(project)}`), 'default_branch'),
    hasBranch: async (project, branch) =>
      (await rest.get(`/projects/${encoded(project)}/repository/branches/${encoded(branch)}`)) !== null,
    setDefaultBranch: (project, branch) => rest.put(`/projects/${encoded(project)}`, { default_branch: branch }),
    ownUsers: () => (own ??= Promise.all([user(rest), user(keyRest)]).then((ids) => new Set(ids))),
    keyOwner: () => user(keyRest),
  };
}

async function writersIn(rest: Rest, source: string): Promise<Member[] | null> {
  const rows = await rest.list(`${source}/members/all`);
  return rows === null ? null : membersOf(rows);
}

function field(answer: unknown, name: string): string | null {
  const value = (answer as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' ? value : null;
}

interface Defaults {
  readonly allow_force_push?: boolean;
  readonly allowed_to_push?: readonly { readonly access_level?: number }[];
  readonly allowed_to_merge?: readonly { readonly access_level?: number }[];
}

/** Off only when all three hold (default_branch_protection.rb of GitLab); the older number says it shorter. */
function groupFacts(answer: unknown): GroupFacts | null {
  if (answer === null) return null;
  const {
    id,
    default_branch_protection: level,
    default_branch_protection_defaults: defaults,
  } = answer as { id: number; default_branch_protection?: number; default_branch_protection_defaults?: Defaults };
  const developers = (rows: Defaults['allowed_to_push']): boolean =>
    rows !== undefined && rows.length > 0 && rows.every((row) => row.access_level === writerLevel);
  const open =
    defaults?.allow_force_push === true &&
    developers(defaults.allowed_to_push) &&
    developers(defaults.allowed_to_merge);
  return { id, protectsDefault: level !== 0 && !open };
}

async function userId(rest: Rest, username: string): Promise<number | null> {
  const rows = await rest.list(`/users?username=${encoded(username)}`);
  const row = rows?.find((one) => String(one['username']).toLowerCase() === username.toLowerCase());
  return row === undefined ? null : Number(row['id']);
}

async function user(rest: Rest): Promise<number> {
  return Number(((await rest.get('/user')) as { id?: number } | null)?.id);
}
