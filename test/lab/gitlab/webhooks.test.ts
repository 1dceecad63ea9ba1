import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { hooked, push, refsTold } from './hooked';
import { zeros } from './model';
import { rest } from './restclient';

let lab: Fixture;

describe('webhooks', () => {
  before(async () => {
    lab = await makeFixture({ localWebhooks: ['127.0.0.1'], webhookTimeoutMs: 1500 });
  });
  after(() => lab.close());

  test('a push is told to the webhook with its token, in the form that GitLab documents', async (t) => {
    const { id, path, work, first, receiver } = await hooked(t, lab, 'form', { fields: { token: 'hush' } });
    const second = await lab.agent.commit(work, 'second');
    await push(lab, work, '-o', 'ci.skip', 'origin', 'HEAD:main');
    const [{ path: asked, headers, body } = { path: '', headers: {}, body: {} }] = receiver.received;
    assert.equal(asked, '/form');
    assert.deepEqual(
      [
        headers['x-gitlab-token'],
        headers['x-gitlab-event'],
        headers['content-type'],
        headers['user-agent'],
        headers['x-gitlab-instance'],
      ],
      ['hush', 'Push Hook', 'application/json', 'GitLab/18.10.1', lab.gitlab.url],
    );
    assert.match(
      `${String(headers['x-gitlab-event-uuid'])} ${String(headers['idempotency-key'])}`,
      /^[0-9a-f-]{36} [0-9a-f-]{36}$/,
    );
    const told = {
      object_kind: 'push',
      event_name: 'push',
      ref: 'refs/heads/main',
      before: first,
      after: second,
      checkout_sha: second,
      project_id: id,
      user_username: 'handover',
      total_commits_count: 1,
      push_options: { ci: { skip: true } },
    };
    assert.deepEqual(Object.fromEntries(Object.keys(told).map((key) => [key, body[key]])), told);
    assert.deepEqual(
      (body['commits'] as { id: string; title: string }[]).map((commit) => [commit.id, commit.title]),
      [[second, 'second']],
    );
    assert.equal((body['project'] as Record<string, unknown>)['path_with_namespace'], path);
    const [{ url, status, error } = {}] = lab.gitlab.deliveries;
    assert.deepEqual([lab.gitlab.deliveries.length, url, status, error], [1, `${receiver.url}/form`, 200, null]);
  });

  test('each ref is a request of its own: created, moved back, deleted, a tag with its text; other refs are told to nobody', async (t) => {
    const { work, first, receiver } = await hooked(t, lab, 'refs');
    const second = await lab.agent.commit(work, 'second');
    await lab.agent.git(work, 'tag', '--annotate', '--message', 'One\n\nmore', 'v1');
    const tag = (await lab.agent.git(work, 'rev-parse', 'v1')).output.trim();
    await push(lab, work, 'origin', 'HEAD:refs/heads/topic', 'v1', 'HEAD:refs/notes/x');
    await push(lab, work, '--force', 'origin', `${first}:refs/heads/topic`);
    await push(lab, work, 'origin', ':topic');
    const told = receiver.received.map(({ headers, body }) => [
      headers['x-gitlab-event'],
      body['ref'],
      body['before'],
      body['after'],
      body['checkout_sha'],
      body['message'],
    ]);
    assert.deepEqual(told.slice(0, 2).sort(), [
      ['Push Hook', 'refs/heads/topic', zeros, second, second, null],
      ['Tag Push Hook', 'refs/tags/v1', zeros, tag, second, 'One\n\nmore'],
    ]);
    assert.deepEqual(told.slice(2), [
      ['Push Hook', 'refs/heads/topic', second, first, first, null],
      ['Push Hook', 'refs/heads/topic', first, zeros, null, null],
    ]);
  });

  test('a change in the web is told too; without a token none is shown', async (t) => {
    const { path, work, first, receiver } = await hooked(t, lab, 'web');
    await push(lab, work, 'origin', 'HEAD:refs/heads/keep');
    await lab.gitlab.webEdit(path, 'refs/heads/keep', null, lab.people.maintainer.id);
    await lab.gitlab.settled();
    const last = receiver.received.at(-1);
    assert.deepEqual(
      [last?.body['user_username'], last?.body['before'], last?.headers['x-gitlab-token']],
      ['maintainer', first, undefined],
    );
  });

  test('a webhook that is sent to another address loses its token, unless it is given again', async (t) => {
    const { id, work, receiver, hook } = await hooked(t, lab, 'moved', { fields: { token: 'hush' } });
    for (const [path, fields] of [
      ['/moved', {}],
      ['/other', {}],
      ['/third', { token: 'new' }],
    ] as const) {
      await rest(lab.gitlab, `PUT /projects/${id}/hooks/${hook}`, { url: `${receiver.url}${path}`, ...fields });
      await push(lab, work, 'origin', `HEAD:refs/heads${path}`);
    }
    assert.deepEqual(
      receiver.received.map(({ path, headers }) => [path, headers['x-gitlab-token']]),
      [
        ['/moved', 'hush'],
        ['/other', undefined],
        ['/third', 'new'],
      ],
    );
  });

  test('only what a webhook asked for, only of its project, and nothing once it is deleted', async (t) => {
    const branches = await hooked(t, lab, 'branches', {
      fields: { tag_push_events: false, push_events_branch_filter: 'rel/*' },
    });
    const tags = await hooked(t, lab, 'tags', { fields: { push_events: false } });
    for (const { work } of [branches, tags])
      await push(lab, work, 'origin', 'HEAD:refs/heads/rel/1', 'HEAD:refs/heads/other', 'HEAD:refs/tags/v1');
    assert.deepEqual([refsTold(branches.receiver), refsTold(tags.receiver)], [['refs/heads/rel/1'], ['refs/tags/v1']]);
    await rest(lab.gitlab, `PUT /projects/${tags.id}/hooks/${tags.hook}`, {
      url: `${tags.receiver.url}/tags`,
      push_events: true,
      tag_push_events: false,
    });
    await push(lab, tags.work, 'origin', 'HEAD:refs/heads/late', 'HEAD:refs/tags/v2');
    assert.deepEqual(refsTold(tags.receiver), ['refs/heads/late', 'refs/tags/v1']);
    const deleted = await fetch(`${lab.gitlab.url}/api/v4/projects/${tags.id}/hooks/${tags.hook}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${lab.gitlab.adminToken}` },
    });
    assert.equal(deleted.status, 204);
    await push(lab, tags.work, 'origin', 'HEAD:refs/heads/after');
    assert.deepEqual(refsTold(tags.receiver), ['refs/heads/late', 'refs/tags/v1']);
  });

  test('four changes of one kind in one push are told to nobody, and three are', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'limit');
    const named = (...names: string[]): string[] => names.map((name) => `HEAD:refs/heads/${name}`);
    await push(lab, work, 'origin', ...named('1', '2', '3', '4'), 'HEAD:refs/tags/one');
    assert.deepEqual(refsTold(receiver), ['refs/tags/one']);
    await push(lab, work, 'origin', ...named('5', '6', '7'));
    assert.deepEqual(refsTold(receiver), ['refs/heads/5', 'refs/heads/6', 'refs/heads/7', 'refs/tags/one']);
  });
});
