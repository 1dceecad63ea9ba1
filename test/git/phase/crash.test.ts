import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { startOf } from '../../../agent/machine/processes';
import { until } from '../../lab/processes';
import { kill, parentOf, putGate, startMove } from '../kit/gate';
import { letters } from '../kit/letters';
import { startPair, type Pair } from '../kit/pair';

async function bothSides(pair: Pair): Promise<{ old: string; gitlab: string }> {
  const draw = letters();
  return { old: draw(await pair.refs('old')), gitlab: draw(await pair.refs('gitlab')) };
}

const level = { old: 'main A', gitlab: 'main A' };

/** The receive-pack on old that a waiting GitLab hook serves: the only one in the repository. */
function receivePackOn(pair: Pair): number {
  const pids = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          fs.readlinkSync(`/proc/${pid}/cwd`) === pair.old &&
          fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('receive-pack')
        );
      } catch {
        return false;
      }
    });
  return Number(pids[0] ?? 0);
}

test('killed after the forward, before the local update: GitLab has it, and a pass brings it to old', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.move('both');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'post-receive', 'forward');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const lease = fs.readdirSync(path.join(pair.state, 'pushes')).find((name) => /\.\d+$/.test(name)) ?? '';
  kill(receivePackOn(pair), Number(lease.split('.')[3]));
  gate.open();
  assert.notEqual((await push).code, 0);
  await pair.pass();
  assert.deepEqual(await bothSides(pair), level);
});

test('killed before post-receive in mirror: the update is on old, its record counts as ended, and the next pass sends it', async (t) => {
  const pair = await startPair({ commits: 2 });
  t.after(() => pair.close());
  await pair.move('mirror');
  const clone = await pair.clone('old', 'ada');
  const gate = putGate(pair, path.join(pair.old, 'git-handover/hooks'), 'post-receive', 'post');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'rewritten');
  const push = pair.git(clone, 'push', '--force', 'origin', 'main');
  const { hook, receivePack } = await gate.arrived();
  kill(receivePack, hook);
  await push;
  const status = await pair.pass();
  assert.deepEqual(status.troubles, []);
  assert.deepEqual(await bothSides(pair), level);
});

test('killed before post-receive in both: both sides have it', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.move('both');
  const gate = putGate(pair, path.join(pair.old, 'git-handover/hooks'), 'post-receive', 'post');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { hook, receivePack } = await gate.arrived();
  kill(receivePack, hook);
  await push;
  await pair.pass();
  assert.deepEqual(await bothSides(pair), level);
  assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), []);
});

test('a request that died without an answer keeps a move back waiting until it can no longer land', async (t) => {
  const pair = await startPair({ limits: { longestGitlabPushMs: 3_000 } });
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.move('both');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'slow');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const lease = fs.readdirSync(path.join(pair.state, 'pushes')).find((name) => /\.\d+$/.test(name)) ?? '';
  kill(receivePackOn(pair), Number(lease.split('.')[3]));
  await push;
  const move = startMove(pair, 'mirror');
  await move.says(/without an answer/);
  gate.open();
  assert.equal((await move.ended).code, 0);
  assert.deepEqual(await bothSides(pair), level);
});

for (const [step, says] of [
  ['the hold', /holding new pushes/],
  ['the drain', /waiting for 1 running/],
] as const) {
  test(
    `a change of phase killed during ${step}: its hold ends with it, pushes go on, and the move is simply run again`,
    { timeout: 120_000 },
    async (t) => {
      const pair = await startPair({ limits: { holdMs: 600_000 } });
      t.after(() => pair.close());
      await pair.move('mirror');
      const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
      const clone = await pair.clone('old', 'ada');
      await pair.commit(clone, 'one');
      const push = pair.git(clone, 'push', 'origin', 'main');
      await gate.arrived();
      const move = startMove(pair, 'both');
      await move.says(says);
      kill(move.child.pid ?? 0);
      await move.ended;
      gate.open();
      assert.equal((await push).code, 0);
      await pair.commit(clone, 'two');
      assert.equal((await pair.git(clone, 'push', 'origin', 'main')).code, 0);
      assert.equal((await pair.move('both')).phase, 'both');
      assert.deepEqual(await bothSides(pair), level);
    },
  );
}

test('a change of phase killed while it levels: its lock ends with it', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'levelling');
  const move = startMove(pair, 'both');
  await gate.arrived();
  kill(move.child.pid ?? 0);
  await move.ended;
  gate.open();
  assert.equal((await pair.move('both')).phase, 'both');
  assert.deepEqual(await bothSides(pair), level);
});

test('a push that waits for a hold goes on by the rules of the new phase', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  const [first, second] = [await pair.clone('old', 'ada'), await pair.clone('old', 'bob')];
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  await pair.commit(first, 'one');
  const straddling = pair.git(first, 'push', 'origin', 'main:first');
  await gate.arrived();
  const move = startMove(pair, 'both');
  await move.says(/waiting for 1 running/);
  const id = await pair.commit(second, 'two');
  const waiting = pair.git(second, 'push', 'origin', 'main:second');
  const stages = (): string =>
    fs
      .readdirSync(path.join(pair.state, 'pushes'))
      .filter((name) => /\.\d+$/.test(name))
      .map((name) => fs.readFileSync(path.join(pair.state, 'pushes', name), 'utf8'))
      .join();
  await until('the second push to wait', () => /\nwait\n/.test(stages()), 10_000);
  gate.open();
  assert.equal((await move.ended).code, 0);
  assert.doesNotMatch((await straddling).output, /GitLab has/);
  assert.match((await waiting).output, new RegExp(`GitLab has second at ${id.slice(0, 8)}`));
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
});

test('a hold that ran out under a live move: the move fails, the repository stays in its phase', async (t) => {
  const pair = await startPair({ limits: { holdMs: 3_000 } });
  t.after(() => pair.close());
  await pair.move('mirror');
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const seen = await startMove(pair, 'both').ended;
  assert.equal(seen.code, 3);
  assert.match(seen.output, /hold-expired/);
  gate.open();
  assert.equal((await push).code, 0);
  assert.equal((await pair.move('both')).phase, 'both');
});

test('a push beyond its limit is ended before the phase changes, not overlooked', async (t) => {
  const pair = await startPair({ limits: { leaseMs: 1_000 } });
  t.after(() => pair.close());
  await pair.move('mirror');
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { hook } = await gate.arrived();
  const shim = parentOf(hook);
  assert.equal((await pair.move('both')).phase, 'both');
  assert.equal(startOf(shim), null);
  gate.open();
  assert.notEqual((await push).code, 0);
  await pair.pass();
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
});

test('two pushers race on one ref: one wins, the other is told to fetch, nothing is lost', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.move('both');
  const clones = await Promise.all(['ada', 'bob'].map((name) => pair.clone('old', name)));
  const ids = await Promise.all(clones.map((clone, index) => pair.commit(clone, `race ${index}`)));
  const seen = await Promise.all(clones.map((clone) => pair.git(clone, 'push', 'origin', 'main')));
  assert.deepEqual(seen.map(({ code }) => code).sort(), [0, 1]);
  const winner = ids[seen.findIndex(({ code }) => code === 0)] ?? '';
  await pair.pass();
  assert.match(await pair.refs('old'), new RegExp(winner));
  assert.deepEqual(await bothSides(pair), level);
});

test('old to mirror waits for a push that began before the hooks were installed', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.call('detach', { path: pair.old });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'early');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  await pair.call('attach', { config: pair.config });
  const move = startMove(pair, 'mirror');
  await move.says(/began before the hooks/);
  gate.open();
  assert.equal((await push).code, 0);
  assert.equal((await move.ended).code, 0);
  assert.deepEqual(await bothSides(pair), level);
});

test('a push that began before the hooks and hangs: named, and ended only with consent', async (t) => {
  const pair = await startPair({ limits: { holdMs: 3_000 } });
  t.after(() => pair.close());
  await pair.call('detach', { path: pair.old });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'early');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { receivePack } = await gate.arrived();
  await pair.call('attach', { config: pair.config });
  await assert.rejects(pair.move('mirror'), new RegExp(`older-pushes.*${receivePack}`));
  assert.equal((await pair.move('mirror', { endOlderPushes: true })).phase, 'mirror');
  assert.equal(startOf(receivePack), null);
  gate.open();
  assert.notEqual((await push).code, 0);
  assert.deepEqual(await bothSides(pair), level);
});
