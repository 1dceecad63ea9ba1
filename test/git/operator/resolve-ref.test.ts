import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { Verbs } from '../../../agent/contract/contract';
import { makeConflict } from '../kit/conflict';
import { startPair, type Pair } from '../kit/pair';

type Answer = Verbs['resolve']['result'];

function resolve(pair: Pair, ref: string, keep: 'old' | 'gitlab', apply = true): Promise<Answer> {
  return pair.call('resolve', { path: pair.old, ref, keep, reason: 'agreed with the team', who: 'ada', apply });
}

async function tip(pair: Pair, side: 'old' | 'gitlab', ref = 'refs/heads/main'): Promise<string> {
  return (
    await pair.must(side === 'old' ? pair.old : pair.gitlab, 'for-each-ref', '--format=%(objectname)', ref)
  ).trim();
}

async function attic(pair: Pair): Promise<string[]> {
  return (await pair.must(pair.old, 'for-each-ref', '--format=%(objectname)', 'refs/handover/attic'))
    .trim()
    .split('\n')
    .filter((line) => line !== '');
}

async function troubles(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.troubles.map(({ ref, kind }) => `${ref} ${kind}`));
}

/** In `mirror`, somebody wrote to closed GitLab while old moved too. Answers old's value and GitLab's. */
async function conflict(pair: Pair): Promise<{ old: string; gitlab: string }> {
  const values = await makeConflict(pair);
  assert.deepEqual(await troubles(pair), ['refs/heads/main conflict']);
  return values;
}

test('a conflict shows both histories, and nothing changes until it is applied', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  const both = await conflict(pair);
  const { text, applied } = await resolve(pair, 'refs/heads/main', 'old', false);
  assert.equal(applied, false);
  assert.match(
    text,
    /old: [0-9a-f]{8}, only here\n {2}[0-9a-f]+ work\nGitLab: [0-9a-f]{8}, only here\n {2}[0-9a-f]+ web edit/,
  );
  assert.deepEqual([await tip(pair, 'old'), await tip(pair, 'gitlab')], [both.old, both.gitlab]);
  assert.deepEqual(await attic(pair), []);
  assert.equal(fs.existsSync(path.join(pair.agentFolder, 'decisions')), false);
});

test("keeping old in a conflict sends its value, keeps GitLab's in the attic, and pushes go on", async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  const both = await conflict(pair);
  await resolve(pair, 'refs/heads/main', 'old');
  assert.deepEqual([await tip(pair, 'old'), await tip(pair, 'gitlab')], [both.old, both.old]);
  assert.deepEqual(await attic(pair), [both.gitlab]);
  assert.equal((await pair.pass()).troubles.length, 0);
  const [decision = ''] = fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8').split('\n');
  const { who, reason, keep, gitlab } = JSON.parse(decision) as Record<string, unknown>;
  assert.deepEqual(
    { who, reason, keep, gitlab },
    { who: 'ada', reason: 'agreed with the team', keep: 'old', gitlab: both.gitlab },
  );
});

test("keeping GitLab in a conflict sets old, keeps old's value in the attic, and stays settled", async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  const both = await conflict(pair);
  await resolve(pair, 'refs/heads/main', 'gitlab');
  assert.deepEqual([await tip(pair, 'old'), await tip(pair, 'gitlab')], [both.gitlab, both.gitlab]);
  assert.deepEqual(await attic(pair), [both.old]);
  assert.equal((await pair.pass()).troubles.length, 0);
  assert.equal((await pair.call('verify', { paths: [] })).repositories[0]?.differences.length, 0);
});

test('an acknowledged push that old lost is in the attic before its record goes', async (t) => {
  const pair = await startPair({ queueDelayMs: 60_000 });
  t.after(() => pair.close());
  await pair.move('mirror');
  const before = await tip(pair, 'old');
  const clone = await pair.clone('old', 'ada');
  const lost = await pair.commit(clone, 'acknowledged');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', before);
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/heads/main damaged']);
  const { text } = await resolve(pair, 'refs/heads/main', 'old');
  assert.match(text, new RegExp(`lost by old: ${lost.slice(0, 8)}`));
  assert.deepEqual(await attic(pair), [lost]);
  assert.equal((await pair.pass()).troubles.length, 0);
});

test('a branch that old lost twice, each time pushed anew before a pass: both lost commits are listed, and in the attic before their records go', async (t) => {
  const pair = await startPair({ queueDelayMs: 60_000 });
  t.after(() => pair.close());
  await pair.move('mirror');
  const clone = await pair.clone('old', 'ada');
  const pushed: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    await pair.must(clone, 'checkout', '--quiet', '-B', 'topic', 'origin/main');
    pushed.push(await pair.commit(clone, name));
    await pair.must(clone, 'push', '--quiet', 'origin', 'topic');
    if (name !== 'third') await pair.must(pair.old, 'update-ref', '-d', 'refs/heads/topic');
  }
  const [first, second, third] = pushed;
  await pair.pass();
  const { repositories } = await pair.call('status', { paths: [] });
  const words = repositories
    .flatMap((one) => one.troubles.map((trouble) => `${trouble.kind}: ${trouble.words}`))
    .join('\n');
  assert.match(words, new RegExp(`^damaged: Old lost (${first} and ${second}|${second} and ${first}) without a push`));
  assert.equal(await tip(pair, 'gitlab', 'refs/heads/topic'), '');
  await resolve(pair, 'refs/heads/topic', 'old');
  assert.deepEqual((await attic(pair)).sort(), [first, second].sort());
  assert.deepEqual(
    [await tip(pair, 'old', 'refs/heads/topic'), await tip(pair, 'gitlab', 'refs/heads/topic')],
    [third, third],
  );
  assert.equal((await pair.pass()).troubles.length, 0);
});

test('an unwitnessed rewind that is meant reaches GitLab, and what it drops stays in the attic', async (t) => {
  const pair = await startPair({ commits: 3 });
  t.after(() => pair.close());
  await pair.move('mirror');
  const before = await tip(pair, 'old');
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', `${before}~2`);
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/heads/main damaged']);
  await resolve(pair, 'refs/heads/main', 'old');
  assert.equal(await tip(pair, 'gitlab'), await tip(pair, 'old'));
  assert.deepEqual(await attic(pair), [before]);
});

test('a change that no hook saw in both can be sent from the attic, or left there', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.move('both');
  const agreed = await tip(pair, 'old');
  const clone = await pair.clone('old', 'cron');
  const unseen = await pair.commit(clone, 'by cron');
  await pair.must(pair.old, 'fetch', '--quiet', clone, '+main:refs/heads/main');
  await pair.pass();
  assert.deepEqual([await tip(pair, 'old'), await troubles(pair)], [agreed, ['refs/heads/main unhooked']]);
  await resolve(pair, 'refs/heads/main', 'old');
  assert.deepEqual([await tip(pair, 'old'), await tip(pair, 'gitlab'), await troubles(pair)], [unseen, unseen, []]);
  assert.ok((await attic(pair)).includes(agreed));
});

test('a stopped pass shows what it would change, and goes through when a person says so', async (t) => {
  const pair = await startPair({ limits: { breakerRefs: 1, breakerShare: 0 } });
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:a', 'main:b');
  await pair.move('mirror');
  await pair.move('both');
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.must(stranger, 'push', '--quiet', 'origin', ':a', ':b');
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/ stopped']);
  assert.match((await resolve(pair, 'refs/', 'gitlab', false)).text, /refs\/heads\/a\n {2}refs\/heads\/b/);
  assert.match(await pair.refs('old'), /refs\/heads\/a /);
  await resolve(pair, 'refs/', 'gitlab');
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.deepEqual(await troubles(pair), []);
});

test('a ref that is in no trouble is not touched', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await assert.rejects(resolve(pair, 'refs/heads/main', 'gitlab'), /in-no-trouble/);
});
