/** A push to old in `both`: each answer that its pusher may read, and what both sides have then. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('a push to old is on GitLab before the pusher reads ok, and the pusher is told', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const id = await pair.commit(clone, 'A');
  assert.match(
    await pair.must(clone, 'push', 'origin', 'main'),
    new RegExp(`remote: GitLab has main at ${id.slice(0, 8)}`),
  );
  assert.match(await pair.must(clone, 'push', 'origin', 'main:gone'), /remote: GitLab has gone at/);
  assert.match(await pair.must(clone, 'push', 'origin', ':gone'), /remote: GitLab has gone deleted\./);
  await assertLevel(pair, 'main A');
});

test('force-pushes, deletions, moved tags, several refs and a first branch go through in one piece', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:a', 'main:b', 'main:refs/tags/t');
  await pair.amend(clone, 'B');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main', 'main:refs/tags/t', ':a');
  await assertLevel(pair, 'b A, main B, tag:t B');
});

test('a push that loses the race is told to fetch, and the winner is there to fetch', async (t) => {
  const pair = await pairIn(t, 'both');
  const loser = await pair.clone('old', 'ada');
  const winner = await pair.clone('gitlab', 'bob');
  const won = await pair.commit(winner, 'A');
  await pair.must(winner, 'push', '--quiet', 'origin', 'main');
  await pair.commit(loser, 'B');
  const seen = await pair.git(loser, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab has newer commits on main\. They are here to be fetched/);
  assert.match(await pair.must(loser, 'ls-remote', 'origin', 'main'), new RegExp(won));
  await pair.must(loser, 'pull', '--quiet', '--rebase');
  await pair.name(loser, 'HEAD', 'B on A');
  await pair.must(loser, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main B on A');
});

test("GitLab's refusal arrives in its own words, and nothing moves", async (t) => {
  const pair = await pairIn(t, 'both');
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\necho "GitLab: not on a Friday" >&2\nexit 1\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab: not on a Friday/);
  await assertLevel(pair, 'main S1');
});

test('a push of which GitLab declines one ref changes nothing on either side', async (t) => {
  const pair = await pairIn(t, 'both');
  fs.writeFileSync(path.join(pair.gitlab, 'hooks/update'), '#!/bin/sh\n[ "$1" != refs/heads/bad ]\n', { mode: 0o755 });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.equal((await pair.git(clone, 'push', 'origin', 'main', 'main:bad')).code, 1);
  await assertLevel(pair, 'main S1');
});

test('GitLab down in both: the pusher reads that nothing was taken', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { connectMs: 5_000 } });
  await pair.sshd.stop();
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab cannot be reached/);
  assert.match(seen.output, /Nothing was taken/);
  await assertLevel(pair, 'main S1');
});

test('an answer that was lost after GitLab took the push is looked up, not sent again', async (t) => {
  const pair = await pairIn(t, 'both');
  // The connection is cut when post-receive begins: the refs have moved, the answer has not been given.
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/post-receive'),
    '#!/bin/sh\necho x >>pushes\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', 'origin', 'main');
  await assertLevel(pair, 'main A');
  assert.equal(fs.readFileSync(path.join(pair.gitlab, 'pushes'), 'utf8'), 'x\n');
});

test('no answer and nothing to be seen: the outcome is called unknown, and it was sent once', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { lookMs: 600 } });
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\necho x >>asked\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.deepEqual([seen.code, fs.readFileSync(path.join(pair.gitlab, 'asked'), 'utf8')], [1, 'x\n']);
  assert.match(seen.output, /whether it took main is unknown/);
  await assertLevel(pair, 'main S1');
});

test('both: refs that cannot cross are refused before anything is sent, each with its reason', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const head = await pair.commit(clone, 'A');
  const rows: [string[], RegExp][] = [
    [['main:refs/notes/x'], /namespace is not synced/],
    [['main:refs/merge-requests/1/head'], /namespace is reserved/],
    [[`main:refs/heads/${head}`], /named like a commit id/],
    [[':main'], /default branch/],
  ];
  for (const [specs, words] of rows) {
    const seen = await pair.git(clone, 'push', 'origin', ...specs);
    assert.equal(seen.code, 1, specs.join(' '));
    assert.match(seen.output, words);
  }
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:a');
  assert.match((await pair.git(clone, 'push', 'origin', ':a', 'main:a/b')).output, /Push the deletion first/);
  await assertLevel(pair, 'a A, main S1');
});
