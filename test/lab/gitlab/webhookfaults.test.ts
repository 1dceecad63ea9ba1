import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { freePort, until } from '../processes';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { hooked, push, refsTold } from './hooked';
import { rest } from './restclient';

let lab: Fixture;

describe('webhooks that do not arrive as they were sent', () => {
  before(async () => {
    lab = await makeFixture({ localWebhooks: ['127.0.0.1'], webhookTimeoutMs: 1500 });
  });
  after(() => lab.close());

  test('lost: nothing comes, and nothing comes later', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'lost');
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', lost: 1 });
    await push(lab, work, 'origin', 'HEAD:refs/heads/x');
    heal();
    assert.deepEqual([receiver.received.length, lab.gitlab.deliveries.map(({ error }) => error)], [0, ['lost']]);
    await push(lab, work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });

  test('doubled: the same request comes twice, with one key', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'doubled');
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', doubled: 1 });
    await push(lab, work, 'origin', 'HEAD:refs/heads/x');
    heal();
    assert.deepEqual(refsTold(receiver), ['refs/heads/x', 'refs/heads/x']);
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size, 1);
  });

  test('late: a push is answered before its webhooks go out, and their order is lost', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'late');
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
    const { id, work, receiver } = await hooked(t, lab, 'harmless', {
      answer: (response) => answers.shift()?.(response),
    });
    const dead = await rest(lab.gitlab, `POST /projects/${id}/hooks`, {
      url: `http://127.0.0.1:${await freePort()}/dead`,
    });
    for (const name of ['refused', 'hung', 'moved']) await push(lab, work, 'origin', `HEAD:refs/heads/${name}`);
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
    const { id, work, receiver, hook } = await hooked(t, lab, 'tls', { tls: true });
    await push(lab, work, 'origin', 'HEAD:refs/heads/x');
    assert.match(String(lab.gitlab.deliveries.at(-1)?.error), /self.signed certificate/);
    await rest(lab.gitlab, `PUT /projects/${id}/hooks/${hook}`, {
      url: `${receiver.url}/tls`,
      enable_ssl_verification: false,
    });
    await push(lab, work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });

  test('a webhook outlives a restart of GitLab, and so does what was still to be sent', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'restarted', { fields: { token: 'hush' } });
    const heal = lab.gitlab.misbehave({ kind: 'webhooks', delayMs: 1000 });
    const seen = await lab.agent.git(work, 'push', 'origin', 'HEAD:refs/heads/before');
    assert.equal(seen.code, 0, seen.output);
    await lab.gitlab.restart();
    heal();
    await push(lab, work, 'origin', 'HEAD:refs/heads/after');
    assert.deepEqual(receiver.received.map(({ headers, body }) => [body['ref'], headers['x-gitlab-token']]).sort(), [
      ['refs/heads/after', 'hush'],
      ['refs/heads/before', 'hush'],
    ]);
  });

  test('a local address that is not allowed any more is not asked: GitLab looks again when it sends', async (t) => {
    const { work, receiver } = await hooked(t, lab, 'blocked');
    await rest(lab.gitlab, 'PUT /application/settings', { outbound_local_requests_whitelist: [] });
    await push(lab, work, 'origin', 'HEAD:refs/heads/x');
    assert.deepEqual(
      [receiver.received.length, lab.gitlab.deliveries.map(({ error }) => /is blocked/.test(String(error)))],
      [0, [true]],
    );
    await rest(lab.gitlab, 'PUT /application/settings', { outbound_local_requests_whitelist: ['127.0.0.0/8'] });
    await push(lab, work, 'origin', 'HEAD:refs/heads/y');
    assert.deepEqual(refsTold(receiver), ['refs/heads/y']);
  });
});
