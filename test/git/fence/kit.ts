/** A pair whose GitLab carries a fence, what is seen of it, and snapshots. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { TestContext } from 'node:test';
import { pairIn, type Pair } from '../kit/pair';

export function fenced(t: TestContext, phase: 'mirror' | 'both', commits = 1): Promise<Pair> {
  return pairIn(t, phase, { commits, limits: { fence: true } });
}

/** Fences at GitLab, `<id> <value>`. */
export async function fencesOf(pair: Pair): Promise<string[]> {
  const text = await pair.must(
    pair.gitlab,
    'for-each-ref',
    '--format=%(refname:lstrip=3) %(objectname)',
    'refs/handover',
  );
  return text.split('\n').filter((line) => line !== '');
}

export async function kinds(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap(({ troubles }) => troubles.map(({ kind, ref }) => `${kind} ${ref}`));
}

/** No push wakes a pass: none runs while a snapshot is taken, or takes its place. */
export function withoutWakes({ agentFolder }: Pair): void {
  rmSync(path.join(agentFolder, 'shims/wake'));
}

/** A copy of a folder that can take its place again, at the same inode. */
export function snapshot(...folders: string[]): () => void {
  // Not beside the state folders: what lies there is the agent's.
  const copies = folders.map((folder) => {
    const copy = mkdtempSync(path.join(tmpdir(), 'gh-snapshot-'));
    cpSync(folder, copy, { recursive: true });
    return { folder, copy };
  });
  return () => {
    for (const { folder, copy } of copies) {
      for (const name of [
        'objects',
        'refs',
        'packed-refs',
        'git-handover',
        'network',
        'pushes',
        'state',
        'agreed',
        'tries',
        'troubles',
      ])
        rmSync(path.join(folder, name), { recursive: true, force: true });
      cpSync(copy, folder, { recursive: true });
      rmSync(copy, { recursive: true });
    }
  };
}
