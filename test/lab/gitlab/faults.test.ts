import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../processes';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { rest, restAnswer } from './restclient';

let lab: Fixture;

describe('faults', () => {
  before(async () => {
    lab = await makeFixture();
  });
  after(() => lab.close());

  for (const stage of ['connect', 'pre-receive', 'post-receive', 'answer'] as const) {
    test(`slow at ${stage}: the push waits and then succeeds`, async () => {
      const { work, path } = await lab.filled(`slow-${stage}`);
      const second = await lab.agent.commit(work, 'second');
      const heal = lab.gitlab.misbehave({ kind: 'slow', stage, delayMs: 800, project: path });
      const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:main');
      heal();
      assert.equal(seen.code, 0, seen.output);
      assert.ok(seen.ms >= 800, `${seen.ms} ms`);
      assert.equal((await lab.gitlab.refs(path)).get('refs/heads/main'), second);
    });
  }

  test('answer lost: every ref is applied, and the pusher sees a broken connection, as often as asked', async () => {
    const { work, path } = await lab.filled('lost');
    const second = await lab.agent.commit(work, 'second');
    lab.gitlab.misbehave({ kind: 'answer-lost', times: 1, project: path });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b');
    assert.notEqual(seen.code, 0);
    assert.match(seen.output, /hung up|closed|unexpected disconnect/i);
    const refs = await lab.gitlab.refs(path);
    assert.deepEqual([refs.get('refs/heads/a'), refs.get('refs/heads/b')], [second, second]);
    const next = await lab.agent.git(work, 'push', 'origin', 'HEAD:main');
    assert.equal(next.code, 0, next.output);
  });

  test('declined: a push that touches the glob is declined in the given words', async () => {
    const { work, path } = await lab.filled('declined');
    await lab.agent.commit(work, 'second');
    const heal = lab.gitlab.misbehave({
      kind: 'declined',
      refs: 'refs/heads/rel*',
      text: 'Commit message lacks a ticket',
      project: path,
    });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/release', 'HEAD:main');
    assert.match(seen.output, /remote: GitLab: Commit message lacks a ticket[^]*main \(pre-receive hook declined\)/);
    heal();
    assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/release')).code, 0);
  });

  test('no access: pushes are refused at connect, fetches go on', async () => {
    const { work, path } = await lab.filled('noaccess');
    const heal = lab.gitlab.misbehave({
      kind: 'no-access',
      text: 'The repository is temporarily read-only.',
      project: path,
    });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x');
    assert.match(seen.output, /remote: ERROR: The repository is temporarily read-only\./);
    assert.equal((await lab.agent.git(work, 'fetch')).code, 0);
    heal();
  });

  test('rest: the status is answered instead of the work, or after it', async () => {
    const fail = async (afterWork: boolean, name: string): Promise<number> => {
      lab.gitlab.misbehave({ kind: 'rest', method: 'POST', path: /\/groups$/, status: 502, afterWork, times: 1 });
      return (await restAnswer(lab.gitlab, { method: 'POST', path: '/groups', fields: { name, path: name } })).status;
    };
    assert.deepEqual([await fail(false, 'undone'), await fail(true, 'done')], [502, 502]);
    assert.equal((await restAnswer(lab.gitlab, { method: 'GET', path: '/groups/undone' })).status, 404);
    assert.equal((await restAnswer(lab.gitlab, { method: 'GET', path: '/groups/done' })).status, 200);
  });

  test('late revocation: the API shows the new access at once, git later', async () => {
    const { url } = await lab.filled('late');
    const { person, id } = lab.people.developer;
    const work = await person.clone(url);
    await person.commit(work, 'late');
    const heal = lab.gitlab.misbehave({ kind: 'late-revocation', delayMs: 4_000 });
    await rest(lab.gitlab, `PUT /groups/${lab.groupId}/members/${id}`, { access_level: 20 });
    assert.equal((await rest(lab.gitlab, `GET /groups/${lab.groupId}/members/all/${id}`))['access_level'], 20);
    const still = await person.git(work, 'push', 'origin', 'HEAD:refs/heads/late-0');
    assert.equal(still.code, 0, still.output);
    let tries = 0;
    await until(
      'git to refuse the developer',
      async () =>
        (await person.git(work, 'push', 'origin', `HEAD:refs/heads/late-${++tries}`)).output.includes(
          'not allowed to push',
        ),
      30_000,
    );
    heal();
    await rest(lab.gitlab, `PUT /groups/${lab.groupId}/members/${id}`, { access_level: 30 });
  });

  test('gone: connections are refused until it is back, on the same ports with the same key', async () => {
    const { work } = await lab.filled('gone');
    const back = lab.gitlab.misbehave({ kind: 'gone', api: true });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x');
    assert.notEqual(seen.code, 0);
    await assert.rejects(restAnswer(lab.gitlab, { method: 'GET', path: '/version' }));
    back();
    await lab.gitlab.settled();
    assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/x')).code, 0);
    // Only git is gone, and the connection that the push before left open must not be of use any more.
    const gitBack = lab.gitlab.misbehave({ kind: 'gone', api: false });
    assert.notEqual((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/z')).code, 0);
    gitBack();
    await lab.gitlab.settled();
    await lab.gitlab.restart();
    assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/y')).code, 0);
  });

  test('the web edit is a compare-and-set by the same rules, may delete protected branches, and is recorded', async () => {
    const { id, path, first, work } = await lab.filled('web');
    const { maintainer, developer } = lab.people;
    assert.equal((await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/keep')).code, 0);
    await rest(lab.gitlab, `POST /projects/${id}/protected_branches`, { name: 'keep' });
    await assert.rejects(
      lab.gitlab.webEdit(path, 'refs/heads/keep', null, developer.id),
      /not allowed to delete protected branches/,
    );
    await assert.rejects(lab.gitlab.webEdit(path, 'refs/heads/main', null, maintainer.id), /default branch/);
    await lab.gitlab.webEdit(path, 'refs/heads/keep', null, maintainer.id);
    assert.deepEqual(await lab.gitlab.refs(path), new Map([['refs/heads/main', first]]));
    const last = lab.gitlab.audit.at(-1);
    assert.deepEqual(last, {
      kind: 'change',
      project: path,
      ref: 'refs/heads/keep',
      before: first,
      after: '0'.repeat(40),
      actor: 'maintainer',
      protocol: 'web',
      refusal: null,
    });
  });
});
