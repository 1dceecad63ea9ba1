/** A branch that somebody deletes on GitLab by mistake: `status` tells of it, and one command gives it back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lab/processes';
import { expectDone, expectRefused, projectOf, startWalk } from './walk';

const app = 'team/app.git';

test('a branch that was deleted on GitLab is shown by `status`, and `resolve --give-back` brings it back to both', async (t) => {
  const walk = await startWalk(t, { repositories: [app], people: ['ada'] });
  const { lab } = walk;
  const ada = lab.person('ada');
  const clone = await ada.clone(lab.oldUrl(app));
  await ada.commit(clone, 'first');
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  await ada.commit(clone, 'topic');
  const { output } = await ada.git(clone, 'rev-parse', 'HEAD');
  const topic = output.trim();
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/topic'));
  await walk.moveTo('mirror');
  await walk.moveTo('both');
  expectDone(await ada.git(clone, 'push', lab.gitlabUrl(projectOf(app)), ':topic'));
  await until('old to follow', async () => (await walk.status(app)).taken?.length === 1, 60_000);
  const status = expectDone(await walk.script('status'));
  assert.match(status.output, /team\/app\.git: taken over from GitLab in the last 24 h: 1 deletion\n/);
  assert.match(status.output, new RegExp(`refs/heads/topic was ${topic.slice(0, 8)}.*, deleted, .* ago: in `));
  const [attic = ''] = /refs\/handover\/attic\/\S+/.exec(status.output) ?? [];
  expectRefused(
    await walk.script('resolve', app, 'refs/heads/topic', '--give-back', attic),
    /give-back|give a value back/,
  );
  assert.match(
    expectDone(await walk.script('resolve', app, '--give-back', attic)).output,
    /Would give back refs\/heads\/topic[\s\S]*Nothing was changed/,
  );
  expectDone(await walk.script('resolve', app, '--give-back', attic, '--reason', 'by mistake', '--yes'));
  await walk.expectLevel(app, { 'refs/heads/topic': topic });
  assert.doesNotMatch(expectDone(await walk.script('status')).output, /taken over/);
});
