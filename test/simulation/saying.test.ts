/** What `status` says in the simulated world: its words are the product's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asError } from '../../agent/contract/errors';
import type { PushAnswer } from '../../agent/rules/values';
import { runPass } from '../../agent/sync/pass';
import { tick } from './wakeups';
import { askStatus } from './watch';
import { main, openScene, type Scene } from './scene';

const minuteMs = 60_000;

async function wait({ sim }: Scene, ms: number): Promise<void> {
  await sim.scheduler.until(sim.scheduler.now + ms);
}

test('passes that do not come any more are told after ten minutes, and not before', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await wait(scene, 9 * minuteMs);
  assert.equal((await askStatus(scene.sim, scene.old)).exit, 0);
  await wait(scene, 2 * minuteMs);
  assert.equal((await askStatus(scene.sim, scene.old)).exit, 3);
  await scene.pass();
  assert.equal((await askStatus(scene.sim, scene.old)).exit, 0);
});

test('a pass that fails is told at once, and until one ends well', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.move('both');
  scene.sim.gitlab.gone = true;
  tick(scene.sim, scene.old);
  await wait(scene, 10_000);
  assert.equal((await askStatus(scene.sim, scene.old)).exit, 3);
  scene.sim.gitlab.gone = false;
  tick(scene.sim, scene.old);
  await wait(scene, 10_000);
  assert.equal((await askStatus(scene.sim, scene.old)).exit, 0);
});

test('in mirror a push that GitLab does not have yet is a debt with an age, and none where it has it', async () => {
  const scene = openScene();
  await scene.move('mirror');
  assert.equal(await scene.push('old', scene.commit(scene.old.refs.get(main) ?? null)), 'ok');
  scene.sim.gitlab.gone = true;
  await wait(scene, minuteMs);
  const { debts, lagMs } = (await askStatus(scene.sim, scene.old)).owed;
  assert.equal(debts, 1);
  assert.ok(lagMs !== null && lagMs > minuteMs / 2, `a lag of ${lagMs ?? 0} ms`);
  scene.sim.gitlab.gone = false;
  await scene.pass();
  assert.deepEqual((await askStatus(scene.sim, scene.old)).owed, { debts: 0, lagMs: null });
});

function dies(): never {
  throw asError({ code: 'killed', message: 'Cannot go on: killed.', next: '', exit: 3 });
}

test('what a writer without hooks left is told of, also where the pass that took it away died before it listed it', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.move('both');
  // Of no common history: what goes on from GitLab's value is sent there.
  const value = scene.commit(null);
  scene.old.store.add(value);
  scene.old.refs.set(main, value);
  const killed = await scene.agent((world) =>
    runPass({ ...world, journal: { ...world.journal, writeTroubles: dies } }, minuteMs),
  );
  assert.equal(killed, 'killed');
  await scene.pass();
  assert.equal(scene.values().old, scene.values().gitlab);
  assert.deepEqual(
    scene.old.taken?.map(({ ref, before }) => [ref, before]),
    [[main, value]],
    'status says where it lies',
  );
});

test('what a writer without hooks left is a trouble, and nothing that GitLab took away', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.move('both');
  // Of no common history: what goes on from GitLab's value is sent there.
  const value = scene.commit(null);
  scene.old.store.add(value);
  scene.old.refs.set(main, value);
  await scene.pass();
  assert.deepEqual(
    scene.old.troubles.map(({ kind, old }) => [kind, old]),
    [['unhooked', value]],
  );
  assert.deepEqual(scene.old.taken ?? [], []);
});

test('a pass that could not send to GitLab has not ended well: what failed before is not over', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const { lastPass } = scene.old;
  assert.equal(await scene.push('old', scene.commit(scene.old.refs.get(main) ?? null)), 'ok');
  // The pass that the push wakes finds nobody.
  scene.sim.gitlab.gone = true;
  await wait(scene, minuteMs);
  scene.sim.gitlab.gone = false;
  const push = (): Promise<PushAnswer> => Promise.resolve({ kind: 'not-sent', words: 'ssh: no route to host' });
  assert.equal(
    await scene.agent((world) => runPass({ ...world, git: { ...world.git, push } }, minuteMs)),
    'gitlab-unreachable',
  );
  assert.deepEqual(scene.old.lastPass, lastPass);
});
