import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { Verbs } from '../../../agent/contract/verbs';
import { makeConflict } from '../kit/conflict';
import { assertLevel, assertSides, attic } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

type Answer = Verbs['resolve']['result'];

function resolve(pair: Pair, ref: string, keep: 'old' | 'gitlab', apply = true): Promise<Answer> {
  return pair.call('resolve', { path: pair.old, ref, keep, reason: 'agreed with the team', who: 'ada', apply });
}

async function troubles(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.troubles.map(({ ref, kind }) => `${ref} ${kind}`));
}

/** In `mirror`, somebody wrote B to closed GitLab while old moved to A. */
async function conflict(pair: Pair): Promise<{ old: string; gitlab: string }> {
  const values = await makeConflict(pair);
  assert.deepEqual(await troubles(pair), ['refs/heads/main conflict']);
  return values;
}

test('a conflict shows both histories, and nothing changes until it is applied', async (t) => {
  const pair = await pairIn(t, 'old');
  await conflict(pair);
  const { text, applied } = await resolve(pair, 'refs/heads/main', 'old', false);
  assert.equal(applied, false);
  assert.match(
    text,
    /old: [0-9a-f]{8}, only here\n {2}[0-9a-f]+ work\nGitLab: [0-9a-f]{8}, only here\n {2}[0-9a-f]+ web edit/,
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main B' });
  assert.equal(await attic(pair), '');
  assert.equal(fs.existsSync(path.join(pair.agentFolder, 'decisions')), false);
});

test("keeping old in a conflict sends its value, keeps GitLab's in the attic, and pushes go on", async (t) => {
  const pair = await pairIn(t, 'old');
  const both = await conflict(pair);
  await resolve(pair, 'refs/heads/main', 'old');
  await assertLevel(pair, 'main A');
  assert.equal(await attic(pair), 'heads/main B');
  assert.equal((await pair.pass()).troubles.length, 0);
  const [decision = ''] = fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8').split('\n');
  const { who, reason, keep, gitlab } = JSON.parse(decision) as Record<string, unknown>;
  assert.deepEqual(
    { who, reason, keep, gitlab },
    { who: 'ada', reason: 'agreed with the team', keep: 'old', gitlab: both.gitlab },
  );
});

test("keeping GitLab in a conflict sets old, keeps old's value in the attic, and stays settled", async (t) => {
  const pair = await pairIn(t, 'old');
  await conflict(pair);
  await resolve(pair, 'refs/heads/main', 'gitlab');
  await assertLevel(pair, 'main B');
  assert.equal(await attic(pair), 'heads/main A');
  assert.equal((await pair.pass()).troubles.length, 0);
  assert.equal((await pair.call('verify', { paths: [] })).repositories[0]?.differences.length, 0);
});

test('an acknowledged push that old lost is in the attic before its record goes', async (t) => {
  const pair = await pairIn(t, 'mirror', { queueDelayMs: 60_000 });
  const clone = await pair.clone('old', 'ada');
  const lost = await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', 'main~1');
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/heads/main damaged']);
  const { text } = await resolve(pair, 'refs/heads/main', 'old');
  assert.match(text, new RegExp(`lost by old: ${lost.slice(0, 8)}`));
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/main A');
  assert.equal((await pair.pass()).troubles.length, 0);
});

test('a branch that old lost twice, each time pushed anew before a pass: both lost commits are listed, and in the attic before their records go', async (t) => {
  const pair = await pairIn(t, 'mirror', { queueDelayMs: 60_000 });
  const clone = await pair.clone('old', 'ada');
  const pushed: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    await pair.must(clone, 'checkout', '--quiet', '-B', 'topic', 'origin/main');
    pushed.push(await pair.commit(clone, name));
    await pair.must(clone, 'push', '--quiet', 'origin', 'topic');
    if (name !== 'third') await pair.must(pair.old, 'update-ref', '-d', 'refs/heads/topic');
  }
  const [first, second] = pushed;
  await pair.pass();
  const { repositories } = await pair.call('status', { paths: [] });
  const words = repositories
    .flatMap((one) => one.troubles.map((trouble) => `${trouble.kind}: ${trouble.words}`))
    .join('\n');
  assert.match(words, new RegExp(`^damaged: Old lost (${first} and ${second}|${second} and ${first}) without a push`));
  await assertSides(pair, { old: 'main S1, topic third', gitlab: 'main S1' });
  await resolve(pair, 'refs/heads/topic', 'old');
  await assertLevel(pair, 'main S1, topic third');
  assert.deepEqual((await attic(pair)).split(', ').sort(), ['heads/topic first', 'heads/topic second']);
  assert.equal((await pair.pass()).troubles.length, 0);
});

test('an unwitnessed rewind that is meant reaches GitLab, and what it drops stays in the attic', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 3 });
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', 'main~2');
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/heads/main damaged']);
  await resolve(pair, 'refs/heads/main', 'old');
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/main S3');
});

test('a change that no hook saw in both can be sent from the attic, or left there', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'cron');
  // What goes on from GitLab's value is sent there.
  await pair.amend(clone, 'A');
  await pair.must(pair.old, 'fetch', '--quiet', clone, '+main:refs/heads/main');
  await pair.pass();
  await assertLevel(pair, 'main S1');
  assert.deepEqual(await troubles(pair), ['refs/heads/main unhooked']);
  await resolve(pair, 'refs/heads/main', 'old');
  await assertLevel(pair, 'main A');
  assert.deepEqual(await troubles(pair), []);
  assert.equal(await attic(pair), 'heads/main A, heads/main S1');
});

test('a stopped pass shows what it would change, and goes through when a person says so', async (t) => {
  const pair = await pairIn(t, 'old', { limits: { breakerRefs: 1, breakerShare: 0 } });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b');
  await pair.move('mirror');
  await pair.move('both');
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.must(stranger, 'push', '--quiet', 'origin', ':a', ':b');
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/ stopped']);
  const one = '\n  old: [0-9a-f]{8}, 1 commit that GitLab has nowhere\n    .* Ada: A\n  GitLab: absent\n';
  const shown = new RegExp(`refs/heads/a${one}refs/heads/b${one}Would set 2 refs on old`);
  assert.match((await resolve(pair, 'refs/', 'gitlab', false)).text, shown);
  await assertSides(pair, { old: 'a A, b A, main S1', gitlab: 'main S1' });
  await resolve(pair, 'refs/', 'gitlab');
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/a A, heads/b A');
  assert.deepEqual(await troubles(pair), []);
});

test('a ref that is in no trouble is not touched', async (t) => {
  const pair = await pairIn(t, 'mirror');
  await assert.rejects(resolve(pair, 'refs/heads/main', 'gitlab'), /in-no-trouble/);
  await assertLevel(pair, 'main S1');
});
