/** Narrow windows: one process is held at the very place where a rule counts, while the world goes on. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { changePhase } from '../../../agent/sync/phasechange';
import { openByPath } from '../../../agent/repository/open';
import type { Journal } from '../../../agent/rules/ports';
import { until } from '../../lab/processes';
import { assertLevel, bothSides } from '../kit/ending';
import { putGate } from '../kit/gate';
import type { Seen } from '../kit/command';
import { noConsent, pairIn, type Pair } from '../kit/pair';

/** Answers whether a push waits for a hold. */
function tellWait(pair: Pair): () => boolean {
  const hook = path.join(pair.old, 'git-handover/hooks/pre-receive');
  const here = path.join(pair.folder, 'waits.here');
  const parts = fs.readFileSync(hook, 'utf8').split('note wait || unwritable\n');
  assert.equal(parts.length, 2, 'the line after which a push waits');
  fs.writeFileSync(`${hook}.tells`, parts.join(`note wait || unwritable\n: >${here}\n`), { mode: 0o755 });
  fs.renameSync(`${hook}.tells`, hook);
  return () => fs.existsSync(here);
}

/** The hook on old waits once it has read the state for the first time, before it makes its lease. */
function holdBeforeLease(pair: Pair): { arrived(): Promise<void>; open(): void } {
  const hook = path.join(pair.old, 'git-handover/hooks/pre-receive');
  const [here, go] = [path.join(pair.folder, 'early.here'), path.join(pair.folder, 'early.go')];
  const parts = fs.readFileSync(hook, 'utf8').split('[ -O "$state/state" ]');
  assert.equal(parts.length, 2, 'the line after which the lease is made');
  fs.writeFileSync(
    `${hook}.held`,
    parts.join(`: >${here}; while [ ! -e ${go} ]; do sleep 0.05; done\n[ -O "$state/state" ]`),
    { mode: 0o755 },
  );
  fs.renameSync(`${hook}.held`, hook);
  return {
    arrived: () => until('the push to come to its lease', () => fs.existsSync(here), 15_000),
    open: () => fs.writeFileSync(go, ''),
  };
}

test('a push that slept before it made its lease goes by the phase that it finds afterwards', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  const id = await pair.commit(clone, 'A');
  const early = holdBeforeLease(pair);
  const push = pair.git(clone, 'push', 'origin', 'main');
  await early.arrived();
  await pair.move('both');
  early.open();
  assert.match((await push).output, new RegExp(`GitLab has main at ${id.slice(0, 8)}`));
  await assertLevel(pair, 'main A');
});

test('a change of phase that slept before its switch until its hold was over does not switch under a push', async (t) => {
  const holdMs = 4_000;
  const pair = await pairIn(t, 'mirror', { limits: { holdMs } });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  const { world } = openByPath(pair.agentFolder, pair.old);
  const pushes: Promise<Seen>[] = [];
  const changeState: Journal['changeState'] = async (change) => {
    const state = world.journal.state();
    if (pushes.length === 0 && state.hold !== null && change(state)?.phase === 'both') {
      await world.clock.sleep(holdMs + 200);
      pushes.push(pair.git(clone, 'push', 'origin', 'main'));
      await gate.arrived();
    }
    return world.journal.changeState(change);
  };
  await assert.rejects(
    changePhase(
      { ...world, journal: { ...world.journal, changeState } },
      { to: 'both', consent: noConsent, progress: () => undefined },
    ),
    /ran out/,
  );
  assert.equal(world.journal.state().phase, 'mirror');
  gate.open();
  assert.deepEqual(
    (await Promise.all(pushes)).map(({ code }) => code),
    [0],
  );
  assert.equal((await pair.move('both')).phase, 'both');
  await assertLevel(pair, 'main A');
});

test('of two pushes that begin at the same value, the one that sends after the other has landed is stale', async (t) => {
  const pair = await pairIn(t, 'both');
  const [first, second] = [await pair.clone('old', 'ada'), await pair.clone('old', 'bob')];
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  await pair.commit(second, 'B');
  const late = pair.git(second, 'push', 'origin', 'main');
  await gate.arrived();
  fs.rmSync(path.join(pair.old, 'hooks/pre-receive'));
  await pair.commit(first, 'A');
  await pair.must(first, 'push', '--quiet', 'origin', 'main');
  gate.open();
  assert.match((await late).output, /GitLab has newer commits on main/);
  await assertLevel(pair, 'main A');
});

test('a push in old whose lease the disk did not take, held while the phase moves, is told that it cannot be written down', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const { world, journal } = openByPath(pair.agentFolder, pair.old);
  const { boot, uptimeMs } = world.clock.now();
  const hold = { id: world.newHoldId(), boot, endUptimeMs: uptimeMs + 60_000 };
  await journal.changeState((state) => ({ ...state, hold }));
  fs.renameSync(path.join(pair.state, 'pushes'), path.join(pair.state, 'away'));
  const waits = tellWait(pair);
  const push = pair.git(clone, 'push', 'origin', 'main');
  await until('the push to wait for the hold', waits, 30_000);
  await journal.changeState((state) => ({ ...state, phase: 'mirror', epoch: state.epoch + 1, hold: null }));
  const { code, output } = await push;
  fs.renameSync(path.join(pair.state, 'away'), path.join(pair.state, 'pushes'));
  assert.equal(code, 1);
  assert.match(output, /it cannot be written down first/);
  assert.equal((await bothSides(pair)).old, 'main S1');
});
