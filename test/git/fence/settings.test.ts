/** What an operator chooses of the fence: `agent.mirrorAfterRestart` (9) and `agent.lagSeconds` (12). */
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Limits } from '../../../agent/contract/configs';
import { until } from '../../lab/processes';
import { makeBoot } from '../kit/boot';
import { assertLevel, assertSides, untilLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';
import { fencesOf, kinds, withoutWakes } from './kit';

test('after a restart of old, with `refuse`, mirror takes no push while GitLab is away, and takes it once a look found GitLab where it was left (9)', async (t) => {
  const pair = await pairIn(t, 'mirror', { limits: { mirrorAfterRestart: 'refuse' } });
  const clone = await pair.clone('old', 'ada');
  const boot = makeBoot(pair);
  const away = path.join(pair.folder, 'away.git');
  renameSync(pair.gitlab, away);
  await pair.commit(clone, 'A');
  const { code, output } = await pair.git(clone, 'push', boot.receivePack);
  assert.equal(code, 1, output);
  assert.match(output, /GitLab cannot be reached: after a restart this server asks it first\s/);
  assert.match(output, /Nothing was taken\. Push again in a few minutes\./);
  renameSync(away, pair.gitlab);
  await assertSides(pair, { old: 'main S1', gitlab: 'main S1' });
  await pair.must(clone, 'push', '--quiet', boot.receivePack);
  assert.match(readFileSync(path.join(pair.state, 'state'), 'latin1'), new RegExp(`^seen ${boot.id}$`, 'm'));
  await untilLevel(pair, 'main A');
});

/** GitLab shows the fence that it had before the last move, as a replica does that lags behind. */
async function lagging(t: TestContext, limits: Partial<Limits>): Promise<Pair> {
  const pair = await pairIn(t, 'mirror', { limits });
  withoutWakes(pair);
  const [former = ''] = await fencesOf(pair);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await pair.pass();
  const [id = '', value = ''] = former.split(' ');
  await pair.must(pair.gitlab, 'update-ref', `refs/handover/fence/${id}`, value);
  return pair;
}

test('a look from the past of a replica that lags is no journey, and is over with it (12)', async (t) => {
  const pair = await lagging(t, {});
  const refs = await fencesOf(pair);
  await assert.rejects(pair.pass(), /GitLab shows how it was a moment ago/);
  assert.deepEqual(await kinds(pair), []);
  assert.deepEqual(await fencesOf(pair), refs);
  await assertLevel(pair, 'main A');
});

test('with `lagSeconds` 0 what GitLab showed a moment ago is a journey at once (12)', async (t) => {
  const pair = await lagging(t, { lagMs: 0 });
  await pair.pass();
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
});

test('a replica that lags for longer than `lagSeconds` is a journey (12)', async (t) => {
  const pair = await lagging(t, { lagMs: 3_000 });
  await until('the lag to be over', async () => {
    await pair.pass().catch((error: unknown) => assert.match(String(error), /how it was a moment ago/));
    return (await kinds(pair)).join() === 'travelled refs/';
  });
  await assertLevel(pair, 'main A');
});
