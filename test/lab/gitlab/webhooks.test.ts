import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, test, type TestContext } from 'node:test';
import { freePort, until } from '../processes';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { zeros } from './model';
import { startReceiver } from './receiver';
import type { Receiver } from './receiver';
import { rest } from './restclient';

let lab: Fixture;

interface Hooked {
  readonly id: number;
  readonly path: string;
  readonly work: string;
  readonly first: string;
  readonly receiver: Receiver;
  readonly hook: number;
}

/** A filled project with a webhook for branches and tags. Only what comes later is told to it. */
async function hooked(
  t: TestContext,
  name: string,
  {
    fields = {},
    tls = false,
    answer,
  }: { fields?: Record<string, unknown>; tls?: boolean; answer?: (response: ServerResponse) => void } = {},
): Promise<Hooked> {
  const { id, path, work, first } = await lab.filled(name);
  const receiver = await startReceiver({ tls, ...(answer === undefined ? {} : { answer }) });
  t.after(() => receiver.stop());
  const hook = await rest(lab.gitlab, `POST /projects/${id}/hooks`, {
    url: `${receiver.url}/${name}`,
    tag_push_events: true,
    ...fields,
  });
  lab.gitlab.deliveries.length = 0;
  return { id, path, work, first, receiver, hook: Number(hook['id']) };
}

async function push(work: string, ...args: string[]): Promise<void> {
  const seen = await lab.agent.git(work, 'push', ...args);
  assert.equal(seen.code, 0, seen.output);
  await lab.gitlab.settled();
}

function refsTold({ received }: Receiver): unknown[] {
  return received.map(({ body }) => body['ref']).sort();
}

describe('webhooks', () => {
  before(async () => {
    lab = await makeFixture({ localWebhooks: ['127.0.0.1'], webhookTimeoutMs: 1500 });
  });
  after(() => lab.close());

  test('a push is told to the webhook with its token, in the form that GitLab documents', async (t) => {
    const { id, path, work, first, receiver } = await hooked(t, 'form', { fields: { token: 'hush' } });
    const second = await lab.agent.commit(work, 'second');
    await push(work, '-o', 'ci.skip', 'origin', 'HEAD:main');
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
    const {
      object_kind,
      event_name,
      ref,
      before: from,
      after: to,
      checkout_sha,
      project_id,
      user_username,
      total_commits_count,
      push_options,
    } = body;
    assert.deepEqual(
      {
        object_kind,
        event_name,
        ref,
        from,
        to,
        checkout_sha,
        project_id,
        user_username,
        total_commits_count,
        push_options,
      },
      {
        object_kind: 'push',
        event_name: 'push',
        ref: 'refs/heads/main',
        from: first,
        to: second,
        checkout_sha: second,
        project_id: id,
        user_username: 'handover',
        total_commits_count: 1,
        push_options: { ci: { skip: true } },
      },
    );
    assert.deepEqual(
      (body['commits'] as { id: string; title: string }[]).map((commit) => [commit.id, commit.title]),
      [[second, 'second']],
    );
    assert.equal((body['project'] as Record<string, unknown>)['path_with_namespace'], path);
    const [{ url, status, error } = {}] = lab.gitlab.deliveries;
    assert.deepEqual([lab.gitlab.deliveries.length, url, status, error], [1, `${receiver.url}/form`, 200, null]);
  });

  test('each ref is a request of its own: created, moved back, deleted, a tag with its text; other refs are told to nobody', async (t) => {
    const { work, first, receiver } = await hooked(t, 'refs');
    const second = await lab.agent.commit(work, 'second');
    await lab.agent.git(work, 'tag', '--annotate', '--message', 'One\n\nmore', 'v1');
    const tag = (await lab.agent.git(work, 'rev-parse', 'v1')).output.trim();
    await push(work, 'origin', 'HEAD:refs/heads/topic', 'v1', 'HEAD:refs/notes/x');
    await push(work, '--force', 'origin', `${first}:refs/heads/topic`);
    await push(work, 'origin', ':topic');
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
    const { path, work, first, receiver } = await hooked(t, 'web');
    await push(work, 'origin', 'HEAD:refs/heads/keep');
    await lab.gitlab.webEdit(path, 'refs/heads/keep', null, lab.people.maintainer.id);
    await lab.gitlab.settled();
    const last = receiver.received.at(-1);
    assert.deepEqual(
      [last?.body['user_username'], last?.body['before'], last?.headers['x-gitlab-token']],
      ['maintainer', first, undefined],
    );
  });

  test('a webhook that is sent to another address loses its token, unless it is given again', async (t) => {
    const { id, work, receiver, hook } = await hooked(t, 'moved', { fields: { token: 'hush' } });
    for (const [path, fields] of [
      ['/moved', {}],
      ['/other', {}],
      ['/third', { token: 'new' }],
    ] as const) {
      await rest(lab.gitlab, `PUT /projects/${id}/hooks/${hook}`, { url: `${receiver.url}${path}`, ...fields });
      await push(work, 'origin', `HEAD:refs/heads${path}`);
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
    const branches = await hooked(t, 'branches', {
      fields: { tag_push_events: false, push_events_branch_filter: 'rel/*' },
    });
    const tags = await hooked(t, 'tags', { fields: { push_events: false } });
    for (const { work } of [branches, tags])
      await push(work, 'origin', 'HEAD:refs/heads/rel/1', 'HEAD:refs/heads/other', 'HEAD:refs/tags/v1');
    assert.deepEqual([refsTold(branches.receiver), refsTold(tags.receiver)], [['refs/heads/rel/1'], ['refs/tags/v1']]);
    await rest(lab.gitlab, `PUT /projects/${tags.id}/hooks/${tags.hook}`, {
      url: `${tags.receiver.url}/tags`,
      push_events: true,
      tag_push_events: false,
    });
    await push(tags.work, 'origin', 'HEAD:refs/heads/late', 'HEAD:refs/tags/v2');
    assert.deepEqual(refsTold(tags.receiver), ['refs/heads/late', 'refs/tags/v1']);
    const deleted = await fetch(`${lab.gitlab.url}/api/v4/projects/${tags.id}/hooks/${tags.hook}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${lab.gitlab.adminToken}` },
    });
    assert.equal(deleted.status, 204);
    await push(tags.work, 'origin', 'HEAD:refs/heads/after');
    assert.deepEqual(refsTold(tags.receiver), ['refs/heads/late', 'refs/tags/v1']);
  });

  test('four changes of one kind in one push are told to nobody, and three are', async (t) => {
    const { work, receiver } = await hooked(t, 'limit');
    const named = (...names: string[]): string[] => names.map((name) => `HEAD:refs/heads/${name}`);
    await push(work, 'origin', ...named('1', '2', '3', '4'), 'HEAD:refs/tags/one');
    assert.deepEqual(refsTold(receiver), ['refs/tags/one']);
    await push(work, 'origin', ...named('5', '6', '7'));
    assert.deepEqual(refsTold(receiver), ['refs/heads/5', 'refs/heads/6', 'refs/heads/7', 'refs/tags/one']);
  });

  test('lost: nothing comes, and nothing comes later', async (t) => {
    const { work, receiver } = await hooked(t, 'lost');
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', lost: 1 });
    await push(work, 'origin', 'HEAD:refs/heads/x');
    heal();
    assert.deepEqual([receiver.received.length, lab.gitlab.deliveries.map(({ error }) => error)], [0, ['lost']]);
    await push(work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });

  test('doubled: the same request comes twice, with one key', async (t) => {
    const { work, receiver } = await hooked(t, 'doubled');
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', doubled: 1 });
    await push(work, 'origin', 'HEAD:refs/heads/x');
    heal();
    assert.deepEqual(refsTold(receiver), ['refs/heads/x', 'refs/heads/x']);
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size, 1);
  });

  test('late: a push is answered before its webhooks go out, and their order is lost', async (t) => {
    const { work, receiver } = await hooked(t, 'late');
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', delayMs: 400 });
    const names = ['1', '2', '3'];
    let round = 0;
    await until(
      'an order that is not that of the pushes',
      async () => {
        receiver.received.length = 0;
        round += 1;
        assert.equal(
          (await lab.agent.git(work, 'push', 'origin', ...names.map((name) => `HEAD:refs/heads/${round}-${name}`)))
            .code,
          0,
        );
        await lab.gitlab.settled();
        const order = receiver.received.map(({ body }) => String(body['ref']).slice(-1));
        assert.deepEqual([...order].sort(), names);
        return order.join() !== names.join();
      },
      60_000,
    );
    heal();
  });

  test('a receiver that is gone, refuses or hangs harms no push, and is not asked again', async (t) => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(500).end(),
      () => undefined,
      (response) => response.writeHead(302, { Location: '/elsewhere' }).end(),
    ];
    const { id, work, receiver } = await hooked(t, 'harmless', { answer: (response) => answers.shift()?.(response) });
    const dead = await rest(lab.gitlab, `POST /projects/${id}/hooks`, {
      url: `http://127.0.0.1:${await freePort()}/dead`,
    });
    for (const name of ['refused', 'hung', 'moved']) await push(work, 'origin', `HEAD:refs/heads/${name}`);
    assert.deepEqual(refsTold(receiver), ['refs/heads/hung', 'refs/heads/moved', 'refs/heads/refused']);
    const told = lab.gitlab.deliveries
      .map(
        ({ url, ref, status, error }) =>
          `${url === dead['url'] ? 'dead' : ref.slice('refs/heads/'.length)} ${status ?? error ?? ''}`,
      )
      .sort();
    assert.deepEqual(
      told
        .filter((line) => !line.startsWith('dead'))
        .map((line) => line.replace(/TimeoutError.*|AbortError.*/, 'timeout')),
      ['hung timeout', 'moved 302', 'refused 500'],
    );
    assert.deepEqual(told.filter((line) => /^dead .*ECONNREFUSED/.test(line)).length, 3);
  });

  test('a certificate that GitLab does not trust stops a webhook, unless verification is off', async (t) => {
    const { id, work, receiver, hook } = await hooked(t, 'tls', { tls: true });
    await push(work, 'origin', 'HEAD:refs/heads/x');
    assert.match(String(lab.gitlab.deliveries.at(-1)?.error), /self.signed certificate/);
    await rest(lab.gitlab, `PUT /projects/${id}/hooks/${hook}`, {
      url: `${receiver.url}/tls`,
      enable_ssl_verification: false,
    });
    await push(work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });

  test('a webhook outlives a restart of GitLab, and so does what was still to be sent', async (t) => {
    const { work, receiver } = await hooked(t, 'restarted', { fields: { token: 'hush' } });
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', delayMs: 1000 });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/before');
    assert.equal(seen.code, 0, seen.output);
    await lab.gitlab.restart();
    heal();
    await push(work, 'origin', 'HEAD:refs/heads/after');
    assert.deepEqual(receiver.received.map(({ headers, body }) => [body['ref'], headers['x-gitlab-token']]).sort(), [
      ['refs/heads/after', 'hush'],
      ['refs/heads/before', 'hush'],
    ]);
  });

  test('a local address that is not allowed any more is not asked: GitLab looks again when it sends', async (t) => {
    const { work, receiver } = await hooked(t, 'blocked');
    await rest(lab.gitlab, 'PUT /application/settings', { outbound_local_requests_whitelist: [] });
    await push(work, 'origin', 'HEAD:refs/heads/x');
    assert.deepEqual(
      [receiver.received.length, lab.gitlab.deliveries.map(({ error }) => /is blocked/.test(String(error)))],
      [0, [true]],
    );
    await rest(lab.gitlab, 'PUT /application/settings', { outbound_local_requests_whitelist: ['127.0.0.0/8'] });
    await push(work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });
});
