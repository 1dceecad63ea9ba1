/** The circuit breaker of a following pass: what would take tips of old away, and when that is too much. */
import { decideStop, type Stop } from '../rules/breaker';
import { shortRef } from '../rules/refs';
import type { World } from '../rules/ports';
import type { Update } from '../rules/values';
import type { Look } from './look';
import { lossesOf } from './losses';

/** Deletions, and updates whose old tip is no ancestor of the new one: without the attic that tip would be gone. */
export async function lossyUpdates(world: World, updates: readonly Update[]): Promise<Update[]> {
  const lossy: Update[] = [];
  for (const update of updates) {
    const { before, after } = update;
    if (before === null) continue;
    if (after === null || update.ref.startsWith('refs/tags/') || !(await world.git.isAncestor(before, after)))
      lossy.push(update);
  }
  return lossy;
}

/** A stop as it is today. */
export interface Stopped {
  readonly words: string;
  /** What the pass does not make. */
  readonly held: readonly Update[];
}

/**
 * Why lossy updates may not be made; null when they may. A pass that stopped once stays so until a person lets it
 * through or GitLab has its refs back: else those who push to GitLab again would bring the number below the bound, and
 * the rest would be taken away after all. What waits for a push counts as well.
 */
export async function stopReason(
  world: World,
  look: Look,
  lossy: readonly Update[],
  waits: boolean,
): Promise<Stopped | null> {
  const isStopped = world.journal.troubles().some(({ kind }) => kind === 'stopped');
  if (lossy.length === 0) return isStopped && waits ? { words: waitWords, held: [] } : null;
  const losses = await lossesOf(world, look, lossy);
  const stop = decideStop({ losses, old: look.old.size, gitlab: look.gitlab.size }, world.limits);
  if (stop !== null) return { words: wordsOf(stop, look.old.size), held: lossy };
  return isStopped ? { words: leftWords(lossy.length, look.old.size), held: lossy } : null;
}

const waitWords = 'GitLab has back what it had lost, but for refs that a push to old is on.';

function leftWords(count: number, refs: number): string {
  return `GitLab would still delete or rewind ${count} of ${refs} refs; when this pass first stopped it had lost more.`;
}

const ofDefault = {
  'default-gone': 'is gone, and commits with it',
  'default-replaced': 'has no commit in common with what it was',
} as const;

function wordsOf(stop: Stop, refs: number): string {
  if (stop.kind === 'no-refs') return 'GitLab shows no refs at all.';
  if ('ref' in stop) return `GitLab's default branch, ${shortRef(stop.ref)}, ${ofDefault[stop.kind]}.`;
  if (stop.kind === 'rewound') return `GitLab would take ${stop.count} of ${refs} refs back to what they were before.`;
  return `GitLab would delete or rewind ${stop.count} of ${refs} refs, and has their commits nowhere else.`;
}
