/** What pushers of old see while GitLab is gone, slow, or loses an answer. */
import assert from 'node:assert/strict';
import type { GitlabFault } from '../lab/contract';
import { until } from '../lab/processes';
import { app, main, push, type Scene } from './scene';
import { expectDone, expectRefused } from './walk';

async function withFault(scene: Scene, fault: GitlabFault, work: () => Promise<void>): Promise<void> {
  const { gitlab } = scene.walk.lab;
  const heal = gitlab.misbehave(fault);
  await gitlab.settled();
  await work().finally(heal);
  await gitlab.settled();
}

export async function gitlabGone(scene: Scene): Promise<void> {
  const { walk, ada, clone } = scene;
  const before = walk.oldRefs(app);
  let commit = '';
  await withFault(scene, { kind: 'gone', api: false }, async () => {
    const seen = await push(scene, 'while GitLab is gone');
    commit = seen.commit;
    expectRefused(seen, /GitLab cannot be reached/, /Nothing was taken/);
  });
  assert.deepEqual(walk.oldRefs(app), before);
  assert.deepEqual(await walk.gitlabRefs(app), before);
  await until(
    'GitLab to take pushes again',
    async () => (await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main')).code === 0,
    60_000,
  );
  await walk.expectLevel(app, { [main]: commit });
}

export async function gitlabSlow(scene: Scene): Promise<void> {
  let commit = '';
  await withFault(scene, { kind: 'slow', stage: 'answer', delayMs: 3_000 }, async () => {
    const seen = expectDone(await push(scene, 'while GitLab is slow'));
    commit = seen.commit;
    assert.ok(seen.ms > 3_000, `the push went through GitLab: ${seen.ms} ms`);
  });
  await scene.walk.expectLevel(app, { [main]: commit });
}

export async function answerLost(scene: Scene): Promise<void> {
  let commit = '';
  await withFault(scene, { kind: 'answer-lost', times: 1 }, async () => {
    ({ commit } = expectDone(await push(scene, 'with a lost answer')));
  });
  await scene.walk.expectLevel(app, { [main]: commit });
}
