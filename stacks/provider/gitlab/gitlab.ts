/** What only GitLab knows: who can write to a project, what protects its refs, ids of people and groups. */
import type { z } from 'zod';
import { faults } from '../../../agent/contract/faults';
import { type accessLevel, branchRow, groupRow, memberRow, projectRow, userRow } from './answers';
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
    group: async (path) => groupFacts(await rest.get(`/groups/${encoded(path)}?with_projects=false`, groupRow)),
    userId: (username) => userId(rest, username),
    defaultBranch: async (project) =>
      (await rest.get(`/projects/${encoded(project)}`, projectRow))?.default_branch ?? null,
    hasBranch: async (project, branch) =>
      (await rest.get(`/projects/${encoded(project)}/repository/branches/${encoded(branch)}`, branchRow)) !== null,
    setDefaultBranch: (project, branch) => rest.put(`/projects/${encoded(project)}`, { default_branch: branch }),
    ownUsers: () => (own ??= Promise.all([user(rest), user(keyRest)]).then((ids) => new Set(ids))),
    keyOwner: () => user(keyRest),
  };
}

async function writersIn(rest: Rest, source: string): Promise<Member[] | null> {
  const rows = await rest.list(`${source}/members/all`, memberRow);
  return rows === null ? null : membersOf(rows);
}

/** Off only when all three hold (default_branch_protection.rb of GitLab); the older number says it shorter. */
function groupFacts(group: z.infer<typeof groupRow> | null): GroupFacts | null {
  if (group === null) return null;
  const { id, default_branch_protection: level, default_branch_protection_defaults: defaults } = group;
  const developers = (rows: readonly z.infer<typeof accessLevel>[] | null | undefined): boolean =>
    (rows ?? []).length > 0 && (rows ?? []).every((row) => row.access_level === writerLevel);
  const open =
    defaults?.allow_force_push === true &&
    developers(defaults.allowed_to_push) &&
    developers(defaults.allowed_to_merge);
  return { id, protectsDefault: level !== 0 && !open };
}

async function userId(rest: Rest, username: string): Promise<number | null> {
  const rows = await rest.list(`/users?username=${encoded(username)}`, userRow);
  return rows?.find((one) => one.username.toLowerCase() === username.toLowerCase())?.id ?? null;
}

/** Whose token it is. A GitLab without that address is none. */
async function user(rest: Rest): Promise<number> {
  const row = await rest.get('/user', userRow);
  if (row === null) throw faults.gitlabAnswer({ path: 'GET /user', what: 'it knows no such address (404)' });
  return row.id;
}
