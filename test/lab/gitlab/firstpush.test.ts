import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFixture } from './fixture';
import { rest, restAnswer } from './restclient';

test('an empty project with default protection takes its first branch from a Maintainer only; HEAD and the rule come later', async () => {
  const lab = await makeFixture({ afterFirstPushMs: 2_000 }, 2);
  try {
    const { id, url } = await lab.project('app');
    const branch = `/projects/${id}/repository/branches/trunk`;
    const { developer, maintainer } = lab.people;
    const theirs = await developer.person.clone(url);
    await developer.person.commit(theirs, 'theirs');
    const refused = await developer.person.git(theirs, 'push', 'origin', 'HEAD:refs/heads/any');
    assert.match(
      refused.output,
      /remote: GitLab:\s*\n[^]*default branch \(e\.g\. main\) does not yet exist[^]*Ask a project Owner or Maintainer/,
    );
    assert.equal((await restAnswer(lab.gitlab, { method: 'GET', path: branch })).status, 404);
    const mine = await maintainer.person.clone(url);
    await maintainer.person.commit(mine, 'mine');
    assert.equal((await maintainer.person.git(mine, 'push', 'origin', 'HEAD:refs/heads/trunk')).code, 0);
    assert.equal((await rest(lab.gitlab, `GET ${branch}`))['protected'], false);
    await lab.gitlab.settled();
    assert.equal((await rest(lab.gitlab, `GET ${branch}`))['protected'], true);
    assert.equal((await rest(lab.gitlab, `GET /projects/${id}`))['default_branch'], 'trunk');
  } finally {
    await lab.close();
  }
});

test('with the defaults of the handover group, a Developer may make the first branch and no rule appears', async () => {
  const lab = await makeFixture();
  try {
    const { id, url } = await lab.project('app');
    const { person } = lab.people.developer;
    const work = await person.clone(url);
    await person.commit(work, 'first');
    assert.equal((await person.git(work, 'push', 'origin', 'HEAD:refs/heads/main')).code, 0);
    await lab.gitlab.settled();
    assert.deepEqual(await rest(lab.gitlab, `GET /projects/${id}/protected_branches`), []);
  } finally {
    await lab.close();
  }
});

test('a new blob above the limit of a file refuses the push and is named', async () => {
  const lab = await makeFixture({ fileSizeLimitMib: 1 });
  try {
    const { work } = await lab.filled('large');
    const blob = (
      await lab.agent.git(work, '-c', 'alias.x=!head -c 2000000 /dev/urandom | git hash-object -w --stdin', 'x')
    ).output.trim();
    const seen = await lab.agent.git(work, 'push', 'origin', `${blob}:refs/blobs/large`);
    assert.match(seen.output, new RegExp(`GitLab: .*exceed the 1MiB limit[^]*- ${blob} \\(1\\.9 MiB\\)`));
  } finally {
    await lab.close();
  }
});

test('a refused connection speaks in the form of the chosen ssh server', async () => {
  const lab = await makeFixture({ sshForm: 'openssh' });
  try {
    const seen = await lab.agent.git('/', 'ls-remote', (await lab.project('app')).url.replace('app', 'none'));
    assert.match(seen.output, /remote: \nremote: ={72}\nremote: \nremote: The project you were looking for/);
  } finally {
    await lab.close();
  }
});
