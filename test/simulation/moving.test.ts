/**
 * More bugs of the agent that the simulation found: the other side moves, or answers nothing, in the middle of a look.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPass } from '../../agent/sync/pass';
import type { World } from '../../agent/rules/ports';
import type { Oid, RefName } from '../../agent/rules/values';
import { limits } from './simulation';
import { main, openScene, unanswered, type Scene } from './scene';

function tip({ old }: Scene): Oid | null {
  return old.refs.get(main) ?? null;
}

test('a branch that somebody deletes on GitLab between look and fetch stops neither a pass nor a move', async () => {
  const scene = openScene();
  const { sim, old } = scene;
  await scene.move('mirror');
  await scene.move('both');
  const gone = 'refs/heads/gone' as RefName;
  const commit = scene.commit(tip(scene));
  sim.gitlab.store.add(commit);
  sim.gitlab.refs.set(gone, commit);
  sim.gitlab.refs.set(main, commit);
  let fetches = 0;
  const code = await scene.agent((world: World) =>
    runPass(
      {
        ...world,
        git: {
          ...world.git,
          fetch: (refs, lock) => {
            fetches += 1;
            sim.gitlab.refs.delete(gone);
            return world.git.fetch(refs, lock);
          },
        },
      },
      60_000,
    ),
  );
  assert.equal(code, null);
  assert.equal(fetches, 2);
  assert.deepEqual([old.refs.get(main), old.refs.has(gone)], [commit, false]);
});

test('a request without an answer may land, also when objects of it are missing on old: a move to both waits for it', async () => {
  const scene = openScene();
  const { sim, old } = scene;
  await scene.move('mirror');
  const after = scene.commit(tip(scene));
  assert.equal(await scene.push('old', after), 'ok');
  let sent = 0;
  await scene.agent((world) =>
    runPass(
      {
        ...world,
        git: {
          ...unanswered(scene, world).git,
          complete: () => {
            sent = sim.scheduler.now;
            return Promise.resolve(false);
          },
        },
      },
      60_000,
    ),
  );
  assert.equal(old.troubles[0]?.kind, 'damaged');
  assert.ok(sent > 0);
  while ((await scene.move('both')) !== null && sim.scheduler.now < sent + limits.longestGitlabPushMs * 4);
  const switched = sim.facts.find((fact) => fact.kind === 'phase' && fact.phase === 'both');
  assert.ok(switched !== undefined && switched.at - sent >= limits.longestGitlabPushMs, sim.story.join('\n'));
});
