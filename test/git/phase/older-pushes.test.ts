/** Pushes that began before the hooks were installed, and that no lease tells of. */
import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test } from 'node:test';
import { startOf } from '../../../agent/machine/processes';
import { assertLevel } from '../kit/ending';
import { putGate, startMove } from '../kit/gate';
import { pairIn } from '../kit/pair';

test('old to mirror waits for a push that began before the hooks were installed', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.call('detach', { path: pair.old });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  await pair.call('attach', { config: pair.config });
  const move = startMove(pair, 'mirror');
  await move.says(/began before the hooks/);
  gate.open();
  assert.equal((await push).code, 0);
  assert.equal((await move.ended).code, 0);
  await assertLevel(pair, 'main A');
});

test('a push that began before the hooks and hangs: named, and ended only with consent', async (t) => {
  const pair = await pairIn(t, 'old', { limits: { holdMs: 3_000 } });
  await pair.call('detach', { path: pair.old });
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { receivePack } = await gate.arrived();
  await pair.call('attach', { config: pair.config });
  await assert.rejects(pair.move('mirror'), new RegExp(`older-pushes.*${receivePack}`));
  assert.equal((await pair.move('mirror', { endOlderPushes: true })).phase, 'mirror');
  assert.equal(startOf(receivePack), null);
  gate.open();
  assert.notEqual((await push).code, 0);
  await assertLevel(pair, 'main S1');
});
