import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Verbs } from '../../../agent/contract/verbs';
import { makeConflict } from '../kit/conflict';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

type Extra = Partial<Verbs['resolve']['request']>;

function keepBoth(pair: Pair, extra: Extra = {}): Promise<Verbs['resolve']['result']> {
  return pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/main',
    keep: 'both',
    reason: 'to be merged',
    who: 'ada',
    apply: true,
    ...extra,
  });
}

/** In `mirror`, somebody wrote to closed GitLab while old moved too. */
async function conflict(t: TestContext): Promise<{ pair: Pair; old: string; gitlab: string }> {
  const pair = await pairIn(t, 'old');
  return { pair, ...(await makeConflict(pair)) };
}

async function assertSettled(pair: Pair, refs: string): Promise<void> {
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, refs);
}

test("mirror: keeping both gives old's value a name on both sides, and the ref GitLab's", async (t) => {
  const { pair, old, gitlab } = await conflict(t);
  const { text } = await keepBoth(pair, { apply: false });
  const name = `main-old-${new Date().toISOString().slice(0, 10)}`;
  assert.match(
    text,
    new RegExp(`Would keep GitLab's ${gitlab.slice(0, 8)}, and ${old.slice(0, 8)} as refs/heads/${name} on both sides`),
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main B' });
  await keepBoth(pair);
  await assertSettled(pair, `main B, ${name} A`);
  const { keep, stays, reason } = JSON.parse(
    fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8'),
  ) as Record<string, unknown>;
  assert.deepEqual({ keep, stays, reason }, { keep: 'both', stays: 'gitlab', reason: 'to be merged' });
});

test("mirror: keeping both under a name of one's own, with old's value staying; a run that was cut off is finished by the next", async (t) => {
  const { pair, gitlab } = await conflict(t);
  await pair.must(pair.old, 'fetch', '--quiet', pair.gitlab, 'main');
  await pair.must(pair.old, 'update-ref', 'refs/heads/web-edit', gitlab);
  await keepBoth(pair, { stays: 'old', name: 'web-edit' });
  await assertSettled(pair, 'main A, web-edit B');
});

test('a name that is taken, or that git or GitLab would not take, is refused, and nothing changes', async (t) => {
  const { pair } = await conflict(t);
  const clone = await pair.clone('old', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD~0:refs/heads/taken', 'HEAD~1:refs/heads/other');
  await pair.pass();
  for (const [name, words] of [
    ['other', /name-taken/],
    ['a..b', /git takes no such name/],
    ['0'.repeat(40), /commit id/],
  ] as const)
    await assert.rejects(keepBoth(pair, { name }), words);
  await assertSides(pair, { old: 'main A, other S1, taken A', gitlab: 'main B, other S1, taken A' });
});

test('both: a change that no hook saw gets a branch on both sides', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'cron');
  // What goes on from GitLab's value is sent there.
  await pair.amend(clone, 'A');
  await pair.must(pair.old, 'fetch', '--quiet', clone, '+main:refs/heads/main');
  await pair.pass();
  await keepBoth(pair, { name: 'by-cron' });
  await assertSettled(pair, 'by-cron A, main S1');
});
