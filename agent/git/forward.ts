/** Which moves go forward: in a handful of processes, however many branches moved. */
import type { GitExit } from '../rules/gitanswers';
import type { Move } from '../rules/values';
import type { Oid } from '../rules/values';
import type { GitCall } from './gitprocess';

type Run = (args: readonly string[], call?: Partial<GitCall>) => Promise<GitExit>;

/** Commits that are looked at in one walk from a new value; what takes longer is asked of git alone. */
const commitsMax = 2_000;

interface Doors {
  readonly git: Run;
  readonly missing: (oids: readonly Oid[]) => Promise<ReadonlySet<Oid>>;
  readonly isAncestor: (ancestor: Oid, descendant: Oid) => Promise<boolean>;
}

/**
 * The port's `forward` of rules/ports.ts. Most moves put commits on top, and their walk ends at what was there before;
 * others took commits away, and no new value has those. Only what is neither is asked about alone.
 */
export async function forward(doors: Doors, moves: readonly Move[]): Promise<boolean[]> {
  if (moves.length === 0) return [];
  const known = new Map<string, boolean>();
  const gone = await doors.missing([...new Set(moves.flatMap(({ before, after }) => [before, after]))]);
  const here = moves.filter(({ before, after }) => !gone.has(before) && !gone.has(after));
  for (const move of moves) known.set(nameOf(move), false);
  const parents = here.length === 0 ? new Map<string, readonly string[]>() : await newCommits(doors.git, here);
  const open = here.filter((move) => !leadsTo(parents, move));
  for (const move of here) known.set(nameOf(move), true);
  const lost = open.length === 0 ? new Map<string, readonly string[]>() : await newCommits(doors.git, open.map(turned));
  const asked = new Map(open.map((move) => [nameOf(move), move]));
  for (const [name, { before, after }] of asked)
    known.set(name, !lost.has(before) && (await doors.isAncestor(before, after)));
  return moves.map((move) => known.get(nameOf(move)) ?? false);
}

/** What the old value has that the new one has not. */
function turned({ before, after }: Move): Move {
  return { before: after, after: before };
}

function nameOf({ before, after }: Move): string {
  return `${before} ${after}`;
}

/** The commits that came, with their parents; none where git cannot walk. */
async function newCommits(git: Run, moves: readonly Move[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = new Set(moves.flatMap(({ before, after }) => [after, `^${before}`]));
  const exit = await git(['rev-list', '--parents', '--stdin'], { input: [...lines].map((one) => `${one}\n`).join('') });
  const rows = exit.code === 0 ? exit.stdout.split('\n').map((line) => line.split(' ')) : [];
  return new Map(rows.map(([commit = '', ...parents]) => [commit, parents]));
}

/** The walk from the new value comes to the old one. */
function leadsTo(parents: ReadonlyMap<string, readonly string[]>, { before, after }: Move): boolean {
  const seen = new Set<string>([after]);
  // A set goes on to what is added to it meanwhile.
  for (const commit of seen) {
    if (commit === before) return true;
    if (seen.size > commitsMax) return false;
    for (const parent of parents.get(commit) ?? []) seen.add(parent);
  }
  return false;
}
