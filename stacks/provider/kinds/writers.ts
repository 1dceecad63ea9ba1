/** Who can write to a closed project, as the operator reads it. */
import { roleNames } from '../gitlab/levels';
import type { Standing } from '../gitlab/standing';
import { type AccessToken, type DeployKey, keyText, type Member } from '../gitlab/writers';
import type { Session } from '../session';

/** What must not be counted. */
export interface Own {
  /** The agent's; null while there is none. */
  readonly key: string | null;
  /** This run may replace a key of ours that is another one by now. */
  readonly replaces: boolean;
}

/** Those who can write to every project of the group: nothing that the stack does closes a project for them. */
export async function inheritedWriters(session: Session, project: string): Promise<Member[]> {
  const group = project.slice(0, project.lastIndexOf('/'));
  const own = await session.gitlab.ownUsers();
  return ((await session.gitlab.groupWriters(group)) ?? []).filter(({ id }) => !own.has(id));
}

/** As `inheritedWriters`, with tokens by their names instead of their bots'. */
export async function inheritedNames(session: Session, project: string): Promise<string[]> {
  const { tokens } = await session.gitlab.inheritedTokens(project);
  const bots = botsOf(tokens);
  const members = (await inheritedWriters(session, project)).filter(({ id }) => !bots.has(id));
  return [...nameMembers(members), ...tokenNames(tokens, await session.gitlab.ownUsers())];
}

export function botsOf(tokens: readonly AccessToken[]): ReadonlySet<number> {
  return new Set(tokens.map(({ userId }) => userId));
}

/** Keys and tokens of the project itself. No run of ours takes them away. */
export async function keysAndTokens(session: Session, standing: Standing, own: Own): Promise<string[]> {
  const keys = (standing.keys ?? []).filter((one) => one.canPush && !one.expired && !isOurs(one, own));
  return [
    ...keys.map(({ title }) => `the deploy key ${title}`),
    ...tokenNames(standing.tokens, await session.gitlab.ownUsers()),
  ];
}

/** Members and groups that the project itself lets in: the stack has lowered those it knows. */
export async function ownNames(session: Session, { members, groups, tokens }: Standing): Promise<string[]> {
  const own = await session.gitlab.ownUsers();
  const bots = botsOf(tokens);
  return [
    ...nameMembers(members.filter(({ id }) => !own.has(id) && !bots.has(id))),
    ...groups.map(({ path, level }) => `the group ${path} (${roleOf(level)})`),
  ];
}

export function nameMembers(writers: readonly Member[]): string[] {
  return writers.map(({ username, level }) => `${username} (${roleOf(level)})`);
}

function tokenNames(tokens: readonly AccessToken[], own: ReadonlySet<number>): string[] {
  return tokens
    .filter(({ writes, userId }) => writes && !own.has(userId))
    .map(({ name, level }) => `the access token ${name} (${roleOf(level)})`);
}

function isOurs({ key, title }: DeployKey, own: Own): boolean {
  return (own.key !== null && key === keyText(own.key)) || (own.replaces && title === 'git-handover');
}

function roleOf(level: number): string {
  return roleNames[level] ?? String(level);
}
