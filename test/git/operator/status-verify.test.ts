import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../agent/machine/clock';
import { until } from '../../lab/processes';
import { assertLevel, assertSides } from '../kit/ending';
import { putGate } from '../kit/gate';
import { pairIn, type Pair } from '../kit/pair';

/** The last pass ended well so long ago, when the clock on the wall said this. */
function endedBefore(pair: Pair, ms: number, wall: Date): void {
  const { boot, uptimeMs } = systemClock.now();
  fs.writeFileSync(path.join(pair.state, 'last-pass'), `${wall.toISOString()} ${boot} ${uptimeMs - ms}\n`);
}

async function differences(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('verify', { paths: [] });
  return repositories.flatMap((one) =>
    one.differences.map(
      ({ ref, old, gitlab }) =>
        `${ref} ${old === null ? 'only on GitLab' : gitlab === null ? 'only on old' : 'differs'}`,
    ),
  );
}

test('a push that GitLab does not have yet is a debt with an age, and none is left when it has arrived', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'late');
  const look = async (): Promise<{ debts: number; lagMs: number | null }> => {
    const [{ debts, lagMs } = { debts: -1, lagMs: -1 }] = (await pair.call('status', { paths: [] })).repositories;
    return { debts, lagMs };
  };
  assert.deepEqual(await look(), { debts: 0, lagMs: null });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:feature');
  const owed = await look();
  assert.equal(owed.debts, 2);
  assert.ok(owed.lagMs !== null && owed.lagMs >= 0 && owed.lagMs < 60_000, `lag of ${owed.lagMs} ms`);
  gate.open();
  await until('a pass to pay the debts', async () => (await look()).debts === 0, 40_000);
  assert.equal((await look()).lagMs, null);
  await assertLevel(pair, 'feature A, main A');
});

test('a repository whose state is damaged does not hide the others', async (t) => {
  const pair = await pairIn(t, 'old');
  const second = path.join(pair.folder, 'srv', 'second.git');
  await pair.must(pair.folder, 'init', '--quiet', '--bare', second);
  await pair.call('attach', { config: { ...pair.config, path: second, project: 'team/second' } });
  fs.appendFileSync(path.join(pair.state, 'state'), 'x');
  const { repositories, faults } = await pair.call('status', { paths: [] });
  assert.deepEqual(
    [repositories.map((one) => one.path), faults.map(({ code }) => code)],
    [[second], ['state-unreadable']],
  );
});

for (const name of ['.dotfiles.git', '.git'])
  test(`a repository called ${name} is looked at, passed over and verified like any other`, async (t) => {
    const pair = await pairIn(t, 'both', { name });
    const clone = await pair.clone('gitlab', 'ada');
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    assert.deepEqual(await differences(pair), ['refs/heads/main differs']);
    assert.deepEqual(
      (await pair.call('status', { paths: [] })).repositories.map(({ path: place, phase }) => [place, phase]),
      [[pair.old, 'both']],
    );
    await pair.agent('tick');
    await until('the tick to bring it', async () => (await differences(pair)).length === 0);
    await assertLevel(pair, 'main A');
  });

test('verify names refs that differ and refs that only one side has, whatever the journal says', async (t) => {
  const pair = await pairIn(t, 'mirror');
  assert.deepEqual(await differences(pair), []);
  const clone = await pair.clone('gitlab', 'stranger');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:refs/tags/v1');
  await pair.must(pair.old, 'update-ref', 'refs/heads/here', 'refs/heads/main');
  await pair.must(pair.old, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  assert.deepEqual(await differences(pair), [
    'refs/heads/here only on old',
    'refs/heads/main differs',
    'refs/tags/v1 only on GitLab',
  ]);
  await assertSides(pair, { old: 'alias S1, here S1, main S1', gitlab: 'main A, tag:v1 A' });
});

test('verify says that GitLab cannot be asked instead of calling both sides equal', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.sshd.stop();
  const { repositories, faults } = await pair.call('verify', { paths: [] });
  assert.deepEqual([repositories, faults.map(({ code }) => code)], [[], ['gitlab-unreachable']]);
});

test('GitLab is out of reach, or the disk of the state is full, and status calls all well', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { connectMs: 3_000 } });
  await pair.agent('tick');
  const codes = async (): Promise<string[]> =>
    (await pair.call('status', { paths: [] })).faults.map(({ code }) => code);
  assert.deepEqual(await codes(), []);
  await pair.sshd.stop();
  await pair.agent('tick');
  const [fault] = (await pair.call('status', { paths: [] })).faults;
  assert.match(fault?.message ?? '', /app\.git level: its passes fail since \S+\. Cannot ask GitLab/);
  fs.rmSync(path.join(pair.state, 'pass-failed'));
  endedBefore(pair, 11 * 60_000, new Date());
  assert.deepEqual(await codes(), ['pass-late']);
});

test('a clock that was ahead of the passes that ended well hides no failing and no late one', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { connectMs: 3_000 } });
  const codes = async (): Promise<string[]> =>
    (await pair.call('status', { paths: [] })).faults.map(({ code }) => code);
  const nextYear = new Date(Date.now() + 365 * 86_400_000);
  endedBefore(pair, 1_000, nextYear);
  await pair.sshd.stop();
  await pair.agent('tick');
  assert.deepEqual(await codes(), ['pass-failed']);
  fs.rmSync(path.join(pair.state, 'pass-failed'));
  assert.deepEqual(await codes(), []);
  endedBefore(pair, 11 * 60_000, nextYear);
  assert.deepEqual(await codes(), ['pass-late']);
  const [one] = (await pair.call('status', { paths: [] })).repositories;
  assert.ok((one?.sinceLastPassMs ?? 0) >= 11 * 60_000, `${one?.sinceLastPassMs} ms`);
});

test('the last pass as an older version of the agent wrote it down is read by its wall clock', async (t) => {
  const pair = await pairIn(t, 'both');
  fs.writeFileSync(path.join(pair.state, 'last-pass'), `${new Date(Date.now() - 11 * 60_000).toISOString()}\n`);
  assert.deepEqual(
    (await pair.call('status', { paths: [] })).faults.map(({ code }) => code),
    ['pass-late'],
  );
});

test('a failure that a later pass has overcome is forgotten', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const away = `${pair.gitlab}.away`;
  fs.renameSync(pair.gitlab, away);
  await pair.agent('tick');
  assert.equal((await pair.call('status', { paths: [] })).faults.length, 1);
  fs.renameSync(away, pair.gitlab);
  await pair.agent('tick');
  assert.deepEqual((await pair.call('status', { paths: [] })).faults, []);
});
