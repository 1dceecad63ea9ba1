/** The circuit breaker of a following pass: what would take tips of old away, and when that is too much. */
import { decideStop, type Loss, type Stop } from '../rules/breaker';
import { endedRecords } from '../rules/records';
import { shortRef } from '../rules/refs';
import type { World } from '../rules/ports';
import type { Oid, Update } from '../rules/values';
import type { Look } from './look';
import { lossesOf } from './losses';

/** Deletions, and updates whose old tip is no ancestor of the new one: without the attic that tip would be gone. */
export async function lossyUpdates(world: World, updates: readonly Update[]): Promise<Update[]> {
  const moves = updates.flatMap(({ ref, before, after }) =>
    before === null || after === null || ref.startsWith('refs/tags/') ? [] : [{ ref, before, after }],
  );
  const isForward = await world.git.forward(moves);
  const going = new Set(moves.filter((_move, index) => isForward[index] === true).map(({ ref }) => ref));
  return updates.filter(({ ref, before }) => before !== null && !going.has(ref));
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
 * the rest would be taken away after all. What waits for a push counts as well: damage that it hides would be followed
 * in two halves.
 */
export async function stopReason(
  world: World,
  look: Look,
  lossy: readonly Update[],
  waiting: readonly Update[],
): Promise<Stopped | null> {
  const isStopped = world.journal.troubles().some(({ kind }) => kind === 'stopped');
  if (lossy.length === 0) return isStopped && waiting.length > 0 ? { words: waitWords, held: [] } : null;
  const losses = [...(await lossesOf(world, look, lossy)), ...(await lossesBehindPushes(world, look, waiting))];
  const stop = decideStop({ losses, old: look.old.size, gitlab: look.gitlab.size }, world.limits);
  if (stop !== null) return { words: wordsOf(stop, look.old.size), held: lossy };
  return isStopped ? { words: leftWords(lossy.length, look.old.size), held: lossy } : null;
}

const waitWords = 'GitLab has back what it had lost, but for refs that a push to old is on.';

function leftWords(count: number, refs: number): string {
  return `GitLab would still delete or rewind ${count} of ${refs} refs; when this pass first stopped it had lost more.`;
}

/**
 * What the pushes themselves asked of GitLab is their pushers' doing, so only pushes count whose records this look has.
 * A value of GitLab that is not here is not judged.
 */
async function lossesBehindPushes(world: World, look: Look, waiting: readonly Update[]): Promise<Loss[]> {
  const live = look.leases.filter(({ live, stage }) => live && stage.kind !== 'waiting');
  const records = endedRecords(live.map((lease) => ({ ...lease, live: false })));
  const known = waiting.filter(({ ref }) => records.has(ref));
  const values = known.map(({ after }) => after).filter((value) => value !== null);
  const gone = values.length === 0 ? new Set<Oid>() : await world.git.missing(values);
  const lossy = await lossyUpdates(
    world,
    known.filter(({ after }) => after === null || !gone.has(after)),
  );
  const ended = new Map([...records].map(([ref, its]) => [ref, [...(look.ended.get(ref) ?? []), ...its]]));
  return lossesOf(world, { ...look, ended }, lossy);
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
