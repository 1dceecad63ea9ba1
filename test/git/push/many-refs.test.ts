import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../lab/processes';
import { assertLevel, assertSides, bothSides } from '../kit/ending';
import { isWaitedFor, kill, startMove } from '../kit/gate';
import { countPushes, hookOfGitlab, makeRefs, updateRefs } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

const many = 3_000;

/** GitLab's pushes may be long, so that the number of pushes does not hang on this machine. */
async function start(t: TestContext, longestGitlabPushMs = 60_000): Promise<Pair> {
  return pairIn(t, 'old', { commits: 3, limits: { longestGitlabPushMs } });
}

function leftFolder(pair: Pair): boolean {
  return fs.existsSync(path.join(pair.state, 'sending'));
}

test('a first copy of 3,000 refs takes three pushes: the default branch, a thousand, and the rest', async (t) => {
  const pair = await start(t);
  await makeRefs(pair, many);
  const { old: made } = await bothSides(pair);
  const pushes = countPushes(pair);
  await pair.move('mirror');
  await assertLevel(pair, made);
  assert.deepEqual(pushes(), [1, 1_000, many - 1_000]);
  assert.equal(leftFolder(pair), false);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('in mirror, 600 refs that are moved, forced, deleted and made at once reach GitLab in one push', async (t) => {
  const pair = await start(t);
  const names = await makeRefs(pair, many);
  await pair.move('mirror');
  const pushes = countPushes(pair);
  const clone = await pair.clone('old', 'ada');
  const id = await pair.commit(clone, 'A');
  await pair.must(clone, 'checkout', '--quiet', '--orphan', 'other');
  const other = await pair.commit(clone, 'B');
  const lines = (await pair.refs('old')).trim().split('\n');
  const wanted = new Map(lines.map((line) => [line.slice(0, -41), line.slice(-40)]));
  const specs = names.slice(0, 600).map((name, index) => {
    const ref = index >= 100 && index < 200 ? `${name}x` : name;
    const oid = index >= 200 && index % 3 === 0 ? other : id;
    if (index < 100) wanted.delete(ref);
    else wanted.set(ref, oid);
    return index < 100 ? `:${ref}` : `${oid}:${ref}`;
  });
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', ...specs);
  await until('GitLab to be level', async () => (await pair.refs('old')) === (await pair.refs('gitlab')), 60_000);
  const pictured = [...wanted].map(([ref, oid]) => `${ref} ${oid}`).sort();
  await assertLevel(pair, pair.letters.draw(pictured.join('\n')));
  assert.deepEqual(pushes(), [600]);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('who creates a ref on GitLab between the look and the push, or while it is under way, is a conflict and is never overwritten', async (t) => {
  const pair = await start(t);
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
  const { old: made } = await bothSides(pair);
  await assert.rejects(pair.move('mirror'), /conflict/);
  const status = await pair.call('status', { paths: [] });
  const troubles = status.repositories.flatMap(({ troubles: shown }) => shown.map(({ ref, kind }) => `${ref} ${kind}`));
  assert.deepEqual(troubles.sort(), [`${late} conflict`, `${early} conflict`].sort());
  const theirs = made.replace('topic/b7 S3', 'topic/b7 S1').replace('topic/b2004 S3', 'topic/b2004 S1');
  await assertSides(pair, { old: made, gitlab: theirs });
});

test('one ref of 3,000 that GitLab declines is shown, and all others are copied', async (t) => {
  const pair = await start(t);
  await makeRefs(pair, many);
  const bad = 'refs/heads/topic/b1234';
  hookOfGitlab(
    pair,
    'pre-receive',
    `if grep -q ' ${bad}$' "$updates"; then echo 'GitLab: not this one' >&2; exit 1; fi`,
  );
  const { old: made } = await bothSides(pair);
  await assert.rejects(pair.move('mirror'), /declined/);
  const taken = made.split(', ').filter((one) => !one.startsWith('topic/b1234 '));
  await assertSides(pair, { old: made, gitlab: taken.join(', ') });
});

test('a first copy that is killed while its push is under way keeps the lock until that push is over, and the next run finishes it', async (t) => {
  const pair = await start(t, 5_000);
  await makeRefs(pair, many);
  const { old: made } = await bothSides(pair);
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
  await until('the next run to wait for the lock', () => isWaitedFor(path.join(pair.state, 'lock')), 60_000);
  assert.equal(leftFolder(pair), true);
  assert.equal(again.child.exitCode, null);
  fs.writeFileSync(go, '');
  const { code, output } = await again.ended;
  assert.match(output, /"kind":"result"/, `${code}: ${output}`);
  await assertLevel(pair, made);
  assert.equal(leftFolder(pair), false);
});
