/** A push that is killed, or loses a race, at each moment that counts. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { kill, onlyPush, putGate, startMove } from '../kit/gate';
import { pairIn } from '../kit/pair';

test('killed after the forward, before the local update: GitLab has it, and a pass brings it to old', async (t) => {
  const pair = await pairIn(t, 'both');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'post-receive', 'forward');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const { hook, receivePack } = onlyPush(pair);
  kill(receivePack, hook);
  gate.open();
  assert.notEqual((await push).code, 0);
  await pair.pass();
  await assertLevel(pair, 'main A');
});

test('killed before post-receive in mirror: the update is on old, its record counts as ended, and the next pass sends it', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  const clone = await pair.clone('old', 'ada');
  const gate = putGate(pair, path.join(pair.old, 'git-handover/hooks'), 'post-receive', 'post');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', '--force', 'origin', 'main');
  const { hook, receivePack } = await gate.arrived();
  kill(receivePack, hook);
  await push;
  const status = await pair.pass();
  assert.deepEqual(status.troubles, []);
  await assertLevel(pair, 'main A');
});

test('killed before post-receive in both: both sides have it', async (t) => {
  const pair = await pairIn(t, 'both');
  const gate = putGate(pair, path.join(pair.old, 'git-handover/hooks'), 'post-receive', 'post');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { hook, receivePack } = await gate.arrived();
  kill(receivePack, hook);
  await push;
  await pair.pass();
  await assertLevel(pair, 'main A');
  assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), []);
});

test('a request that died without an answer keeps a move back waiting until it can no longer land', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { longestGitlabPushMs: 3_000 } });
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'slow');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const { hook, receivePack } = onlyPush(pair);
  kill(receivePack, hook);
  await push;
  const move = startMove(pair, 'mirror');
  await move.says(/without an answer/);
  gate.open();
  assert.equal((await move.ended).code, 0);
  await assertLevel(pair, 'main A');
});

test('two pushers race on one ref: one wins, the other is told to fetch, nothing is lost', async (t) => {
  const pair = await pairIn(t, 'both');
  const clones = await Promise.all(['ada', 'bob'].map((name) => pair.clone('old', name)));
  const names = ['A', 'B'];
  await Promise.all(clones.map((clone, index) => pair.commit(clone, names[index] ?? '')));
  const seen = await Promise.all(clones.map((clone) => pair.git(clone, 'push', 'origin', 'main')));
  assert.deepEqual(seen.map(({ code }) => code).sort(), [0, 1]);
  await pair.pass();
  await assertLevel(pair, `main ${names[seen.findIndex(({ code }) => code === 0)] ?? ''}`);
});
