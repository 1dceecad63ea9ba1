/** A change of phase that is killed or runs out of time, and the pushes that meet its hold. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { startOf } from '../../../agent/machine/processes';
import { until } from '../../lab/processes';
import { assertLevel } from '../kit/ending';
import { kill, parentOf, putGate, startMove } from '../kit/gate';
import { pairIn } from '../kit/pair';

for (const [step, says] of [
  ['the hold', /holding new pushes/],
  ['the drain', /waiting for 1 running/],
] as const) {
  test(
    `a change of phase killed during ${step}: its hold ends with it, pushes go on, and the move is simply run again`,
    { timeout: 120_000 },
    async (t) => {
      const pair = await pairIn(t, 'mirror', { limits: { holdMs: 600_000 } });
      const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
      const clone = await pair.clone('old', 'ada');
      await pair.commit(clone, 'A');
      const push = pair.git(clone, 'push', 'origin', 'main');
      await gate.arrived();
      const move = startMove(pair, 'both');
      await move.says(says);
      kill(move.child.pid ?? 0);
      await move.ended;
      gate.open();
      assert.equal((await push).code, 0);
      await pair.commit(clone, 'B');
      assert.equal((await pair.git(clone, 'push', 'origin', 'main')).code, 0);
      assert.equal((await pair.move('both')).phase, 'both');
      await assertLevel(pair, 'main B');
    },
  );
}

test('a change of phase killed while it levels: its lock ends with it', async (t) => {
  const pair = await pairIn(t, 'mirror');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'levelling');
  const move = startMove(pair, 'both');
  await gate.arrived();
  kill(move.child.pid ?? 0);
  await move.ended;
  gate.open();
  assert.equal((await pair.move('both')).phase, 'both');
  await assertLevel(pair, 'main A');
});

test('a push that waits for a hold goes on by the rules of the new phase', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const [first, second] = [await pair.clone('old', 'ada'), await pair.clone('old', 'bob')];
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  await pair.commit(first, 'A');
  const straddling = pair.git(first, 'push', 'origin', 'main:first');
  await gate.arrived();
  const move = startMove(pair, 'both');
  await move.says(/waiting for 1 running/);
  const id = await pair.commit(second, 'B');
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
  await assertLevel(pair, 'first A, main S1, second B');
});

test('a hold that ran out under a live move: the move fails, the repository stays in its phase', async (t) => {
  const pair = await pairIn(t, 'mirror', { limits: { holdMs: 3_000 } });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const seen = await startMove(pair, 'both').ended;
  assert.equal(seen.code, 3);
  assert.match(seen.output, /hold-expired/);
  gate.open();
  assert.equal((await push).code, 0);
  assert.equal((await pair.move('both')).phase, 'both');
  await assertLevel(pair, 'main A');
});

test('a push beyond its limit is ended before the phase changes, not overlooked', async (t) => {
  const pair = await pairIn(t, 'mirror', { limits: { leaseMs: 1_000 } });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { hook } = await gate.arrived();
  const shim = parentOf(hook);
  assert.equal((await pair.move('both')).phase, 'both');
  assert.equal(startOf(shim), null);
  gate.open();
  assert.notEqual((await push).code, 0);
  await pair.pass();
  await assertLevel(pair, 'main S1');
});
