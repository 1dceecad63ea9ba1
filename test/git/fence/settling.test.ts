/** While a side is not where it was left a person settles by `rejoin`, and no other command sends (10). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { test } from 'node:test';
import { pairIn, type Pair } from '../kit/pair';
import { fenced, fencesOf, kinds, snapshot, withoutWakes } from './kit';

async function assertNothingSent(pair: Pair, ref: string): Promise<void> {
  const before = await pair.refs('gitlab');
  const command = { path: pair.old, ref, keep: 'old', reason: 'r', who: 'w', apply: true } as const;
  await assert.rejects(pair.call('resolve', command), /restored from a backup|not where/);
  assert.equal(await pair.refs('gitlab'), before);
}

test('what was listed before the repository came back from a snapshot is not sent by `resolve`', async (t) => {
  const pair = await fenced(t, 'mirror');
  const [ada, zoe] = [await pair.clone('old', 'ada'), await pair.clone('gitlab', 'zoe')];
  await pair.must(ada, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  await pair.commit(zoe, 'Z');
  await pair.must(zoe, 'push', '--quiet', 'origin', 'HEAD:topic', '--force');
  await pair.pass();
  assert.deepEqual(await kinds(pair), ['conflict refs/heads/topic']);
  withoutWakes(pair);
  const back = snapshot(pair.old);
  await pair.commit(ada, 'A');
  await pair.must(ada, 'push', '--quiet', 'origin', 'main', 'HEAD:topic');
  await pair.pass();
  back();
  await pair.pass();
  assert.deepEqual(await kinds(pair), ['conflict refs/heads/topic', 'travelled refs/']);
  await assertNothingSent(pair, 'refs/heads/topic');
});

test('what a stopped pass holds back is not given back to a GitLab that travelled', async (t) => {
  const pair = await fenced(t, 'both');
  const bob = await pair.clone('gitlab', 'bob');
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    await pair.must(bob, 'switch', '--quiet', '--create', name, 'main');
    await pair.commit(bob, `c-${name}`);
  }
  await pair.must(bob, 'push', '--quiet', 'origin', ...names);
  await pair.pass();
  for (const name of names) await pair.must(pair.gitlab, 'update-ref', '-d', `refs/heads/${name}`);
  await pair.pass();
  const other = (await pair.must(pair.gitlab, 'hash-object', '-w', path.join(pair.gitlab, 'config'))).trim();
  const [id = ''] = ((await fencesOf(pair))[0] ?? '').split(' ');
  await pair.must(pair.gitlab, 'update-ref', `refs/handover/fence/${id}`, other);
  await pair.pass();
  assert.deepEqual(await kinds(pair), ['stopped refs/', 'travelled refs/']);
  await assertNothingSent(pair, 'refs/heads/a');
});

test('a backup of second names (`cp -al`) of a repository with logs stops no ref', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.must(pair.old, 'config', 'core.logAllRefUpdates', 'true');
  const ada = await pair.clone('old', 'ada');
  await pair.commit(ada, 'A');
  await pair.must(ada, 'push', '--quiet', 'origin', 'main');
  await pair.move('mirror');
  await pair.move('both');
  execFileSync('cp', ['-al', pair.old, path.join(pair.folder, 'backup.git')]);
  const bob = await pair.clone('gitlab', 'bob');
  await pair.commit(bob, 'B');
  await pair.must(bob, 'push', '--quiet', 'origin', 'main', 'main:topic');
  for (let turn = 0; turn < 3; turn += 1) await pair.pass();
  assert.deepEqual(await kinds(pair), []);
});
