/** A side that goes back in time, with the fence that tells it: docs/design/fence.md. Numbers are its rules. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { takeLock } from '../../../agent/machine/flock';
import { makeBoot } from '../kit/boot';
import { assertLevel, assertSides, attic, untilLevel } from '../kit/ending';
import { noConsent, pairIn } from '../kit/pair';
import { fenced, fencesOf, kinds, snapshot, withoutWakes } from './kit';

test('GitLab carries one fence from the first copy on, old has its copy, and neither is in a clone', async (t) => {
  const pair = await fenced(t, 'mirror');
  const [fence = '', ...more] = await fencesOf(pair);
  assert.deepEqual(more, []);
  const [id = '', value = ''] = fence.split(' ');
  assert.equal(readFileSync(path.join(pair.old, 'git-handover/fence'), 'utf8'), `${value}\n`);
  assert.match(readFileSync(path.join(pair.state, 'state'), 'latin1'), new RegExp(`^fence ${id} ${value} sure$`, 'm'));
  assert.equal(await pair.must(pair.old, 'for-each-ref', 'refs/handover'), '');
  const clone = await pair.clone('gitlab', 'ada');
  assert.doesNotMatch(await pair.must(clone, 'for-each-ref'), new RegExp(`handover|${value}`));
});

test('a look that finds nothing new moves nothing; a push does, in mirror and in both (4)', async (t) => {
  const pair = await fenced(t, 'mirror');
  const seen = [await fencesOf(pair)];
  await pair.pass();
  assert.deepEqual(await fencesOf(pair), seen[0]);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await untilLevel(pair, 'main A');
  seen.push(await fencesOf(pair));
  await pair.move('both');
  seen.push(await fencesOf(pair));
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet');
  await pair.pass();
  seen.push(await fencesOf(pair));
  await pair.pass();
  assert.deepEqual(await fencesOf(pair), seen[3]);
  assert.equal(new Set(seen.map((fences) => fences.join())).size, 4);
  await assertLevel(pair, 'main B');
});

test('old comes back from a snapshot of mirror while GitLab is in both: it overwrites nothing, and takes no push', async (t) => {
  const pair = await fenced(t, 'mirror');
  withoutWakes(pair);
  const clone = await pair.clone('old', 'ada');
  const back = snapshot(pair.old, pair.state);
  await pair.move('both');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  const other = await pair.clone('gitlab', 'grace');
  await pair.commit(other, 'B');
  await pair.must(other, 'push', '--quiet');
  await pair.pass();
  await assertLevel(pair, 'main B');
  back();
  await pair.pass();
  await assertSides(pair, { old: 'main S1', gitlab: 'main B' });
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
  const late = await pair.clone('old', 'late');
  await pair.commit(late, 'L');
  assert.match((await pair.git(late, 'push')).output, /one of them was restored from a backup\. Nothing was taken/);
  await assertSides(pair, { old: 'main S1', gitlab: 'main B' });
});

test('the repository alone comes back from a snapshot in mirror: nothing is sent (8)', async (t) => {
  const pair = await fenced(t, 'mirror');
  withoutWakes(pair);
  const back = snapshot(pair.old);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await pair.pass();
  await assertLevel(pair, 'main A');
  back();
  await pair.pass();
  await assertSides(pair, { old: 'main S1', gitlab: 'main A' });
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
});

test('`git push --mirror` from a clone of old takes the fence away: a new one is planted, and nothing stops (3b)', async (t) => {
  const pair = await fenced(t, 'both');
  const first = await fencesOf(pair);
  const copy = path.join(pair.folder, 'copy.git');
  await pair.must(pair.folder, 'clone', '--quiet', '--mirror', pair.old, copy);
  await pair.must(copy, 'push', '--quiet', '--mirror', pair.gitlab);
  assert.deepEqual(await fencesOf(pair), []);
  await pair.pass();
  const second = await fencesOf(pair);
  assert.equal(second.length, 1);
  assert.notDeepEqual(second, first);
  assert.deepEqual(await kinds(pair), []);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await untilLevel(pair, 'main A');
});

test('a push is taken away at GitLab before a fence covers it: that ref waits, the others go on, a person decides (7)', async (t) => {
  const pair = await fenced(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const other = await pair.clone('gitlab', 'grace');
  await pair.must(other, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  const lock = await takeLock(path.join(pair.state, 'lock'), 5_000);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.must(pair.gitlab, 'update-ref', 'refs/heads/main', 'refs/heads/topic');
  await pair.commit(other, 'T');
  await pair.must(other, 'push', '--quiet', 'origin', 'main:topic');
  lock?.release();
  await pair.pass();
  await pair.pass();
  await assertSides(pair, { old: 'main A, topic T', gitlab: 'main S1, topic T' });
  assert.deepEqual(await kinds(pair), ['doubtful refs/heads/main']);
  await pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/main',
    keep: 'old',
    reason: 'r',
    who: 'w',
    apply: true,
  });
  await assertLevel(pair, 'main A, topic T');
  assert.deepEqual(await kinds(pair), []);
  assert.equal(await attic(pair), 'heads/main S1');
});

test('after a restart of old the first push in mirror asks GitLab; where GitLab is away it is taken all the same (9)', async (t) => {
  const pair = await fenced(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  const boot = makeBoot(pair);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', boot.receivePack);
  assert.match(readFileSync(path.join(pair.state, 'state'), 'latin1'), new RegExp(`^seen ${boot.id}$`, 'm'));
  await pair.sshd.stop();
  const later = makeBoot(pair);
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', later.receivePack);
  assert.doesNotMatch(readFileSync(path.join(pair.state, 'state'), 'latin1'), new RegExp(`^seen ${later.id}$`, 'm'));
});

test('with a fence a push in both goes the short way as well: no Node judges it', async (t) => {
  const pair = await fenced(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const log = path.join(pair.agentFolder, 'log/agent.jsonl');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  assert.doesNotMatch(readFileSync(log, 'utf8'), /"push-looked"/);
  rmSync(path.join(pair.state, 'facts'));
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet');
  assert.match(readFileSync(log, 'utf8'), /"push-looked"/);
  await untilLevel(pair, 'main B');
});

test('a change of phase that GitLab does not hear of lets nobody in before a pass has told it (6)', async (t) => {
  const pair = await fenced(t, 'mirror');
  const hook = path.join(pair.gitlab, 'hooks/pre-receive');
  // The first move of the fence proves the key; the one that opens the gate is refused.
  const second = 'grep -q refs/handover || exit 0\nmkdir proved 2>/dev/null';
  writeFileSync(hook, `#!/bin/sh\n${second}\n`, { mode: 0o755 });
  await assert.rejects(pair.move('both'), /takes nothing from the agent's key/);
  const state = (): string => readFileSync(path.join(pair.state, 'state'), 'latin1');
  assert.match(state(), /^phase both$/m);
  assert.match(state(), /^gate yes$/m);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await assertLevel(pair, 'main S1');
  rmSync(hook);
  await pair.move('both');
  assert.equal((await push).code, 0);
  assert.match(state(), /^gate no$/m);
  await assertLevel(pair, 'main A');
});

test('a first copy does not begin where another old server has its fence, until the settings name it (13)', async (t) => {
  const pair = await pairIn(t, 'old', { limits: { fence: true } });
  const blob = (await pair.must(pair.gitlab, 'hash-object', '-w', '-t', 'blob', '/dev/null')).trim();
  await pair.must(pair.gitlab, 'update-ref', 'refs/handover/fence/0f9e', blob);
  await assert.rejects(
    pair.move('mirror'),
    /its mark refs\/handover\/fence\/0f9e is in it.*add 0f9e to .otherFences./s,
  );
  await assertSides(pair, { old: 'main S1', gitlab: '' });
  const config = { ...pair.config, otherFences: ['0f9e'] };
  await pair.call('move', { config, to: 'mirror', consent: noConsent });
  await assertLevel(pair, 'main S1');
  const fences = await fencesOf(pair);
  assert.equal(fences.length, 2);
  assert.equal(fences.includes(`0f9e ${blob}`), true);
});

test('a key whose pushes GitLab does not take keeps a repository out of both, and its people where they are', async (t) => {
  const pair = await fenced(t, 'mirror');
  const hook = path.join(pair.gitlab, 'hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho "This deploy key does not have write access to this project." >&2\nexit 1\n', {
    mode: 0o755,
  });
  await assert.rejects(pair.move('both'), /takes nothing from the agent's key.*does not have write access/s);
  assert.match(readFileSync(path.join(pair.state, 'state'), 'latin1'), /^phase mirror$/m);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  rmSync(hook);
  await pair.move('both');
  await assertLevel(pair, 'main A');
});
