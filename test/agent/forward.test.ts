/** Many branches that moved: git is asked about them together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward } from '../../agent/git/forward';
import type { GitExit } from '../../agent/rules/gitanswers';
import type { Oid } from '../../agent/rules/values';

function oid(number: number): Oid {
  return number.toString(16).padStart(40, '0') as Oid;
}

/** Git with these commits, each number's parents; it counts its processes. */
function counting(parents: Readonly<Record<number, readonly number[]>>): {
  doors: Parameters<typeof forward>[0];
  processes: () => number;
} {
  let processes = 0;
  const reached = (tips: readonly string[]): Set<string> => {
    const seen = new Set(tips);
    for (const tip of seen) (parents[parseInt(tip, 16)] ?? []).forEach((parent) => seen.add(oid(parent)));
    return seen;
  };
  const answer = (lines: readonly string[]): GitExit => ({
    code: 0,
    stdout: lines.join('\n'),
    stderr: '',
    timedOut: false,
  });
  const listed = (tips: readonly string[]): string[] => {
    const known = reached(tips.filter((tip) => tip.startsWith('^')).map((tip) => tip.slice(1)));
    return [...reached(tips.filter((tip) => !tip.startsWith('^')))].filter((commit) => !known.has(commit));
  };
  const git = async (args: readonly string[], call: { input?: string } = {}): Promise<GitExit> => {
    processes += 1;
    const lines = (call.input ?? '').split('\n').filter((line) => line !== '');
    const withParents = (commit: string): string =>
      [commit, ...(parents[parseInt(commit, 16)] ?? []).map(oid)].join(' ');
    return answer(args.includes('--parents') ? listed(lines).map(withParents) : listed(lines));
  };
  const isAncestor = async (ancestor: Oid, descendant: Oid): Promise<boolean> => {
    processes += 1;
    return reached([descendant]).has(ancestor);
  };
  return { doors: { git, missing: async () => new Set(), isAncestor }, processes: () => processes };
}

/** 1 is the root; branch n is at 1000 + n, and its next commit is 2000 + n. */
const count = 500;
const numbers = Array.from({ length: count }, (_, index) => index);
const history = Object.fromEntries(numbers.flatMap((n) => [[1000 + n, [1]] as const, [2000 + n, [1000 + n]] as const]));

test('500 branches with a commit more, and 500 that lost one, are asked about in one process and in two', async () => {
  const { doors, processes } = counting(history);
  const ahead = numbers.map((n) => ({ before: oid(1000 + n), after: oid(2000 + n) }));
  const back = numbers.map((n) => ({ before: oid(2000 + n), after: oid(1) }));
  assert.deepEqual(
    await forward(doors, ahead),
    numbers.map(() => true),
  );
  assert.equal(processes(), 1);
  assert.deepEqual(
    await forward(doors, back),
    numbers.map(() => false),
  );
  assert.equal(processes(), 3);
});

test('only what another branch still has is asked about alone', async () => {
  const { doors, processes } = counting(history);
  const moves = [
    { before: oid(1000), after: oid(2001) },
    { before: oid(1002), after: oid(2000) },
    { before: oid(1), after: oid(1003) },
  ];
  assert.deepEqual(await forward(doors, moves), [false, false, true]);
  assert.equal(processes(), 3);
});
