/** Bugs that the simulation found: what old lost, and what GitLab lost, is shown to a person and not spread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Oid, RefName } from '../../agent/rules/values';
import { emptyGitlab, main, nameAnotherHead, openScene, type Scene } from './scene';

function tip({ old }: Scene): Oid | null {
  return old.refs.get(main) ?? null;
}

test('a change of phase right after a debt was paid still asks whether old lost an acknowledged push', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const first = tip(scene);
  assert.equal(await scene.push('old', scene.commit(first)), 'ok');
  if (first !== null) scene.old.refs.set(main, first);
  assert.equal(await scene.push('old', scene.commit(first)), 'ok');
  assert.equal(await scene.move('both'), 'troubles');
  assert.equal(scene.old.troubles[0]?.kind, 'damaged');
});

test('a value that old went back to is not sent as a new branch while an acknowledged one is lost', async () => {
  const scene = openScene();
  nameAnotherHead(scene);
  assert.equal(await scene.push('old', null), 'ok');
  await scene.move('mirror');
  const one = scene.commit(null);
  assert.equal(await scene.push('old', one), 'ok');
  const other = scene.commit(null);
  scene.old.store.add(other);
  scene.old.refs.set(main, other);
  await scene.pass();
  assert.deepEqual(
    scene.old.troubles.map(({ kind }) => kind),
    ['damaged'],
  );
  assert.equal(scene.values().gitlab, 'absent');
});

test('those who push to an emptied GitLab do not bring a stopped pass below its bound', async () => {
  const scene = openScene();
  for (let index = 0; index < 12; index += 1)
    scene.old.refs.set(`refs/heads/b${index}` as RefName, tip(scene) ?? ('' as Oid));
  await scene.move('mirror');
  await scene.move('both');
  scene.sim.gitlab.open = true;
  emptyGitlab(scene);
  await scene.pass();
  for (let index = 0; index < 6; index += 1) scene.sim.gitlab.set(`refs/heads/b${index}` as RefName, tip(scene));
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'fail');
  await scene.pass();
  assert.equal(scene.old.refs.size, 13, 'nothing was deleted on old');
  assert.match(
    scene.sim.pushes[scene.sim.pushes.length - 1]?.words ?? '',
    /no longer has commits that this server has: .* when this pass first stopped it had lost more/,
  );
});

test('a branch that was lost and then deleted stays on GitLab until a person has looked at its lost push', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const first = tip(scene);
  assert.equal(await scene.push('old', scene.commit(first)), 'ok');
  if (first !== null) scene.old.refs.set(main, first);
  // A pusher starts from what is left and takes the branch away.
  nameAnotherHead(scene);
  assert.equal(await scene.push('old', null), 'ok');
  await scene.pass();
  await scene.pass();
  assert.deepEqual(scene.values(), { old: 'absent', gitlab: 'c1' });
  assert.deepEqual(
    scene.old.troubles.map(({ kind }) => kind),
    ['damaged'],
  );
});

test('a lost branch is not called level while the list of what was agreed is gone', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.pass();
  const [{ agreed }, { gitlab }] = [scene.old, scene.values()];
  scene.old.agreed = null;
  scene.old.refs.delete(main);
  assert.equal(await scene.pass(), 'journal-unreadable');
  assert.deepEqual([scene.old.agreed, scene.values()], [null, { old: 'absent', gitlab }]);
  scene.old.agreed = agreed;
  assert.equal(await scene.pass(), null);
  assert.deepEqual(
    scene.old.troubles.map(({ ref, kind }) => [ref, kind]),
    [[main, 'damaged']],
  );
  assert.equal(scene.values().gitlab, gitlab);
});
