/** A REST API that is broken or somebody else's. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { HandoverError } from '../../agent/contract/errors';
import { openRest, type Rest } from '../../stacks/provider/gitlab/rest';

const megabyte = 1024 * 1024;

async function serve(t: TestContext, answer: RequestListener): Promise<{ url: string; rest: Rest }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, rest: openRest({ url, token: 'secret', signal: new AbortController().signal }) };
}

const isTold =
  (words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof HandoverError && error.fault.code === 'gitlab-answer' && words.test(error.fault.message);

/** `[`, then `bytes` of blanks: JSON takes them, however many. */
function longBody(status: number, bytes: number): RequestListener {
  return (_request, response) => {
    const chunk = Buffer.alloc(megabyte, ' ');
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end(']');
    };
    response.writeHead(status).write('[');
    more();
  };
}

test('a redirect is told and not followed: the request, and its token, were meant for GitLab', async (t) => {
  const seen: (string | undefined)[] = [];
  const elsewhere = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.end('{"id":1}');
  });
  for (const status of [301, 302, 307, 308]) {
    const { rest } = await serve(t, (_request, response) =>
      response.writeHead(status, { location: `${elsewhere.url}/api/v4/user` }).end(),
    );
    await assert.rejects(rest.get('/user', z.unknown()), isTold(new RegExp(`leads to ${elsewhere.url}`)));
  }
  assert.deepEqual(seen, []);
});

test('a project that was renamed is asked for where it is now, and a circle of redirects ends', async (t) => {
  const { rest } = await serve(t, (request, response) => {
    if (request.url === '/api/v4/projects/7') return void response.end('{"id":7}');
    const to = request.url === '/api/v4/projects/old' ? '/api/v4/projects/7' : (request.url ?? '');
    response.writeHead(301, { location: to }).end();
  });
  assert.deepEqual(await rest.get('/projects/old', z.unknown()), { id: 7 });
  await assert.rejects(rest.get('/projects/circle', z.unknown()), isTold(/leads to/));
  await assert.rejects(rest.put('/projects/old', {}), isTold(/leads to/));
});

for (const status of [200, 400])
  test(`a body of ${status} that does not end is read no further than its bound`, { timeout: 60_000 }, async (t) => {
    const { rest } = await serve(t, longBody(status, 600 * megabyte));
    const before = process.memoryUsage().rss;
    await assert.rejects(rest.get('/projects/1', z.unknown()), status === 200 ? isTold(/longer than/) : HandoverError);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 200 * megabyte, `memory grew by ${Math.round(grown / megabyte)} MB`);
  });

test('a list whose pages do not end is read no further than its bound', { timeout: 60_000 }, async (t) => {
  let pages = 0;
  const { rest } = await serve(t, (_request, response) => {
    pages += 1;
    response.setHeader('x-next-page', String(pages + 1));
    response.end(`["${'a'.repeat(4 * megabyte)}"]`);
  });
  await assert.rejects(rest.list('/projects/1/members/all', z.unknown()), isTold(/longer than/));
  assert.ok(pages < 50, `${pages} pages were read`);
});
