/** Hooks that do not run, a move back to `old`, a repository that is renamed away, values that are given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPowers } from './powers';
import { main, openScene, type Scene } from './scene';
import { runSeed } from './run';
import { tellFailing, wrongIn } from './telling';
import { askStatus } from './watch';
import type { PowerName } from './options';

/** Always the same. */
const [first, seeds] = [1, 25];
const used: Readonly<Record<PowerName, RegExp>> = {
  hookless: /runs no hooks/,
  giveBacks: /gives .* back: done/,
  retirements: /retired → refuse/,
  abandons: /→ old, epoch/,
};

test(`no promise breaks in seeds ${first} to ${seeds} with every power, and each of them is used`, async () => {
  const story: string[] = [];
  for (let seed = first; seed < first + seeds; seed += 1) {
    const result = await runSeed(seed, withPowers);
    const wrong = wrongIn(result);
    if (wrong !== null) assert.fail((await tellFailing(result, wrong)).lines.join('\n'));
    story.push(...result.story);
  }
  for (const [name, words] of Object.entries(used))
    assert.ok(
      story.some((line) => words.test(line)),
      name,
    );
});

async function inPhase(phase: 'mirror' | 'both'): Promise<Scene> {
  const scene = openScene();
  await scene.move('mirror');
  if (phase === 'both') await scene.move('both');
  return scene;
}

async function exitOf({ sim, old }: Scene): Promise<number> {
  return (await askStatus(sim, old)).exit;
}

test('in both, what git took alone is sent on by the next pass, and a trouble says so', async () => {
  const scene = await inPhase('both');
  scene.old.hooksLost = 'lasting';
  const value = scene.commit(scene.old.refs.get(main) ?? null);
  assert.equal(await scene.push('old', value), 'ok');
  assert.equal(scene.sim.gitlab.refs.get(main) === value, false, 'nobody asked GitLab');
  await scene.pass();
  assert.equal(scene.sim.gitlab.refs.get(main), value);
  await scene.pass();
  assert.deepEqual(
    scene.old.troubles.map(({ ref, kind, old, gitlab }) => [ref, kind, old, gitlab]),
    [[main, 'unhooked', value, value]],
  );
});

test('in both, what git took alone is undone where GitLab moved as well: kept in the attic, and a trouble that says so', async () => {
  const scene = await inPhase('both');
  const first = scene.old.refs.get(main) ?? null;
  scene.old.hooksLost = 'lasting';
  const value = scene.commit(first);
  assert.equal(await scene.push('old', value), 'ok');
  scene.sim.gitlab.set(main, scene.commit(first));
  await scene.pass();
  assert.equal(scene.values().old, scene.values().gitlab);
  assert.ok(scene.sim.attic.has(value));
  assert.deepEqual(
    scene.old.troubles.map(({ ref, kind, old }) => [ref, kind, old]),
    [[main, 'unhooked', value]],
  );
});

test('in mirror, what git took alone goes to GitLab, and its writer is counted', async () => {
  const scene = await inPhase('mirror');
  scene.old.hooksLost = 'lasting';
  const value = scene.commit(scene.old.refs.get(main) ?? null);
  assert.equal(await scene.push('old', value), 'ok');
  await scene.pass();
  assert.equal(scene.sim.gitlab.refs.get(main), value);
  assert.equal(scene.old.unhooked.length, 1);
});

test('status tells of hooks that do not run until they run again, and a pass mends what it can', async () => {
  const scene = await inPhase('both');
  scene.old.hooksLost = 'lasting';
  await scene.pass();
  assert.equal(await exitOf(scene), 2);
  scene.old.hooksLost = 'mendable';
  await scene.pass();
  assert.equal(await exitOf(scene), 0);
  assert.equal(await scene.push('old', scene.commit(scene.old.refs.get(main) ?? null)), 'ok');
  assert.equal(scene.values().old, scene.values().gitlab);
});

test('no phase is entered that counts on hooks which do not run; out of it one may go', async () => {
  const scene = await inPhase('mirror');
  scene.old.hooksLost = 'lasting';
  assert.equal(await scene.move('both'), 'hookless');
  scene.old.hooksLost = null;
  assert.equal(await scene.move('both'), null);
  scene.old.hooksLost = 'lasting';
  assert.equal(await scene.move('mirror'), null);
});
