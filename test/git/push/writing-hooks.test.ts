/**
 * The repository's own `update` that changes refs while it judges a push. No record explains such a change: it is a
 * writer without hooks, also where it is one.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** Sets `last` to what is pushed. */
function writeUpdate(pair: Pair, after = ''): void {
  const script = `#!/bin/sh\ngit update-ref refs/heads/last "$3"${after}\n`;
  fs.writeFileSync(path.join(pair.old, 'hooks/update'), script, { mode: 0o755 });
}

test('in mirror a ref that an own update makes is sent, a rewind by it is not, and both is refused while it writes', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  writeUpdate(pair);
  // It installs our `update`, which there is only where the repository has one.
  await pair.pass();
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'last A, main A');
  await assert.rejects(pair.move('both'), /unhooked-writers/);
  await pair.amend(clone, 'B');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind, ref }) => `${kind} ${ref}`),
    ['damaged refs/heads/last'],
  );
  await assertSides(pair, { old: 'last B, main B', gitlab: 'last A, main B' });
});

test('in both git lets an own update change no ref: GitLab gets nothing of a push that fails by it', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  writeUpdate(pair);
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(seen.output, /remote: .*ref updates forbidden inside quarantine environment[^]*hook declined/);
  await assertLevel(pair, 'main S1');
  writeUpdate(pair, ' 2>/dev/null || :');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'main A');
});
