/** Two faults of one moment around the first fence and a planted one, each told by hand: 3b and 13 of fence.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPass } from '../../agent/sync/pass';
import type { World } from '../../agent/rules/ports';
import type { Oid, RefName } from '../../agent/rules/values';
import { wipeFence } from './gitlabbreaks';
import { main, openScene, type Scene } from './scene';

const topic = 'refs/heads/topic' as RefName;

/** Two branches, of which GitLab has both. */
async function inBoth(): Promise<Scene> {
  const scene = openScene();
  const { sim, old } = scene;
  old.refs.set(topic, old.refs.get(main) ?? ('' as Oid));
  assert.equal(await scene.move('mirror'), null);
  assert.equal(await scene.move('both'), null);
  sim.gitlab.open = true;
  return scene;
}

/** Right before the first move of the fence. */
function beforeMove(world: World, then: () => void): World {
  let isOver = false;
  const pushFence: World['git']['pushFence'] = (...request) => {
    if (!isOver) then();
    isOver = true;
    return world.git.pushFence(...request);
  };
  return { ...world, git: { ...world.git, pushFence } };
}

test('a project that is made anew between the look that finds no fence and the planting of one is not followed', async () => {
  const scene = await inBoth();
  const { sim, old } = scene;
  assert.ok(wipeFence(sim));
  await scene.agent((world) =>
    runPass(
      beforeMove(world, () => void sim.gitlab.refs.delete(topic)),
      60_000,
    ),
  );
  assert.ok(
    [...sim.gitlab.refs.keys()].some((ref) => ref.startsWith('refs/handover/fence/')),
    'one was planted',
  );
  await scene.pass();
  assert.ok(old.refs.has(topic), sim.story.join('\n'));
  assert.deepEqual(
    old.troubles.map(({ ref, kind }) => [ref, kind]),
    [['refs/', 'travelled']],
  );
});

test('an old that came back from a time before it was attached brings no branch back that GitLab has deleted', async () => {
  const scene = await inBoth();
  const { sim, old } = scene;
  const refs = new Map(old.refs);
  sim.gitlab.set(topic, null);
  await scene.pass();
  assert.equal(old.refs.has(topic), false);
  refs.forEach((value, ref) => old.refs.set(ref, value));
  old.state = { ...old.state, phase: 'old', epoch: 1, fence: null };
  Object.assign(old, { agreed: null, tries: { sent: new Map(), late: new Map(), unanswered: null }, fenceCopy: null });
  assert.equal(await scene.move('mirror'), 'other-fence');
  assert.equal(sim.gitlab.refs.has(topic), false, sim.story.join('\n'));
});
