import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { letters } from '../kit/letters';
import { startPair, type Pair, type PairOptions } from '../kit/pair';

async function bothSides(pair: Pair): Promise<{ old: string; gitlab: string }> {
  const draw = letters();
  return { old: draw(await pair.refs('old')), gitlab: draw(await pair.refs('gitlab')) };
}

async function startBoth(options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair(options);
  await pair.move('mirror');
  await pair.move('both');
  return pair;
}

test('a push to old is on GitLab before the pusher reads ok, and the pusher is told', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  const id = await pair.commit(clone, 'one');
  assert.match(
    await pair.must(clone, 'push', 'origin', 'main'),
    new RegExp(`remote: GitLab has main at ${id.slice(0, 8)}`),
  );
  assert.match(await pair.must(clone, 'push', 'origin', 'main:gone'), /remote: GitLab has gone at/);
  assert.match(await pair.must(clone, 'push', 'origin', ':gone'), /remote: GitLab has gone deleted\./);
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('force-pushes, deletions, moved tags, several refs and a first branch go through in one piece', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:a', 'main:b', 'main:refs/tags/t');
  await pair.must(clone, 'commit', '--quiet', '--amend', '-m', 'rewritten');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main', 'main:refs/tags/t', ':a');
  assert.deepEqual(await bothSides(pair), { old: 'b A, main B, tag:t B', gitlab: 'b A, main B, tag:t B' });
});

test('a push that loses the race is told to fetch, and the winner is there to fetch', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const loser = await pair.clone('old', 'ada');
  const winner = await pair.clone('gitlab', 'bob');
  const won = await pair.commit(winner, 'won');
  await pair.must(winner, 'push', '--quiet', 'origin', 'main');
  await pair.commit(loser, 'lost');
  const seen = await pair.git(loser, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab has newer commits on main\. They are here to be fetched/);
  assert.match(await pair.must(loser, 'ls-remote', 'origin', 'main'), new RegExp(won));
  await pair.must(loser, 'pull', '--quiet', '--rebase');
  await pair.must(loser, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test("GitLab's refusal arrives in its own words, and nothing moves", async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\necho "GitLab: not on a Friday" >&2\nexit 1\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab: not on a Friday/);
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('GitLab down in both: the pusher reads that nothing was taken', async (t) => {
  const pair = await startBoth({ limits: { connectMs: 5_000 } });
  t.after(() => pair.close());
  await pair.sshd.stop();
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /GitLab cannot be reached/);
  assert.match(seen.output, /Nothing was taken/);
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('an answer that was lost after GitLab took the push is looked up, not sent again', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  // The connection is cut when post-receive begins: the refs have moved, the answer has not been given.
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/post-receive'),
    '#!/bin/sh\necho x >>pushes\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  await pair.must(clone, 'push', 'origin', 'main');
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
  assert.equal(fs.readFileSync(path.join(pair.gitlab, 'pushes'), 'utf8'), 'x\n');
});

test('no answer and nothing to be seen: the outcome is called unknown, and it was sent once', async (t) => {
  const pair = await startBoth({ limits: { lookMs: 600 } });
  t.after(() => pair.close());
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\necho x >>asked\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.deepEqual([seen.code, fs.readFileSync(path.join(pair.gitlab, 'asked'), 'utf8')], [1, 'x\n']);
  assert.match(seen.output, /whether it took main is unknown/);
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('what people push to GitLab comes to old with the next pass; rewound and deleted tips go to the attic', async (t) => {
  const pair = await startBoth({ commits: 2 });
  t.after(() => pair.close());
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:gone', 'main:refs/tags/t');
  await pair.pass();
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'other');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main', ':gone');
  await pair.pass();
  assert.deepEqual(await bothSides(pair), { old: 'main A, tag:t B', gitlab: 'main A, tag:t B' });
  const attic = await pair.must(pair.old, 'for-each-ref', '--format=%(refname)', 'refs/handover/attic');
  assert.deepEqual(
    attic
      .trim()
      .split('\n')
      .map((ref) => ref.replace(/attic\/[^/]+\//, 'attic/T/'))
      .sort(),
    ['refs/handover/attic/T/heads/gone', 'refs/handover/attic/T/heads/main'],
  );
  assert.doesNotMatch(await pair.must(clone, 'ls-remote', pair.old), /handover/);
});

test('an emptied GitLab does not empty old', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  await pair.must(pair.gitlab, 'update-ref', '-d', 'refs/heads/main');
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ kind }) => kind),
    ['stopped'],
  );
  assert.match(await pair.refs('old'), /refs\/heads\/main/);
});

test('a ref that moved on old without a hook is set back, kept in the attic and listed', async (t) => {
  const pair = await startBoth({ commits: 3 });
  t.after(() => pair.close());
  await pair.pass();
  await pair.must(
    pair.old,
    'update-ref',
    'refs/heads/main',
    (await pair.must(pair.old, 'commit-tree', '-m', 'stray', 'main^{tree}')).trim(),
  );
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/main unhooked'],
  );
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
  assert.match(await pair.must(pair.old, 'for-each-ref', 'refs/handover/attic'), /heads\/main/);
});

test('warn: the push goes through and a polite line says what to type', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  await pair.move('warn');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const seen = await pair.must(clone, 'push', 'origin', 'main');
  assert.match(seen, /git remote set-url origin git@gitlab\.example\.org:team\/app\.git/);
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('warn: during an announced brownout the push is refused', async (t) => {
  const hour = 3600_000;
  const pair = await startBoth({
    config: {
      brownouts: [{ from: new Date(Date.now() - hour).toISOString(), to: new Date(Date.now() + hour).toISOString() }],
    },
  });
  t.after(() => pair.close());
  await pair.move('warn');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /announced rehearsal/);
});

test('refuse: the refusal says exactly what to type, and old still follows GitLab', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  await pair.move('warn');
  await pair.move('refuse');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.equal(seen.code, 1);
  assert.match(seen.output, /Nothing was taken[\s\S]*git remote set-url origin git@gitlab/);
  await pair.must(clone, 'push', '--quiet', pair.gitlab, 'main');
  await pair.pass();
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test('both: refs that cannot cross are refused before anything is sent, each with its reason', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  const head = await pair.commit(clone, 'one');
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
  assert.deepEqual(await bothSides(pair), { old: 'a A, main B', gitlab: 'a A, main B' });
});

test('both: odd names of branches and tags go through unharmed', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  const names = [
    'refs/heads/-dash',
    "refs/heads/it's",
    'refs/heads/$(touch pwned)'.replace(' ', '_'),
    'refs/heads/grüße',
    'refs/heads/a"b',
    'refs/tags/`id`',
    'refs/heads/feature/#12',
    'refs/heads/a;b&c|d',
  ];
  await pair.commit(clone, 'odd');
  for (const name of names) await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${name}`);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.equal((await pair.refs('old')).trim().split('\n').length, names.length + 1);
});

test('back to mirror and forward again: the history of both stays', async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('gitlab', 'bob');
  await pair.commit(clone, 'on GitLab');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  await pair.move('mirror');
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
  await pair.must(clone, 'commit', '--quiet', '--amend', '-m', 'rewritten');
  await pair.must(clone, 'push', '--quiet', '--force', pair.old, 'main');
  await pair.pass();
  await pair.move('both');
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});

test("old's HEAD follows GitLab's default branch", async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:trunk');
  await pair.must(pair.gitlab, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
  await pair.pass();
  assert.equal((await pair.must(pair.old, 'symbolic-ref', 'HEAD')).trim(), 'refs/heads/trunk');
});

test("both: many refs in one push go through in one piece, and the pusher reads one short line and nothing of git's own", async (t) => {
  const pair = await startBoth();
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'many');
  for (const count of [7, 300]) {
    const seen = await pair.must(
      clone,
      'push',
      'origin',
      ...Array.from({ length: count }, (_, index) => `main:refs/heads/of${count}/${index}`),
    );
    const said = seen
      .split('\n')
      .filter((line) => line.startsWith('remote: ') && !/^remote: waiting for GitLab \.\.\. \d+ s\s*$/.test(line));
    assert.equal(said.length, 1, seen);
    assert.match(said[0] ?? '', new RegExp(`of${count}/4 at [0-9a-f]{8} and ${count - 5} more`));
  }
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.equal((await pair.refs('old')).trim().split('\n').length, 308);
});
