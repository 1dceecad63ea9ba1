/** Other names of branches on old: git writes through them, so GitLab's side never gets there. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertSides } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('a symbolic branch is not synced, and a push to it in both is sent to its target', async (t) => {
  const pair = await pairIn(t, 'mirror');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  await pair.pass();
  await assertSides(pair, { old: 'alias S1, main S1', gitlab: 'main S1' });
  await pair.move('both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main:alias');
  assert.match(seen.output, /another name of a branch\. Push to its target/);
  await assertSides(pair, { old: 'alias S1, main S1', gitlab: 'main S1' });
});

test('another name of a branch that is gone stays, whatever GitLab has of that name, and takes no push', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const alias = path.join(pair.old, 'refs/heads/alias');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/none');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/\u00e0', 'refs/heads/none');
  // As git wrote them long ago, and still reads them.
  fs.symlinkSync('refs/heads/none', path.join(pair.old, 'refs/tags/v1'));
  await pair.pass();
  await pair.move('both');
  const clone = await pair.clone('gitlab', 'stranger');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:alias', 'main:\u00e0', 'main:refs/tags/v1', 'main:new');
  await pair.pass();
  await assertSides(pair, {
    old: 'main S1, new S1',
    gitlab: 'alias S1, main S1, new S1, \u00e0 S1, tag:v1 S1',
  });
  assert.equal(fs.readFileSync(alias, 'utf8'), 'ref: refs/heads/none\n');
  const { repositories } = await pair.call('verify', { paths: [] });
  assert.deepEqual(
    repositories.flatMap(({ differences }) => differences),
    [],
  );
  const other = await pair.clone('old', 'ada');
  await pair.commit(other, 'A');
  for (const ref of ['refs/heads/alias', 'refs/tags/v1'])
    assert.match((await pair.git(other, 'push', 'origin', `main:${ref}`)).output, /another name of a branch\. Push to/);
  assert.equal((await pair.git(pair.old, 'rev-parse', '--verify', '--quiet', 'refs/heads/none')).code, 1);
});
