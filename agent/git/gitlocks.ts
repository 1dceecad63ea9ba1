/**
 * Locks that git left behind: files named `*.lock` carry no owner. One goes only when it is old and no process of git
 * works in the repository; where /proc cannot show that, it stays and is reported.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeFolderBelow, moveBelow, namesBelow, statBelow } from '../machine/below';
import { gitWorkIn } from './gitwork';
import { spotIn } from './spots';

/** Git holds a lock for the time of one write, ms. */
const staleMs = 10 * 60_000;

/** Paths below the repository, old enough that nobody waits for their owner. */
export function staleLocks(directory: string): string[] {
  const single = [
    'HEAD.lock',
    'packed-refs.lock',
    'config.lock',
    'shallow.lock',
    'gc.pid.lock',
    'objects/maintenance.lock',
    'objects/info/commit-graph.lock',
    'objects/info/commit-graphs/commit-graph-chain.lock',
    'objects/pack/multi-pack-index.lock',
  ];
  return [...single, ...locksBelow(directory, 'refs')].filter((name) => isStale(directory, name));
}

function locksBelow(directory: string, folder: string): string[] {
  const found: string[] = [];
  for (const entry of entriesOf(path.join(directory, folder))) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...locksBelow(directory, name));
    else if (name.endsWith('.lock')) found.push(name);
  }
  return found;
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * A date far ahead is one of a clock that was set back since: the lock would stay until it is that late again. A clock
 * that jumps makes a young lock seem old, and then the processes of git decide.
 */
function isStale(directory: string, name: string): boolean {
  const stat = statBelow(spotIn(directory, name));
  return stat !== null && stat.isFile() && Math.abs(Date.now() - stat.mtimeMs) > staleMs;
}

export interface LockSweep {
  readonly removed: string[];
  readonly left: string[];
}

/**
 * Moves stale locks out of the way. `aside` keeps what was in them: a cut-off write may hold what nothing else does.
 */
export function sweepLocks(directory: string, aside: string): LockSweep {
  const stale = staleLocks(directory);
  if (stale.length === 0) return { removed: [], left: [] };
  if (gitWorkIn(directory) !== 'none') return { removed: [], left: stale };
  const kept = { root: path.dirname(aside), name: path.basename(aside) };
  makeFolderBelow(kept);
  const taken = namesBelow(kept).length;
  stale.forEach((name, index) =>
    moveBelow(spotIn(directory, name), {
      ...kept,
      name: `${kept.name}/${Date.now()}-${taken + index}-${encodeURIComponent(name)}`,
    }),
  );
  return { removed: stale, left: [] };
}
