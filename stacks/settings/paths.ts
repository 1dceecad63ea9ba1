/** Where a repository lies on old and what its project is called on GitLab. Pure. */
import { posix } from 'node:path';

/**
 * The absolute path on old, or null when the key leads out of the root. The state file's lines end at the last
 * character that is no space.
 */
export function repositoryPath(root: string, key: string): string | null {
  if (/[\x00-\x1f\x7f-\x9f]/.test(key) || key.split('/').some((part) => part === '..' || part === '.')) return null;
  const path = posix.normalize(key.startsWith('/') ? key : posix.join(root, key)).replace(/\/+$/, '');
  return path === '' || path === root || /\s$/.test(path) ? null : path;
}

/** Words that GitLab's own routes use below a project: it refuses them as names (lib/gitlab/path_regex.rb). */
const reserved = new Set([
  '-',
  'badges',
  'blame',
  'blob',
  'builds',
  'commits',
  'create',
  'create_dir',
  'edit',
  'files',
  'find_file',
  'new',
  'preview',
  'raw',
  'refs',
  'tree',
  'update',
  'wikis',
]);

/** Why GitLab would refuse this project path (below the group), or null. */
export function projectPathFault(path: string): string | null {
  for (const part of path.split('/')) {
    const fault = partFault(part);
    if (fault !== null) return fault;
  }
  return null;
}

function partFault(part: string): string | null {
  if (!/^[A-Za-z0-9]+(?:(?:[._]|__|-+)[A-Za-z0-9]+)*$/.test(part))
    return `GitLab takes letters and digits, with single ".", "_" or "-" between them: "${part}"`;
  if (/\.(?:git|atom)$/i.test(part)) return `GitLab takes no name that ends in .git or .atom: "${part}"`;
  return reserved.has(part.toLowerCase()) ? `GitLab uses "${part}" itself` : null;
}

/**
 * The project path that a repository gets by itself: its path below the root without `.git`, where each run of what
 * GitLab does not take becomes one dash. Null when nothing is left of a part: then only a person can name it.
 */
export function defaultProject(key: string): string | null {
  const parts = key
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(slug);
  const path = parts.join('/');
  return parts.length === 0 || projectPathFault(path) !== null ? null : path;
}

function slug(part: string): string {
  return part
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
}
