/** The name of a repository's folder in <folder>/repositories, which is also the path of its webhook. Pure. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/** The path on old decides, so one repository has one state. Letters, digits, dots, dashes and underscores. */
export function stateName(repositoryPath: string): string {
  const name = basename(repositoryPath, '.git')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 40);
  return `${name}-${createHash('sha256').update(repositoryPath).digest('hex').slice(0, 10)}`;
}
