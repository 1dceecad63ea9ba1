/**
 * What the tests of repairs share: a pair in its phase, a branch with something to lose, and what must hold in the end.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { TestContext } from 'node:test';
import { assertLevel } from './ending';
import { pairIn, type Pair, type PairOptions } from './pair';

export type Mode = 'mirror' | 'both';

export function start(t: TestContext, mode: Mode, options: PairOptions = {}): Promise<Pair> {
  return pairIn(t, mode, { commits: 3, ...options });
}

/** A branch at a commit of its own, named like it, with a file. Answers its tip and the blob. */
export async function branch(pair: Pair, name: string): Promise<{ tip: string; blob: string; clone: string }> {
  const clone = await pair.clone('old', `clone-${name}`);
  fs.writeFileSync(path.join(clone, `${name}.bin`), randomBytes(20_000));
  await pair.must(clone, 'add', '.');
  const tip = await pair.commit(clone, name);
  await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${name}`);
  await pair.pass();
  const blob = (await pair.must(clone, 'rev-parse', `HEAD:${name}.bin`)).trim();
  return { tip, blob, clone };
}

export function repair(pair: Pair, apply = true): Promise<{ text: string; applied: boolean }> {
  return pair.call('repair', { path: pair.old, who: 'ada', apply });
}

/** Nothing is missing, nothing is in trouble, and both sides have exactly these refs at these commits. */
export async function assertWhole(pair: Pair, refs: string): Promise<void> {
  assert.doesNotMatch(await pair.must(pair.old, 'fsck', '--full', '--no-dangling'), /missing|error|corrupt|broken/);
  await assertLevel(pair, refs);
  assert.deepEqual(
    (await pair.call('status', { paths: [] })).repositories.flatMap((one) => one.troubles),
    [],
  );
}
