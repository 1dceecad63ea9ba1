/** Who may write to a project: members, groups, keys and tokens. Pure. */
import type { z } from 'zod';
import type { accessTokenRow, deployKeyRow, memberRow, projectRow } from './answers';
import { writerLevel } from './levels';

export interface Member {
  readonly id: number;
  readonly username: string;
  readonly level: number;
}

/** One that the project is shared with. */
export interface SharedGroup {
  readonly path: string;
  readonly level: number;
}

export interface DeployKey {
  readonly title: string;
  /** Type and base64. */
  readonly key: string;
  readonly canPush: boolean;
  readonly expired: boolean;
}

export interface AccessToken {
  readonly name: string;
  /** Of its bot, a member like any other. */
  readonly userId: number;
  readonly level: number;
  /** A push with it is taken, or a change of a file. */
  readonly writes: boolean;
}

/** Those with at least the Developer role. */
export function membersOf(rows: readonly z.infer<typeof memberRow>[]): Member[] {
  return rows
    .filter(({ state }) => state === undefined || state === 'active')
    .map((row) => ({ id: row.id, username: row.username, level: row.access_level }))
    .filter(({ level }) => level >= writerLevel);
}

export function groupsOf(project: z.infer<typeof projectRow> | null): SharedGroup[] {
  return (project?.shared_with_groups ?? [])
    .map((row) => ({ path: row.group_full_path, level: row.group_access_level }))
    .filter(({ level }) => level >= writerLevel);
}

/** Null stays: the project is missing. */
export function keysOf(rows: readonly z.infer<typeof deployKeyRow>[] | null): DeployKey[] | null {
  if (rows === null) return null;
  return rows.map(({ title, key, can_push: canPush, expires_at: until }) => ({
    title,
    key: keyText(key),
    canPush,
    expired: typeof until === 'string' && Date.parse(until) <= Date.now(),
  }));
}

/** GitLab keeps one word of the comment. */
export function keyText(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}

const writingScopes: readonly string[] = ['api', 'write_repository'];

/** Those that are revoked or over have no bot any more. */
export function tokensOf(rows: readonly z.infer<typeof accessTokenRow>[]): AccessToken[] {
  return rows
    .filter(({ active, revoked }) => active !== false && revoked !== true)
    .map(({ name, user_id: userId, access_level: level, scopes }) => ({
      ...{ name, userId, level },
      writes: level >= writerLevel && scopes.some((scope) => writingScopes.includes(scope)),
    }));
}
