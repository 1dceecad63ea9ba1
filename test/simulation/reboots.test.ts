/** A reboot takes away the order of what was pushed before the one before it; it must not take away what was lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { main, openScene, type Scene } from './scene';

function reboot({ sim, old }: Scene): void {
  old.host.boots += 1;
  old.host.bootedAt = sim.scheduler.now;
}

/** People push a commit, undo it, undo that, and old loses what they pushed last. */
async function loseUndone(scene: Scene): Promise<void> {
  await scene.move('mirror');
  const first = scene.old.refs.get(main) ?? null;
  const [one, other] = [scene.commit(null), scene.commit(null)];
  for (const value of [one, other, one]) assert.equal(await scene.push('old', value), 'ok');
  scene.old.refs.set(main, other);
  assert.equal(await scene.push('old', first), 'ok');
}

test('damage that was listed stays listed over reboots, after which nobody knows the order of the pushes before', async () => {
  const scene = openScene();
  await loseUndone(scene);
  for (const _ of ['first', 'second', 'third']) {
    await scene.pass();
    assert.deepEqual(
      scene.old.troubles.map(({ kind }) => kind),
      ['damaged'],
    );
    assert.equal(scene.values().gitlab, 'c1');
    reboot(scene);
    assert.equal(await scene.push('old', scene.commit(scene.old.refs.get(main) ?? null)), 'ok');
  }
});

test('a reboot hides no loss: its pushes are known to be the last', async () => {
  const scene = openScene();
  await loseUndone(scene);
  reboot(scene);
  assert.equal(await scene.push('old', scene.commit(scene.old.refs.get(main) ?? null)), 'ok');
  await scene.pass();
  assert.deepEqual(
    scene.old.troubles.map(({ kind }) => kind),
    ['damaged'],
  );
});
