/** What no tip contains: in two processes, however many there are. */
import type { GitExit } from '../rules/gitanswers';
import { printable } from '../contract/printable';
import { toText } from '../rules/bytes';
import type { CommitsBeyond, Oid } from '../rules/values';
import type { GitCall } from './gitprocess';

type Run = (args: readonly string[], call?: Partial<GitCall>) => Promise<GitExit>;

/** The port's `uncontained` of rules/ports.ts. */
export async function uncontained(git: Run, values: readonly Oid[], tips: readonly Oid[]): Promise<Set<Oid>> {
  const known = new Set(tips);
  const asked = [...new Set(values)].filter((value) => !known.has(value));
  if (asked.length === 0) return new Set();
  const commits = await commitsOf(git, asked);
  // `^` and not `--not`: git before 2.42 takes no options on standard input.
  const lines = [...new Set(commits.values()), ...[...known].map((tip) => `^${tip}`)];
  const exit = await git(['rev-list', '--ignore-missing', '--stdin'], {
    input: lines.map((one) => `${one}\n`).join(''),
  });
  if (exit.code !== 0) return new Set(asked);
  const beyond = new Set(exit.stdout.split('\n'));
  return new Set(asked.filter((value) => isBeyond(commits.get(value), beyond)));
}

/** The port's `commitsBeyond`; `range` is a tip, and others with `^` before them. */
export async function commitsBeyond(git: Run, range: readonly string[], lines: number): Promise<CommitsBeyond> {
  const call = { input: range.map((one) => `${one}\n`).join('') };
  const counted = await git(['rev-list', '--count', '--ignore-missing', '--stdin'], call);
  if (counted.code !== 0) return { count: 0, newest: [] };
  const words = ['log', '--no-decorate', '--date=short', '--format=%h %ad %an: %s', `-n${lines}`, '--ignore-missing'];
  const newest = printable(toText((await git([...words, '--stdin'], call)).stdout)).split('\n');
  return { count: Number(counted.stdout), newest: newest.filter((line) => line !== '') };
}

function isBeyond(commit: Oid | undefined, beyond: ReadonlySet<string>): boolean {
  return commit === undefined || beyond.has(commit);
}

/** Tags as the commits that they name; what names none is left out. */
async function commitsOf(git: Run, values: readonly Oid[]): Promise<Map<Oid, Oid>> {
  const input = values.map((value) => `${value}^{commit}\n`).join('');
  const { stdout } = await git(['cat-file', '--batch-check=%(objectname)'], { input });
  const lines = stdout.split('\n');
  return new Map(
    values.flatMap((value, index) => {
      const line = lines[index] ?? '';
      return /^[0-9a-f]{40}$/.test(line) ? [[value, line as Oid] as const] : [];
    }),
  );
}
