/** `pulumi up` from two places: who comes second undoes nothing unseen, and hears of no error where all is done. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { until } from '../../lab/processes';
import { assertLevel } from '../kit/ending';
import { isWaitedFor, putGate, startMove } from '../kit/gate';
import { noConsent, pairIn } from '../kit/pair';

test('a move whose caller saw another phase does not undo what somebody else chose meanwhile', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.move('warn');
  const request = { config: pair.config, to: 'mirror', consent: noConsent } as const;
  await assert.rejects(pair.call('move', { ...request, from: 'both' }), /moved-on: .* moved on to warn/);
  assert.equal((await pair.call('status', { paths: [] })).repositories[0]?.phase, 'warn');
  assert.equal((await pair.call('move', { ...request, to: 'warn', from: 'both' })).phase, 'warn');
  assert.equal((await pair.call('move', { ...request, from: 'warn' })).phase, 'mirror');
});

test('two who ask for the same move at once: who waited for the other hears that it is done', async (t) => {
  const pair = await pairIn(t, 'mirror');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const own = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await own.arrived();
  const first = startMove(pair, 'both');
  await first.says(/waiting for 1 running/);
  const theirs = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'levelling');
  own.open();
  assert.equal((await push).code, 0);
  await theirs.arrived();
  const second = startMove(pair, 'both');
  await until('the second move to wait for the lock', () => isWaitedFor(path.join(pair.state, 'lock')), 15_000);
  theirs.open();
  for (const { code, output } of [await first.ended, await second.ended]) assert.equal(code, 0, output);
  await assertLevel(pair, 'main A');
});
