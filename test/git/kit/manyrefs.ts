/** Many refs in one go: each names one of a few commits. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Pair } from './pair';

/** Creates `refs/heads/topic/b0`, `refs/tags/t1`, `refs/heads/topic/b2` … at commits of main. */
export async function makeRefs(pair: Pair, count: number): Promise<string[]> {
  const commits = (await pair.must(pair.old, 'rev-list', 'main')).trim().split('\n');
  const names = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? `refs/heads/topic/b${index}` : `refs/tags/t${index}`,
  );
  updateRefs(
    pair.old,
    names.map((ref, index) => `create ${ref} ${commits[index % commits.length] ?? ''}`),
  );
  return names;
}

export function updateRefs(repository: string, lines: readonly string[]): void {
  const { status, stderr } = spawnSync('git', ['update-ref', '--stdin'], {
    cwd: repository,
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`git update-ref ended with ${status}: ${stderr}`);
}

/** A line of a hook of GitLab's: moves of the fence, which any pass may make, are not what it waits for. */
export function lettingFences(updates: string): string {
  return `grep -qv ' refs/handover/' ${updates} || exit 0`;
}

/** Lines of a shell script that GitLab's hook runs with the file `$updates`: what a push asks for. Not for fences. */
export function hookOfGitlab(pair: Pair, name: 'pre-receive' | 'post-receive', script: string): void {
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks', name),
    `#!/bin/sh\nupdates=$(mktemp)\ntrap 'rm -f "$updates"' EXIT\ncat >"$updates"\n${lettingFences('"$updates"')}\nunset GIT_QUARANTINE_PATH\n${script}\n`,
    { mode: 0o755 },
  );
}

/** Counts the pushes that reach GitLab, and their updates. */
export function countPushes(pair: Pair): () => number[] {
  const file = path.join(pair.folder, 'pushes');
  fs.writeFileSync(file, '');
  hookOfGitlab(pair, 'post-receive', `wc -l <"$updates" >>${file}`);
  return () =>
    fs
      .readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
}

/** As git packs them, in no time: `refs/heads/many/0000000` … at main, besides those that are there. */
export async function packMany(pair: Pair, repository: string, count: number): Promise<void> {
  const main = (await pair.must(repository, 'rev-parse', 'main')).trim();
  const listed = await pair.must(repository, 'for-each-ref', '--format=%(objectname) %(refname)');
  const there = listed.split('\n').filter((line) => line !== '' && !line.includes(' refs/heads/many/'));
  const many = Array.from({ length: count }, (_, index) => `${main} refs/heads/many/${String(index).padStart(7, '0')}`);
  const lines = [...there, ...many].sort((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1));
  const packed = ['# pack-refs with: peeled fully-peeled sorted ', ...lines].map((line) => `${line}\n`).join('');
  fs.writeFileSync(path.join(repository, 'packed-refs'), packed);
}
