/** A real history for the demo: all branches and tags of a repository, and the branch on which everybody races. */
import { execFileSync } from 'node:child_process';

/** The repositories may belong to another account. */
const anyOwner = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
const environment = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  ...anyOwner,
};

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/**
 * Copies the history into an empty bare repository and answers one line about it. A history with few branches gets some
 * at older commits.
 */
export function takeHistory(source: string, target: string): string {
  git(
    target,
    'fetch',
    '--quiet',
    '--no-write-fetch-head',
    '--',
    source,
    '+refs/heads/*:refs/heads/*',
    '+refs/tags/*:refs/tags/*',
  );
  if (git(target, 'for-each-ref', 'refs/heads/main') === '')
    git(target, 'fetch', '--quiet', '--no-write-fetch-head', '--', source, '+HEAD:refs/heads/main');
  git(target, 'update-ref', 'refs/heads/race', 'refs/heads/main');
  for (const [index, name] of ['release/1', 'release/2', 'feature/search'].entries()) {
    const commits = git(target, 'rev-list', '--first-parent', 'main').split('\n');
    const commit = commits[Math.min(commits.length - 1, index * 2)] ?? '';
    git(target, 'update-ref', `refs/heads/${name}`, commit);
    git(target, 'update-ref', `refs/tags/v${index + 1}.0`, commit);
  }
  const count = (...args: string[]): number =>
    git(target, ...args)
      .split('\n')
      .filter((line) => line !== '').length;
  return `${git(target, 'rev-list', '--all', '--count')} commits, ${count('for-each-ref', 'refs/heads')} branches, ${count('for-each-ref', 'refs/tags')} tags`;
}

/** Branches and tags of a bare repository. */
export function readRefs(repository: string): Map<string, string> {
  const lines = git(repository, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}
