/**
 * A migration in which everything is cut short once: `pulumi up`, the agent's move, GitLab, the old server, and the
 * stack itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receivePacks } from '../chaos/victims';
import { rest } from '../lab/gitlab/restclient';
import { until } from '../lab/processes';
import { fingerprint } from './fingerprint';
import { answerLost, gitlabGone, gitlabSlow } from './gitlabfaults';
import { interruptUp, killMove } from './interrupting';
import { app, catchUp, main, push, startScene, still, type Scene } from './scene';
import { expectDone, expectRefused, projectOf, startWalk } from './walk';

/** Half of the hold's limit, which is 60 s by default. */
const heldMs = 30_000;

test('whatever is cut short can be run again, and no push is lost', { timeout: 1_200_000 }, async (t) => {
  const scene = await startScene(await startWalk(t, { repositories: [app, still], people: ['ada'] }));
  await t.test('Ctrl-C in the first copy: nobody is held up, and the next `up` finishes it', () =>
    interrupted(scene, 'mirror', 'SIGINT'),
  );
  await t.test('a reboot of old in mirror: what was acknowledged still reaches GitLab', () => rebootInMirror(scene));
  await t.test('the agent killed in the middle of a move: `up` says so, and goes on by itself', () =>
    agentKilled(scene),
  );
  await t.test('dropping an open repository from the list is refused, and nothing is touched', () =>
    dropRefused(scene),
  );
  await t.test('destroy of an open repository is refused, and nothing is touched', () => destroyRefused(scene));
  await t.test('GitLab gone: a push to old is refused, said so, and nothing is taken on either side', () =>
    gitlabGone(scene),
  );
  await t.test('GitLab slow: a push to old takes longer and succeeds', () => gitlabSlow(scene));
  await t.test("GitLab's answer lost: a push to old is acknowledged once GitLab is seen to have it", () =>
    answerLost(scene),
  );
  await t.test('a reboot of old in both: the push that it cut is on both sides or on none', () => rebootInBoth(scene));
  await t.test('SIGTERM on the way back to mirror: the next `up` finishes it', () =>
    interrupted(scene, 'mirror', 'SIGTERM'),
  );
  await t.test('`pulumi up` killed on the way to refuse: cancel, and the next `up` finishes it', () => upKilled(scene));
  await t.test('destroy leaves the one in old byte for byte, and everybody with access to the retired one', () =>
    destroyed(scene),
  );
});

async function expectAcknowledged(scene: Scene, message: string): Promise<void> {
  const { commit } = expectDone(await push(scene, message));
  await scene.walk.expectLevel(app, { [main]: commit });
}

async function interrupted(scene: Scene, phase: 'mirror', signal: NodeJS.Signals): Promise<void> {
  const { walk } = scene;
  const from = (await walk.status(app)).phase;
  walk.choose(phase);
  const { code, output } = await interruptUp(walk, signal);
  assert.notEqual(code, 0, output);
  assert.ok([from, phase].includes((await walk.status(app)).phase));
  const between = expectDone(await push(scene, `after ${signal}`));
  assert.ok(between.ms < heldMs, `the push was not held until the end of the hold's limit: ${between.ms} ms`);
  expectDone(await walk.up());
  await walk.expectLevel(app, { [main]: between.commit });
  assert.equal((await walk.status(app)).phase, phase);
}

async function rebootInMirror(scene: Scene): Promise<void> {
  const { walk, ada, clone } = scene;
  const heal = walk.lab.gitlab.misbehave({ kind: 'slow', stage: 'pre-receive', delayMs: 2_000 });
  const { commit } = expectDone(await push(scene, 'acknowledged just before the reboot'));
  const during = ada.begin(clone, 'push', 'origin', 'HEAD:refs/heads/during');
  await walk.lab.old.reboot();
  await during.ended;
  heal();
  walk.lab.startTimer();
  await walk.expectLevel(app, { [main]: commit });
  await expectAcknowledged(scene, 'after the reboot');
}

async function agentKilled(scene: Scene): Promise<void> {
  const { walk } = scene;
  walk.choose('both');
  const { code, output } = await killMove(walk);
  assert.equal(code, 0, output);
  assert.match(output, /Cannot use the agent on \S+: it was ended before it answered `move`[^\n]*Trying again/);
  const between = expectDone(await push(scene, 'after the agent was killed'));
  expectDone(await walk.up());
  await walk.expectLevel(app, { [main]: between.commit });
  assert.equal((await walk.status(app)).phase, 'both');
}

/** Access on GitLab, hooks and refs on old. */
async function everything({ walk }: Scene): Promise<unknown> {
  const project = encodeURIComponent(projectOf(app));
  const { shared_with_groups: shares } = await rest(walk.lab.gitlab, `GET /projects/${project}`);
  return { shares, refs: await walk.gitlabRefs(app), old: fingerprint(walk.lab.old.repositoryPath(app)) };
}

async function dropRefused(scene: Scene): Promise<void> {
  const { walk } = scene;
  const before = await everything(scene);
  let dropped: unknown;
  walk.lab.configure((settings) => {
    const repositories = settings['git-handover:repositories'] as Record<string, unknown>;
    dropped = repositories[app];
    delete repositories[app];
  });
  expectRefused(
    await walk.up(),
    /Cannot let go of a repository that is neither old nor retired, .*: \S+app\.git is both/,
    /Nothing was touched/,
  );
  walk.change(app, (setting) => Object.assign(setting, dropped));
  assert.deepEqual(await everything(scene), before);
}

async function destroyRefused(scene: Scene): Promise<void> {
  const before = await everything(scene);
  expectRefused(
    await scene.walk.destroy(),
    /Cannot let go of a repository that is neither old nor retired, .*: \S+app\.git is both/,
  );
  assert.deepEqual(await everything(scene), before);
  expectDone(await push(scene, 'after the destroy that was refused'));
}

async function rebootInBoth(scene: Scene): Promise<void> {
  const { walk, ada, clone } = scene;
  await expectAcknowledged(scene, 'before the reboot');
  const commit = await ada.commit(clone, 'cut by the reboot');
  const heal = walk.lab.gitlab.misbehave({ kind: 'slow', stage: 'pre-receive', delayMs: 3_000 });
  const seenBefore = walk.lab.gitlab.audit.length;
  const cut = ada.begin(clone, 'push', 'origin', 'HEAD:refs/heads/main', `${commit}:refs/heads/cut`);
  await until('the push to reach GitLab', () =>
    walk.lab.gitlab.audit
      .slice(seenBefore)
      .some((entry) => entry.kind === 'connect' && entry.action === 'git-receive-pack'),
  );
  await walk.lab.old.reboot();
  assert.notEqual((await cut.ended).code, 0);
  heal();
  walk.lab.startTimer();
  await until(
    'GitLab to be done with the push that was cut',
    () => receivePacks(walk.lab.gitlab.repositoryPath(projectOf(app))).length === 0,
    30_000,
  );
  await walk.expectLevel(app);
  const { [main]: tip, 'refs/heads/cut': other } = walk.oldRefs(app);
  assert.equal(tip === commit, other === commit, 'both refs of the push, or none');
  await catchUp(scene);
  await expectAcknowledged(scene, 'after the reboot');
}

async function upKilled(scene: Scene): Promise<void> {
  const { walk } = scene;
  walk.choose('refuse');
  const before = walk.oldRefs(app);
  await interruptUp(walk, 'SIGKILL');
  expectRefused(await walk.up(), /locked/, /pulumi cancel/);
  expectDone(await walk.lab.pulumi('cancel', '--yes', '--stack', 'lab', '--non-interactive', '--color', 'never'));
  expectDone(await walk.up());
  await walk.expectLevel(app, before);
  assert.equal((await walk.status(app)).phase, 'refuse');
}

async function destroyed(scene: Scene): Promise<void> {
  const { walk, ada, clone } = scene;
  await walk.moveTo('retired');
  expectDone(await walk.destroy());
  assert.deepEqual(fingerprint(walk.lab.old.repositoryPath(still)), scene.before);
  assert.deepEqual(Object.keys(await walk.gitlabRefs(still)), []);
  const url = walk.lab.gitlabUrl(projectOf(app));
  await ada.git(clone, 'fetch', url, 'main');
  await ada.git(clone, 'reset', '--quiet', '--hard', 'FETCH_HEAD');
  await ada.commit(clone, 'after destroy');
  expectDone(await ada.git(clone, 'push', url, 'HEAD:refs/heads/main'));
}
