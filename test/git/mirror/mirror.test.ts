import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { makeConflict } from '../kit/conflict';
import { assertLevel, assertSides, untilLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('the first copy brings every branch and tag, and the pushes after it follow in the background', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature', 'main:refs/tags/v1');
  await pair.move('mirror');
  await assertLevel(pair, 'feature S1, main S1, tag:v1 S1');
  await pair.commit(clone, 'A');
  assert.doesNotMatch(await pair.must(clone, 'push', 'origin', 'main'), /remote:/);
  await untilLevel(pair, 'feature S1, main A, tag:v1 S1');
});

test('force-pushes, deletions, moved tags and many refs in one push all reach GitLab', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  await pair.move('mirror');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:a', 'main:b', 'main:c', 'main:refs/tags/t');
  await untilLevel(pair, 'a A, b A, c A, main A, tag:t A');
  await pair.amend(clone, 'B');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main', 'main:refs/tags/t', ':a', 'main:a/below');
  await untilLevel(pair, 'a/below B, b A, c A, main B, tag:t B');
  assert.equal((await pair.call('status', { paths: [] })).repositories[0]?.troubles.length, 0);
});

test('an empty repository is moved, and its first push arrives', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 0 });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  await untilLevel(pair, 'main A');
});

test('an unwitnessed deletion and an unwitnessed rewind on old are never copied to GitLab', async (t) => {
  const pair = await pairIn(t, 'old', { commits: 3 });
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:feature');
  await pair.move('mirror');
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', 'main~1');
  fs.rmSync(path.join(pair.old, 'refs/heads/feature'));
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/feature damaged', 'refs/heads/main damaged'],
  );
  await assertSides(pair, { old: 'main S2', gitlab: 'feature S3, main S3' });
  await assert.rejects(pair.move('both'), /troubles|damaged/);
});

test('somebody who wrote to closed GitLab is a conflict, and is never overwritten', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const intruder = await pair.clone('gitlab', 'eve');
  await pair.commit(intruder, 'A');
  await pair.must(intruder, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind }) => kind),
    ['conflict'],
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind }) => kind),
    ['conflict'],
  );
  await assertSides(pair, { old: 'main B', gitlab: 'main A' });
});

test('a conflict stays listed while GitLab takes no pushes', async (t) => {
  const pair = await pairIn(t, 'old');
  await makeConflict(pair);
  // receive-pack does not start any more; upload-pack does not read this setting.
  await pair.must(pair.gitlab, 'config', 'receive.unpackLimit', 'none');
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/main conflict'],
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main B' });
});

test("a ref that GitLab declines keeps its debt, is shown in GitLab's words, and does not stop the others", async (t) => {
  const pair = await pairIn(t, 'mirror');
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\nif grep -q refs/heads/bad; then echo "GitLab: no bad branches" >&2; exit 1; fi\n',
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:bad', 'main:good');
  const status = await pair.pass();
  assert.deepEqual(
    status.troubles.map(({ ref, kind, words }) => `${ref} ${kind} ${words}`),
    ['refs/heads/bad declined GitLab: no bad branches'],
  );
  await assertSides(pair, { old: 'bad A, good A, main A', gitlab: 'good A, main A' });
});

test('GitLab down in mirror: the push is taken at once, and arrives when GitLab is back', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  await pair.move('mirror');
  fs.renameSync(pair.gitlab, `${pair.gitlab}.away`);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  await assert.rejects(pair.pass(), /gitlab-unreachable/);
  fs.renameSync(`${pair.gitlab}.away`, pair.gitlab);
  await pair.pass();
  await assertLevel(pair, 'main A');
});

test("the repository's own hooks run as before, and are as before after it was let go", async (t) => {
  const pair = await pairIn(t, 'old');
  const hooks = path.join(pair.old, 'hooks');
  for (const name of ['pre-receive', 'update', 'post-receive', 'post-update'])
    fs.writeFileSync(
      path.join(hooks, name),
      `#!/bin/sh\necho "own ${name}" "$@"\n[ "${name}" != pre-receive ] || ! grep -q forbidden\n`,
      { mode: 0o755 },
    );
  await pair.call('attach', { config: pair.config });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.must(clone, 'push', 'origin', 'main');
  for (const name of ['pre-receive', 'update refs/heads/main', 'post-receive', 'post-update refs/heads/main'])
    assert.match(seen, new RegExp(`remote: own ${name}`));
  const refused = await pair.git(clone, 'push', 'origin', 'main:forbidden');
  assert.match(refused.output, /pre-receive hook declined/);
  await pair.call('detach', { path: pair.old });
  assert.match(await pair.must(clone, 'push', 'origin', 'main:more'), /own update refs\/heads\/more/);
});

test('letting go leaves hooks and configuration byte for byte as they were', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.call('detach', { path: pair.old });
  const before = fs.readFileSync(path.join(pair.old, 'config'), 'utf8');
  assert.doesNotMatch(before, /hooksPath|handover/);
  await pair.call('attach', { config: pair.config });
  assert.match(fs.readFileSync(path.join(pair.old, 'config'), 'utf8'), /hooksPath/);
  await pair.call('detach', { path: pair.old });
  assert.equal(fs.readFileSync(path.join(pair.old, 'config'), 'utf8'), before);
  assert.equal(fs.existsSync(path.join(pair.old, 'git-handover')), false);
});

test('an open repository is not let go of: its hooks stay, and its pushes go on to GitLab', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  await assert.rejects(pair.call('detach', { path: pair.old }), /phase-open/);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A');
});

test('a branch that old lost and that is in the way of a new one on GitLab: both are listed, and settling the first lets the second through', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:a');
  await pair.move('mirror');
  await pair.must(pair.old, 'update-ref', '-d', 'refs/heads/a');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:a/b');
  const { troubles } = await pair.pass();
  assert.deepEqual(
    troubles.map(({ ref, kind }) => [ref, kind]),
    [
      ['refs/heads/a', 'damaged'],
      ['refs/heads/a/b', 'declined'],
    ],
  );
  assert.match(troubles[1]?.words ?? '', /GitLab has refs\/heads\/a, which is in the way/);
  await pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/a',
    keep: 'old',
    reason: 'test',
    who: 'test',
    apply: true,
  });
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'a/b S1, main S1');
});
