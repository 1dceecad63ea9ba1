/**
 * How a project stands on GitLab: what would refuse the agent's pushes, and which keys and tokens may write. Asked of
 * every repository in each run, so what a group can answer for many is asked of the group, once.
 */
import type { z } from 'zod';
import { asFault } from '../../../agent/contract/errors';
import { openRoom } from '../../../agent/contract/room';
import type { Fault } from '../../../agent/contract/views';
import { accessTokenRow, deployKeyRow, memberRow, metadata, projectRow, pushRuleRow } from './answers';
import { type ProjectProtections, protectionsOf } from './protections';
import { encoded, type Rest } from './rest';
import {
  type AccessToken,
  type DeployKey,
  groupsOf,
  keysOf,
  type Member,
  membersOf,
  type SharedGroup,
  tokensOf,
} from './writers';

export interface Standing {
  /** False: GitLab does not know it, or does not show it. */
  readonly isThere: boolean;
  readonly archived: boolean;
  readonly protections: ProjectProtections | null;
  /** Names of the push rules that are set; GitLab EE alone has them. */
  readonly pushRules: readonly string[];
  /** Null: not told. */
  readonly keys: readonly DeployKey[] | null;
  /** Of the project itself, as are members and groups; only asked of one that is closed. */
  readonly tokens: readonly AccessToken[];
  readonly members: readonly Member[];
  readonly groups: readonly SharedGroup[];
  /** What GitLab did not tell, and why. */
  readonly untold: readonly string[];
}

export interface InheritedTokens {
  readonly tokens: readonly AccessToken[];
  readonly untold: readonly string[];
}

export interface StandingReader {
  /** Which projects will be asked about: then one list of a group with many of them says which are archived. */
  expect(projects: readonly string[]): void;
  /** Asked once in a run. */
  standing(project: string, closed: boolean): Promise<Standing>;
  /** Asked now: a step hangs on it. */
  standingNow(project: string, closed: boolean): Promise<Standing>;
  /** Of the groups that a project lies in; each asked once in a run. */
  inheritedTokens(project: string): Promise<InheritedTokens>;
}

/** GitLab's answers take the time; it must not take all requests of a run at once. */
const atOnceMax = 8;
/** From so many projects of a group on its list is cheaper than each project, whatever else is in the group. */
const listedFrom = 10;

export function openStanding(rest: Rest): StandingReader {
  const room = openRoom(atOnceMax);
  const limited: Rest = {
    get: (path, form) => room.use(() => rest.get(path, form)),
    list: (path, row) => room.use(() => rest.list(path, row)),
    put: (path, body) => rest.put(path, body),
  };
  const expected = new Map<string, number>();
  const known = new Map<string, Promise<Standing>>();
  const shared = openAsked(limited, (group) => (expected.get(group) ?? 0) >= listedFrom);
  return {
    expect: (projects) => {
      for (const group of projects.map(groupOf)) expected.set(group, (expected.get(group) ?? 0) + 1);
    },
    standing: (project, closed) => {
      const key = `${project} ${closed}`;
      const standing = known.get(key) ?? read(shared, project, closed);
      known.set(key, standing);
      return standing;
    },
    standingNow: (project, closed) =>
      read(
        openAsked(limited, () => false),
        project,
        closed,
      ),
    inheritedTokens: async (project) => {
      const all = await Promise.all(lineage(groupOf(project)).map((group) => shared.groupTokens(group)));
      return { tokens: all.flatMap(({ value }) => value ?? []), untold: all.flatMap(({ why }) => why ?? []) };
    },
  };
}

function groupOf(project: string): string {
  return project.slice(0, project.lastIndexOf('/'));
}

/** The group and all above it. */
function lineage(group: string): string[] {
  const parts = group.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

type Project = z.infer<typeof projectRow>;

/** What is asked once for many projects. */
interface Asked {
  readonly rest: Rest;
  projectOf(project: string): Promise<Project | null>;
  groupTokens(group: string): Promise<Told<AccessToken[]>>;
  hasPushRules(): Promise<boolean>;
}

function openAsked(rest: Rest, isListed: (group: string) => boolean): Asked {
  const lists = once(async (group) =>
    byPath((await rest.list(`/groups/${encoded(group)}/projects?with_shared=false`, projectRow)) ?? []),
  );
  const tokens = once((group) =>
    told(`access tokens of the group ${group}`, async () =>
      tokensOf((await rest.list(`/groups/${encoded(group)}/access_tokens`, accessTokenRow)) ?? []),
    ),
  );
  const version = once((path) => rest.get(path, metadata));
  return {
    rest,
    projectOf: async (project) => {
      const group = groupOf(project);
      if (isListed(group)) return (await lists(group)).get(project.toLowerCase()) ?? null;
      return rest.get(`/projects/${encoded(project)}`, projectRow);
    },
    groupTokens: tokens,
    hasPushRules: async () => (await version('/metadata'))?.enterprise !== false,
  };
}

function once<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (name) => {
    const answer = known.get(name) ?? ask(name);
    known.set(name, answer);
    return answer;
  };
}

function byPath(rows: readonly Project[]): ReadonlyMap<string, Project> {
  return new Map(rows.map((row) => [row.path_with_namespace.toLowerCase(), row]));
}

async function read(asked: Asked, project: string, closed: boolean): Promise<Standing> {
  const { rest } = asked;
  const at = `/projects/${encoded(project)}`;
  const [itself, protections, pushRules, keys, tokens, members] = await Promise.all([
    told('whether it is archived', () => asked.projectOf(project)),
    told('protected branches and tags', () => protectionsOf(rest, project)),
    told('push rules', async () =>
      (await asked.hasPushRules()) ? rulesOf(await rest.get(`${at}/push_rule`, pushRuleRow)) : [],
    ),
    told('deploy keys', async () => keysOf(await rest.list(`${at}/deploy_keys`, deployKeyRow))),
    told('access tokens', async () =>
      closed ? tokensOf((await rest.list(`${at}/access_tokens`, accessTokenRow)) ?? []) : [],
    ),
    told('members', async () => (closed ? membersOf((await rest.list(`${at}/members`, memberRow)) ?? []) : [])),
  ]);
  return {
    isThere: itself.why !== null || itself.value !== null,
    archived: itself.value?.archived === true,
    protections: protections.value,
    pushRules: pushRules.value ?? [],
    keys: keys.value,
    tokens: tokens.value ?? [],
    members: members.value ?? [],
    groups: closed ? groupsOf(itself.value) : [],
    untold: [itself, protections, pushRules, keys, tokens, members].flatMap(({ why }) => why ?? []),
  };
}

interface Told<T> {
  readonly value: T | null;
  /** What was asked, and why it was not told; null: it was. */
  readonly why: string | null;
}

/** What the token's user may not see, or GitLab does not answer, keeps nobody from a run: it is said. */
async function told<T>(what: string, ask: () => Promise<T>): Promise<Told<T>> {
  try {
    return { value: await ask(), why: null };
  } catch (thrown) {
    const fault = asFault(thrown);
    if (fault.exit === 1 || fault.code === 'cancelled') throw thrown;
    return { value: null, why: `${what} (${shortly(fault)})` };
  }
}

/** GitLab answers 401 where the role is too low for tokens (resource_access_tokens.rb). */
function shortly({ code, message }: Fault): string {
  if (code === 'gitlab-rights') return '403';
  return code === 'gitlab-token' ? '401' : message;
}

const notRules: ReadonlySet<string> = new Set(['id', 'project_id', 'created_at']);

function rulesOf(rules: z.infer<typeof pushRuleRow> | null): string[] {
  const set = Object.entries(rules ?? {}).filter(
    ([name, value]) => !notRules.has(name) && value !== null && value !== '' && value !== false && value !== 0,
  );
  return set.map(([name]) => name);
}
