/** GitLab loses branches, old stops, and what `status` prints gives them back: as printed, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lab/processes';
import { expectDone, expectRefused, projectOf, startWalk } from './walk';

const app = 'team/app.git';

test('a stopped repository: `status` prints the command that gives GitLab back what it lost, and it does so as printed', async (t) => {
  const walk = await startWalk(t, { repositories: [app], people: ['ada'] });
  const { lab } = walk;
  const ada = lab.person('ada');
  const clone = await ada.clone(lab.oldUrl(app));
  await ada.commit(clone, 'first');
  const topics = ['a', 'b', 'c'];
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  await ada.commit(clone, 'topic');
  const topic = (await ada.git(clone, 'rev-parse', 'HEAD')).output.trim();
  expectDone(await ada.git(clone, 'push', 'origin', ...topics.map((name) => `HEAD:refs/heads/${name}`)));
  await walk.moveTo('mirror');
  await walk.moveTo('both');
  expectDone(await ada.git(clone, 'push', lab.gitlabUrl(projectOf(app)), ...topics.map((name) => `:${name}`)));
  await until(
    'old to stop',
    async () => (await walk.status(app)).troubles.some(({ kind }) => kind === 'stopped'),
    60_000,
  );
  const status = await walk.script('status');
  const [, printed = ''] = /If it lost them: npm run resolve -- (.*) --reason "…"/.exec(status.output) ?? [];
  assert.match(printed, /^--stack lab --cwd \S+ \S+ refs\/ --keep old$/);
  const words = printed.split(' ');
  const shown = expectDone(await walk.script('resolve', ...words));
  assert.match(
    shown.output,
    /refs\/heads\/a\n {2}old: .* 1 commit that GitLab has nowhere\n[\s\S]*Would give 3 refs back/,
  );
  expectRefused(
    await walk.script('resolve', ...words, 'refs/heads/main', '--reason', 'x', '--yes'),
    /is in no trouble/,
  );
  expectDone(await walk.script('resolve', ...words, '--reason', 'they were deleted by mistake', '--yes'));
  await walk.expectLevel(app, Object.fromEntries(topics.map((name) => [`refs/heads/${name}`, topic])));
  assert.equal((await walk.status(app)).troubles.length, 0);
});
