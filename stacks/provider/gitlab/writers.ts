/** Who may write to a project: members, groups, keys and tokens. Pure. */
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
export function membersOf(rows: readonly Record<string, unknown>[]): Member[] {
  const active = rows.filter(({ state }) => state === undefined || state === 'active');
  return active
    .map((row) => ({ id: Number(row['id']), username: String(row['username']), level: Number(row['access_level']) }))
    .filter(({ level }) => level >= writerLevel);
}

export function groupsOf(project: Record<string, unknown> | null): SharedGroup[] {
  return ((project?.['shared_with_groups'] ?? []) as readonly Record<string, unknown>[])
    .map((row) => ({ path: String(row['group_full_path']), level: Number(row['group_access_level']) }))
    .filter(({ level }) => level >= writerLevel);
}

/** Null stays: the project is missing. */
export function keysOf(rows: readonly Record<string, unknown>[] | null): DeployKey[] | null {
  if (rows === null) return null;
  return rows.map((row) => ({
    title: String(row['title']),
    key: keyText(String(row['key'])),
    canPush: row['can_push'] === true,
    expired: typeof row['expires_at'] === 'string' && Date.parse(row['expires_at']) <= Date.now(),
  }));
}

/** GitLab keeps one word of the comment. */
export function keyText(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}

const writingScopes: readonly unknown[] = ['api', 'write_repository'];

/** Those that are revoked or over have no bot any more. */
export function tokensOf(rows: readonly Record<string, unknown>[]): AccessToken[] {
  return rows
    .filter((row) => row['active'] !== false && row['revoked'] !== true)
    .map((row) => ({
      name: String(row['name']),
      userId: Number(row['user_id']),
      level: Number(row['access_level']),
      writes:
        Number(row['access_level']) >= writerLevel &&
        ((row['scopes'] ?? []) as readonly unknown[]).some((scope) => writingScopes.includes(scope)),
    }));
}
