/** What is in a bare repository at the end, and which commit leads to which. */
import { execFileSync, spawnSync } from 'node:child_process';
import type { Oid, Refs } from '../history/history';

const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };

/** Branches and tags, or what else the pattern names. */
export function refsOf(repository: string, ...patterns: string[]): Refs {
  const args = [
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    ...(patterns.length === 0 ? ['refs/heads', 'refs/tags'] : patterns),
  ];
  const lines = execFileSync('git', args, {
    cwd: repository,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

/** As one of the repositories knows it. */
export function ancestry(...repositories: string[]): (ancestor: Oid, descendant: Oid) => boolean {
  const known = new Map<string, boolean>();
  return (ancestor, descendant) => {
    const key = `${ancestor} ${descendant}`;
    const found =
      known.get(key) ??
      repositories.some(
        (cwd) => spawnSync('git', ['merge-base', '--is-ancestor', ancestor, descendant], { cwd, env }).status === 0,
      );
    known.set(key, found);
    return found;
  };
}

/** Makes a root commit and the branches main and race in an empty bare repository; answers the commit. */
export function plant(repository: string): Oid {
  const identity = {
    GIT_AUTHOR_NAME: 'chaos',
    GIT_AUTHOR_EMAIL: 'chaos@lab.invalid',
    GIT_COMMITTER_NAME: 'chaos',
    GIT_COMMITTER_EMAIL: 'chaos@lab.invalid',
  };
  const git = (input: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, env: { ...env, ...identity }, encoding: 'utf8', input }).trim();
  const blob = git('chaos\n', 'hash-object', '-w', '--stdin');
  const tree = git(`100644 blob ${blob}\tREADME\n`, 'mktree');
  const root = git('', 'commit-tree', '-m', 'root', tree);
  for (const branch of ['main', 'race']) git('', 'update-ref', `refs/heads/${branch}`, root);
  return root;
}
