import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { isPrintable } from '../../../agent/contract/printable';
import { until } from '../../lab/processes';
import { assertLevel } from '../kit/ending';
import { lettingFences } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

/** Every text in a value is fit for a terminal. */
function assertPrintable(value: unknown, where: string): void {
  if (typeof value === 'string')
    for (const line of value.split('\n')) assert.ok(isPrintable(line), `${where}: ${JSON.stringify(line)}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) assertPrintable(inner, `${where}.${key}`);
}

const escapes = '\u001b[2J\u001b]0;owned\u0007 \u009b31m \u202etxt.exe gr\u00fc\u00dfe';

async function conflict(pair: Pair): Promise<void> {
  await pair.move('mirror');
  for (const side of ['gitlab', 'old'] as const) {
    const clone = await pair.clone(side, `eve-${side}`);
    await pair.commit(clone, side, `${side} ${escapes}`);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main:main', 'main:refs/heads/x\u009b31m\u202e');
    if (side === 'gitlab') await pair.pass();
  }
  await pair.pass();
}

test('escape sequences in commit messages and ref names do not reach the terminal of whoever settles a conflict, and umlauts do', async (t) => {
  const pair = await pairIn(t, 'old');
  await conflict(pair);
  const status = await pair.call('status', { paths: [] });
  assert.deepEqual(status.repositories[0]?.troubles.map(({ ref }) => ref).sort(), [
    'refs/heads/main',
    'refs/heads/x\\xc2\\x9b31m\\xe2\\x80\\xae',
  ]);
  assertPrintable(status, 'status');
  assertPrintable(await pair.call('verify', { paths: [] }), 'verify');
  for (const { ref } of status.repositories[0]?.troubles ?? []) {
    const { text } = await pair.call('resolve', {
      path: pair.old,
      ref,
      keep: 'old',
      reason: 'x',
      who: 'ada',
      apply: false,
    });
    assertPrintable(text, 'resolve');
    assert.match(text, /gr\u00fc\u00dfe/);
    await pair.call('resolve', { path: pair.old, ref, keep: 'old', reason: 'x', who: 'ada', apply: true });
  }
  assert.deepEqual((await pair.call('status', { paths: [] })).repositories[0]?.troubles, []);
  await assertLevel(pair, 'main old, x\u009b31m\u202e old');
});

test('what GitLab says to a push and in a trouble is text in its own letters, without its escape sequences', async (t) => {
  const pair = await pairIn(t, 'mirror', { texts: {} });
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    `#!/bin/sh\n${lettingFences('-')}\nprintf '%s\\n' '${escapes}' >&2\nexit 1\n`,
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await until(
    'the refusal to be listed',
    async () => (await pair.call('status', { paths: [] })).repositories[0]?.troubles.length === 1,
    20_000,
  );
  const [trouble] = (await pair.call('status', { paths: [] })).repositories[0]?.troubles ?? [];
  assertPrintable(trouble, 'trouble');
  assert.match(trouble?.words ?? '', /\\x1b\[2J.*gr\u00fc\u00dfe/);
  fs.rmSync(path.join(pair.gitlab, 'hooks/pre-receive'));
  await pair.pass();
  await pair.move('both');
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    `#!/bin/sh\n${lettingFences('-')}\nprintf '%s\\n' '${escapes}' >&2\nexit 1\n`,
    { mode: 0o755 },
  );
  await pair.commit(clone, 'B');
  const { output } = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(output, /GitLab declined this push[\s\S]*gr\u00fc\u00dfe/);
  await assertLevel(pair, 'main A');
  assert.doesNotMatch(output.replace(/\u001b\[K/g, ''), /[\u001b\u0007\u009b\u202e]/);
});
