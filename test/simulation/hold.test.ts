/** What may go wrong around the hold of a change of phase, each told once by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../agent/contract/phase';
import { printControl } from '../../agent/rules/leasefile';
import { printUpdate } from '../../agent/rules/refs';
import { takeHold } from '../../agent/sync/hold';
import { changePhase, type Move } from '../../agent/sync/phasechange';
import type { World } from '../../agent/rules/ports';
import type { Oid, RefName, Update } from '../../agent/rules/values';
import type { SimLease } from './oldserver';
import { main, openScene, type Scene } from './scene';

function tip({ old }: Scene): Oid | null {
  return old.refs.get(main) ?? null;
}

function to(phase: Phase): Move {
  const consent = { abandon: false, unhookedWriters: true, endOlderPushes: false };
  return { to: phase, consent, progress: () => undefined };
}

/** The hold runs out between the level and the switch, and a push that had waited goes on and ends. */
function withoutSwitch(scene: Scene, world: World): World {
  const changeState: World['journal']['changeState'] = (change) =>
    world.journal.changeState((now) => {
      const next = change(now);
      return next !== null && next.phase !== now.phase ? null : next;
    });
  const gitlabSide: World['git']['gitlabSide'] = () => {
    if (scene.old.state.hold !== null) leaveLease(scene);
    return world.git.gitlabSide();
  };
  return { ...world, git: { ...world.git, gitlabSide }, journal: { ...world.journal, changeState } };
}

function leaveLease(scene: Scene): void {
  const late = { ref: 'refs/heads/late' as RefName, before: null, after: tip(scene) };
  const lease = putLease(scene, 'late', late);
  lease.control = printControl('enter 1.00', 'act 1 old', 'ended');
  lease.landed = lease.refs;
  lease.receivePack.end();
}

/** A push that has just come in. */
function putLease({ sim, old }: Scene, id: string, update: Update): SimLease {
  const process = sim.scheduler.process('receive-pack', old.host);
  const files = {
    control: printControl('enter 1.00'),
    refs: `${printUpdate(update)}\n`,
    landed: '',
    flushed: 0,
    push: 0,
  };
  const lease: SimLease = { id, boot: old.boot, receivePack: process, hook: process, ...files };
  old.leases.set(id, lease);
  return lease;
}

test('a change of phase that fails at the switch leaves the records of pushes that went on', async () => {
  const scene = openScene();
  const code = await scene.agent(async (world) => {
    await changePhase(withoutSwitch(scene, world), to('mirror'));
  });
  assert.equal(code, 'hold-expired');
  assert.equal(scene.old.state.phase, 'old');
  assert.equal(scene.old.leases.size, 1, 'the record of that push is still there');
});

test('a push that begins while a change of phase compares both sides does not hide what old lost', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const first = tip(scene);
  assert.equal(await scene.push('old', scene.commit(first)), 'ok');
  await scene.pass();
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  const gone = scene.sim.commits.parent(tip(scene) ?? ('' as Oid));
  if (gone !== null) scene.old.refs.set(main, gone);
  const lease = putLease(scene, 'new', { ref: main, before: gone, after: scene.commit(gone) });
  scene.sim.scheduler.after(200, () => void (lease.control += printControl('wait')));
  assert.equal(await scene.move('both'), 'troubles');
  assert.deepEqual([scene.old.state.phase, scene.old.troubles[0]?.kind], ['mirror', 'damaged']);
});

/**
 * `first` is seen by the passes before the hold, and is refused when the hold begins; `second` comes in while the first
 * pass under the hold looks, and waits from the next one on.
 */
function withPushesInBetween(scene: Scene, world: World, update: Update): World {
  const { old } = scene;
  putLease(scene, 'first', update);
  const changeState: World['journal']['changeState'] = async (change) => {
    const state = await world.journal.changeState(change);
    if (state.hold !== null) old.leases.delete('first');
    return state;
  };
  const oldSide: World['git']['oldSide'] = () => {
    const second = old.leases.get('second');
    if (second !== undefined) second.control += printControl('wait');
    else if (old.state.hold !== null) putLease(scene, 'second', update);
    return world.git.oldSide();
  };
  return { ...world, git: { ...world.git, oldSide }, journal: { ...world.journal, changeState } };
}

test('a push that begins while a pass under the hold looks does not hide what old lost', async () => {
  const scene = openScene();
  await scene.move('mirror');
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  await scene.pass();
  const agreed = tip(scene);
  assert.equal(await scene.push('old', scene.commit(agreed)), 'ok');
  if (agreed !== null) scene.old.refs.set(main, agreed);
  const update = { ref: main, before: agreed, after: scene.commit(agreed) };
  assert.equal(
    await scene.agent((world) => changePhase(withPushesInBetween(scene, world, update), to('both'))),
    'troubles',
  );
  assert.deepEqual([scene.old.state.phase, scene.old.troubles[0]?.kind], ['mirror', 'damaged']);
});

test('a change of phase that another one overtook holds no push', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const code = await scene.agent(async (world) => {
    const before = world.journal.state();
    await world.journal.changeState((state) => ({ ...state, phase: 'both', epoch: state.epoch + 1 }));
    await takeHold(world, before);
  });
  assert.deepEqual([code, scene.old.state.hold, scene.old.state.phase], ['moved-on', null, 'both']);
});
