/** Bugs of the agent that the simulation found, each told once more by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asError } from '../../agent/contract/errors';
import { changePhase } from '../../agent/sync/phasechange';
import { runPass } from '../../agent/sync/pass';
import { keepOld } from '../../agent/sync/settle';
import { caseOf } from '../../agent/sync/case';
import type { World } from '../../agent/rules/ports';
import type { Drops, Oid } from '../../agent/rules/values';
import { instantOf } from './clock';
import { clientProcess, pushToOld } from './oldpush';
import { limits } from './simulation';
import { main, nameAnotherHead, openScene, unanswered, type Scene } from './scene';

function tip({ old }: Scene): Oid | null {
  return old.refs.get(main) ?? null;
}

test('a copy that GitLab never answered lands after the switch to both, over what people did there', async () => {
  const scene = openScene();
  await scene.move('mirror');
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  await scene.agent((world) => runPass(unanswered(scene, world), 60_000));
  const before = scene.sim.scheduler.now;
  assert.equal(await scene.move('both'), null);
  assert.ok(
    scene.sim.scheduler.now - before >= limits.longestGitlabPushMs,
    'the move waits until the request can no longer land',
  );
});

test('a process that died while it sent to GitLab stops no change of phase for ever', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.move('refuse');
  scene.old.tries.unanswered = 'running';
  assert.equal(await scene.move('warn'), null);
});

test('a pass that is cut short while it forgets records has forgotten all of them, in whatever order they went', async () => {
  const scene = openScene();
  await scene.move('mirror');
  for (let count = 0; count < 3; count += 1) assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  await scene.pass();
  const [last] = [...scene.old.leases.keys()].slice(-1);
  const cutShort = (drops: Drops): void => {
    scene.old.drops = drops;
    scene.old.leases.delete(last ?? '');
    throw asError({ code: 'killed', message: 'Cannot go on: killed.', next: '', exit: 3 });
  };
  assert.equal(
    await scene.agent((world) => runPass({ ...world, journal: { ...world.journal, drop: cutShort } }, 60_000)),
    'killed',
  );
  await scene.pass();
  assert.deepEqual(scene.old.troubles, []);
  assert.equal(scene.old.leases.size, 0);
});

/** While the agent levels for the first time, somebody pushes, and the disk takes no lease. */
function withUnwrittenPush({ sim, old }: Scene, world: World, after: Oid): World {
  let begun = false;
  const gitlabSide: World['git']['gitlabSide'] = async () => {
    if (!begun) {
      begun = true;
      old.diskFull = true;
      sim.forced.push('stalls');
      sim.scheduler.play(
        clientProcess(sim, 'ada'),
        pushToOld(sim, old, {
          who: 'ada',
          updates: [{ ref: main, before: old.refs.get(main) ?? null, after }],
          atomic: false,
        }),
      );
      await world.clock.sleep(1_000);
      old.diskFull = false;
    }
    return world.git.gitlabSide();
  };
  return { ...world, git: { ...world.git, gitlabSide } };
}

test('a push in old whose lease the disk did not take ends before the switch, however late it began', async () => {
  const scene = openScene();
  const { old, sim } = scene;
  const after = scene.commit(tip(scene));
  const move = {
    to: 'mirror',
    consent: { abandon: false, unhookedWriters: true, endOlderPushes: false },
    progress: () => undefined,
  } as const;
  await scene.agent((world) => changePhase(withUnwrittenPush(scene, world, after), move));
  for (let tries = 0; old.state.phase === 'old' && tries < 20; tries += 1) await scene.move('mirror');
  const applied = sim.facts.find(
    (fact) => fact.kind === 'applied' && fact.server === old.name && fact.update.after === after,
  );
  const switched = sim.facts.find((fact) => fact.kind === 'phase' && fact.phase === 'mirror');
  assert.ok(applied !== undefined && switched !== undefined && applied.at <= switched.at, sim.story.join('\n'));
});

test('a push that was not written down in old does not make the first copy look damaged', async () => {
  const scene = openScene();
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  scene.old.diskFull = true;
  assert.equal(await scene.push('old', scene.commit(scene.sim.commits.parent(tip(scene) ?? ('' as Oid)))), 'ok');
  scene.old.diskFull = false;
  assert.equal(await scene.move('mirror'), null);
  assert.deepEqual(scene.old.troubles, []);
});

test('a writer without hooks on top of an acknowledged push is no damage', async () => {
  const scene = openScene();
  await scene.move('mirror');
  assert.equal(await scene.push('old', scene.commit(tip(scene))), 'ok');
  const next = scene.commit(tip(scene));
  scene.old.store.add(next);
  scene.old.refs.set(main, next);
  await scene.pass();
  await scene.pass();
  assert.deepEqual(scene.old.troubles, []);
  assert.equal(scene.values().gitlab, scene.values().old);
});

test('a disk that is full while a push is looked at refuses it with advice', async () => {
  const scene = openScene();
  await scene.move('mirror');
  await scene.move('both');
  scene.sim.gitlab.open = true;
  const { sim, old } = scene;
  const push = scene.push('old', scene.commit(tip(scene)));
  sim.gitlab.gone = true;
  sim.scheduler.after(300, () => void (old.diskFull = true));
  sim.scheduler.after(301, () => void (sim.gitlab.gone = false));
  assert.equal(await push, 'fail');
  assert.match(sim.pushes[sim.pushes.length - 1]?.words ?? '', /Ask the administrator, then push again/);
});

test('a value that a person sent, and GitLab did not answer for, is waited for as well', async () => {
  const scene = openScene();
  await scene.move('mirror');
  const other = scene.commit(tip(scene));
  scene.sim.gitlab.set(main, other);
  await scene.pass();
  const [trouble] = scene.old.troubles;
  assert.equal(trouble?.kind, 'conflict');
  const code = await scene.agent(async (world) => {
    const lock = await world.journal.lock(1_000);
    assert.ok(lock !== null && trouble !== undefined);
    await world.git.fetch([main], lock);
    await keepOld(unanswered(scene, world), await caseOf(world, trouble), lock);
  });
  assert.equal(code, 'unknown');
  assert.deepEqual(scene.old.tries.unanswered, {
    ...instantOf(scene.sim, scene.old),
    uptimeMs: (scene.old.tries.unanswered as { uptimeMs: number }).uptimeMs,
  });
});

test('the record of a deletion is dropped when both sides are level', async () => {
  const scene = openScene();
  await scene.move('mirror');
  nameAnotherHead(scene);
  assert.equal(await scene.push('old', null), 'ok');
  await scene.pass();
  await scene.pass();
  assert.equal(scene.old.leases.size, 0);
});
