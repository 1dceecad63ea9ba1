/** Locks of git whose owner was killed: they stand in the way of every later push to their ref. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * packed-refs.lock and those of single refs, older than `olderThanMs`. A push that lives holds its locks for much less
 * than a second.
 */
export function staleLocks(repository: string, olderThanMs: number): string[] {
  const below = readdirSync(join(repository, 'refs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.lock'))
    .map((name) => join('refs', name));
  return ['packed-refs.lock', 'HEAD.lock', ...below]
    .map((name) => join(repository, name))
    .filter((path) => isOlder(path, olderThanMs));
}

function isOlder(path: string, thanMs: number): boolean {
  return existsSync(path) && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > thanMs;
}
