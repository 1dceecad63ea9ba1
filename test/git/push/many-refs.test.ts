import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { until } from '../../lab/processes';
import { kill, startMove } from '../kit/gate';
import { countPushes, hookOfGitlab, makeRefs, updateRefs } from '../kit/manyrefs';
import { startPair, type Pair } from '../kit/pair';

const many = 3_000;

/** GitLab's pushes may be long, so that the number of pushes does not hang on this machine. */
async function start(longestGitlabPushMs = 60_000): Promise<Pair> {
  return startPair({ commits: 3, limits: { longestGitlabPushMs } });
}

function leftFolder(pair: Pair): boolean {
  return fs.existsSync(path.join(pair.state, 'sending'));
}

test('a first copy of 3,000 refs takes three pushes: the default branch, a thousand, and the rest', async (t) => {
  const pair = await start();
  t.after(() => pair.close());
  await makeRefs(pair, many);
  const pushes = countPushes(pair);
  await pair.move('mirror');
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.deepEqual(pushes(), [1, 1_000, many - 1_000]);
  assert.equal(leftFolder(pair), false);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('in mirror, 600 refs that are moved, forced, deleted and made at once reach GitLab in one push', async (t) => {
  const pair = await start();
  t.after(() => pair.close());
  const names = await makeRefs(pair, many);
  await pair.move('mirror');
  const pushes = countPushes(pair);
  const clone = await pair.clone('old', 'ada');
  const id = await pair.commit(clone, 'work');
  await pair.must(clone, 'checkout', '--quiet', '--orphan', 'other');
  const other = await pair.commit(clone, 'unrelated');
  const specs = names
    .slice(0, 600)
    .map((ref, index) =>
      index < 100 ? `:${ref}` : index < 200 ? `${id}:${ref}x` : `${index % 3 === 0 ? other : id}:${ref}`,
    );
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', ...specs);
  await until('GitLab to be level', async () => (await pair.refs('old')) === (await pair.refs('gitlab')), 60_000);
  assert.deepEqual(pushes(), [600]);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('who creates a ref on GitLab between the look and the push, or while it is under way, is a conflict and is never overwritten', async (t) => {
  const pair = await start();
  t.after(() => pair.close());
  await makeRefs(pair, many);
  const [, , first = ''] = (await pair.must(pair.old, 'rev-list', 'main')).trim().split('\n');
  const [early, late] = ['refs/heads/topic/b7', 'refs/heads/topic/b2004'];
  // Both values are ancestors of what old has: without a lease git would fast-forward them.
  updateRefs(pair.old, [
    `create ${early} ${(await pair.must(pair.old, 'rev-parse', 'main')).trim()}`,
    `update ${late} ${(await pair.must(pair.old, 'rev-parse', 'main')).trim()}`,
  ]);
  hookOfGitlab(
    pair,
    'pre-receive',
    `git rev-parse -q --verify ${early} >/dev/null || grep -q ' refs/heads/topic/b0$' "$updates" || GIT_DIR=${pair.gitlab} GIT_OBJECT_DIRECTORY=${pair.old}/objects git update-ref ${early} ${first}
! grep -q ' ${late}$' "$updates" || git update-ref ${late} ${first}`,
  );
  await assert.rejects(pair.move('mirror'), /conflict/);
  const status = await pair.call('status', { paths: [] });
  const troubles = status.repositories.flatMap(({ troubles: shown }) => shown.map(({ ref, kind }) => `${ref} ${kind}`));
  assert.deepEqual(troubles.sort(), [`${late} conflict`, `${early} conflict`].sort());
  for (const ref of [early, late]) assert.equal((await pair.must(pair.gitlab, 'rev-parse', ref)).trim(), first);
});

test('one ref of 3,000 that GitLab declines is shown, and all others are copied', async (t) => {
  const pair = await start();
  t.after(() => pair.close());
  await makeRefs(pair, many);
  const bad = 'refs/heads/topic/b1234';
  hookOfGitlab(
    pair,
    'pre-receive',
    `if grep -q ' ${bad}$' "$updates"; then echo 'GitLab: not this one' >&2; exit 1; fi`,
  );
  await assert.rejects(pair.move('mirror'), /declined/);
  const left = (await pair.refs('old'))
    .split('\n')
    .filter((line) => !line.startsWith(`${bad} `))
    .join('\n');
  assert.equal(await pair.refs('gitlab'), left);
});

test('a first copy that is killed while its push is under way keeps the lock until that push is over, and the next run finishes it', async (t) => {
  const pair = await start(5_000);
  t.after(() => pair.close());
  await makeRefs(pair, many);
  const [here, go] = [path.join(pair.folder, 'here'), path.join(pair.folder, 'go')];
  hookOfGitlab(
    pair,
    'pre-receive',
    `[ "$(wc -l <"$updates")" = 1 ] || : >${here}\nwhile [ -e ${here} ] && [ ! -e ${go} ]; do sleep 0.05; done`,
  );
  const move = startMove(pair, 'mirror');
  await until('the second push to be under way', () => fs.existsSync(here), 15_000);
  kill(move.child.pid ?? 0);
  await move.ended;
  assert.equal(leftFolder(pair), true);
  const again = startMove(pair, 'mirror');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(leftFolder(pair), true);
  assert.equal(again.child.exitCode, null);
  fs.writeFileSync(go, '');
  const { code, output } = await again.ended;
  assert.match(output, /"kind":"result"/, `${code}: ${output}`);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.equal(leftFolder(pair), false);
});
