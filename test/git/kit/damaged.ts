/**
 * What the tests of repairs share: a pair in its phase, a branch with something to lose, and what must hold in the end.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { TestContext } from 'node:test';
import { startPair, type Pair, type PairOptions } from './pair';

export type Mode = 'mirror' | 'both';

export async function start(t: TestContext, mode: Mode, options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair({ commits: 3, ...options });
  t.after(() => pair.close());
  await pair.move('mirror');
  if (mode === 'both') await pair.move('both');
  return pair;
}

/** A branch with a file of its own. Answers its tip and the blob. */
export async function branch(pair: Pair, name: string): Promise<{ tip: string; blob: string; clone: string }> {
  const clone = await pair.clone('old', `clone-${name}`);
  fs.writeFileSync(path.join(clone, `${name}.bin`), randomBytes(20_000));
  await pair.must(clone, 'add', '.');
  await pair.must(clone, 'commit', '--quiet', '-m', name);
  await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${name}`);
  await pair.pass();
  const [tip = '', blob = ''] = (await pair.must(clone, 'rev-parse', 'HEAD', `HEAD:${name}.bin`)).trim().split('\n');
  return { tip, blob, clone };
}

export function repair(pair: Pair, apply = true): Promise<{ text: string; applied: boolean }> {
  return pair.call('repair', { path: pair.old, who: 'ada', apply });
}

export async function assertWhole(pair: Pair): Promise<void> {
  assert.doesNotMatch(await pair.must(pair.old, 'fsck', '--full', '--no-dangling'), /missing|error|corrupt|broken/);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.deepEqual(
    (await pair.call('status', { paths: [] })).repositories.flatMap((one) => one.troubles),
    [],
  );
}
