import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Rest, path } from './rest';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Recorded {
  readonly rest: Rest;
  readonly requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  readonly cancel: AbortController;
}

/** A server that writes down what it is asked and gives these answers one after the other, the last one for ever. */
async function recording(t: TestContext, ...answers: Answer[]): Promise<Recorded> {
  const requests: Recorded['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    (answers[requests.length - 1] ?? answers.at(-1))?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const cancel = new AbortController();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4/`;
  return {
    rest: new Rest({ baseUrl, token: 'glpat', headers: { 'X-Extra': 'yes' }, retriesMax: 2, signal: cancel.signal }),
    requests,
    cancel,
  };
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

const cut: Answer = (request) => request.socket.destroy();

test('names are escaped as the Go client does, dots and stars too', () => {
  assert.equal(
    path`/projects/${'team/my.app'}/protected_branches/${'release/1.*'}`,
    '/projects/team%2Fmy%2Eapp/protected_branches/release%2F1%2E%2A',
  );
  assert.equal(path`/x/${"a (b)+c@d:e=f&g$'h!"}`, '/x/a%20%28b%29+c@d:e=f&g$%27h%21');
});

test('the token goes along as a bearer, and the extra headers', async (t) => {
  const { rest, requests } = await recording(t, answer(200, { id: 1 }));
  assert.deepEqual(await rest.call('GET', '/user'), { id: 1 });
  assert.equal(requests[0]?.line, 'GET /api/v4/user');
  assert.deepEqual([requests[0]?.headers.authorization, requests[0]?.headers['x-extra']], ['Bearer glpat', 'yes']);
});

test('a POST whose answer was a 502 is sent again: done twice shows as "already taken"', async (t) => {
  const { rest, requests } = await recording(
    t,
    answer(502, 'Bad Gateway'),
    answer(400, { message: { path: ['has already been taken'] } }),
  );
  await assert.rejects(rest.call('POST', '/projects', { name: 'app' }), {
    message: 'GitLab answered 400 to POST /api/v4/projects: path has already been taken',
  });
  assert.equal(requests.length, 2);
});

test('a POST whose connection broke after it was sent is not sent again, a GET is', async (t) => {
  const { rest, requests } = await recording(t, cut, cut, answer(200, { id: 2 }));
  await assert.rejects(rest.call('POST', '/projects', {}), /gave no answer to POST/);
  assert.equal(requests.length, 1);
  assert.deepEqual(await rest.call('GET', '/projects/2'), { id: 2 });
  assert.equal(requests.length, 3);
});

test('a limit of requests is waited for, and a GitLab that stays down is reported after the last try', async (t) => {
  const { rest, requests } = await recording(t, answer(429, 'Retry later'), answer(200, {}), answer(503, 'down'));
  await rest.call('GET', '/user');
  assert.equal(requests.length, 2);
  await assert.rejects(rest.call('GET', '/user'), { message: 'GitLab answered 503 to GET /api/v4/user: down' });
  assert.equal(requests.length, 5);
});

test('a status that says no is not repeated', async (t) => {
  const { rest, requests } = await recording(t, answer(501, {}));
  await assert.rejects(rest.call('GET', '/user'), { message: 'GitLab answered 501 to GET /api/v4/user' });
  assert.equal(requests.length, 1);
});

test('what is missing is null, and gone already when it is to be removed', async (t) => {
  const { rest } = await recording(t, answer(404, { message: '404 Not found' }));
  assert.equal(await rest.find('/projects/1'), null);
  await rest.remove('/projects/1');
});

test('each form of GitLab errors becomes one line', async (t) => {
  const forms = [
    { error: 'name is missing' },
    { message: ['a', 'b'] },
    { error: 'insufficient_scope', error_description: 'Too low' },
    { message: { name: ['is short', 'is odd'], path: ['x'] } },
    'plain\ntext',
  ];
  const { rest } = await recording(t, ...forms.map((form) => answer(422, form)));
  const said: string[] = [];
  for (const form of forms)
    await assert.rejects(
      rest.call('GET', '/x'),
      (error: Error) => said.push(error.message.replace(/^.*\/x: /, '')) > 0 && form !== undefined,
    );
  assert.deepEqual(said, ['name is missing', 'a, b', 'Too low', 'name is short, is odd; path x', 'plain']);
});

test('a list is read page by page until GitLab names no next one', async (t) => {
  const { rest, requests } = await recording(
    t,
    answer(200, [{ id: 1 }], { 'X-Next-Page': '2' }),
    answer(200, [{ id: 2 }], { 'X-Next-Page': '' }),
  );
  assert.deepEqual(await rest.page('/users/1/keys', 1), { rows: [{ id: 1 }], next: 2 });
  assert.deepEqual(await rest.page('/users/1/keys', 2), { rows: [{ id: 2 }], next: null });
  assert.deepEqual(
    requests.map(({ line }) => line),
    ['GET /api/v4/users/1/keys?page=1&per_page=20', 'GET /api/v4/users/1/keys?page=2&per_page=20'],
  );
});

test('a cancelled provider does not try again', async (t) => {
  const { rest, requests, cancel } = await recording(t, (_request, response) => {
    response.writeHead(503).end();
    setImmediate(() => cancel.abort());
  });
  await assert.rejects(rest.call('GET', '/user'));
  assert.equal(requests.length, 1);
});
