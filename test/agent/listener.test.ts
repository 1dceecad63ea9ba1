/** The webhook listener as strangers would treat it. */
import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as net from 'node:net';
import { test, type TestContext } from 'node:test';
import { allowList, listen } from '../../agent/resident/webhooks';
import { isSecret } from '../../agent/resident/webhooksecret';
import { freePort } from '../lab/processes';

interface Ear {
  readonly port: number;
  readonly woken: string[];
  readonly refused: string[];
}

const secret = 'a'.repeat(64);

async function startEar(t: TestContext, allow: readonly string[] = []): Promise<Ear> {
  const ear: Ear = { port: await freePort(), woken: [], refused: [] };
  await new Promise<void>((resolve, reject) => {
    const { close } = listen(
      { host: '127.0.0.1', port: ear.port, tls: null, allow },
      {
        secret,
        opened: resolve,
        failed: reject,
        refused: (words) => void ear.refused.push(words),
        wake: (name) => {
          ear.woken.push(name);
          return name === 'app-0123456789';
        },
      },
    );
    t.after(close);
  });
  return ear;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string | null;
  readonly body?: string;
}

/** The status; 0 when the connection was cut. */
function ask(
  { port }: Ear,
  { method = 'POST', path = '/app-0123456789', token = secret, body = '{}' }: Asked,
): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/json', ...(token === null ? {} : { 'X-Gitlab-Token': token }) };
    const request = http.request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', () => resolve(0));
    request.end(body);
  });
}

test('a webhook with the secret wakes the repository that its path names, wherever the prefix ends', async (t) => {
  const ear = await startEar(t);
  assert.equal(await ask(ear, {}), 200);
  assert.equal(await ask(ear, { path: '/hooks/git-handover/app-0123456789' }), 200);
  assert.deepEqual(ear.woken, ['app-0123456789', 'app-0123456789']);
});

test('without the secret, with another one, or with a beginning of it, nothing is woken', async (t) => {
  const ear = await startEar(t);
  for (const token of [null, '', 'b'.repeat(64), secret.slice(0, 63), `${secret}a`])
    assert.equal(await ask(ear, { token }), 401);
  assert.deepEqual(ear.woken, []);
  assert.equal(ear.refused.length, 5);
  assert.ok(ear.refused.every((words) => !words.includes(secret.slice(0, 8))));
});

test('names that no folder of ours has never reach the file system', async (t) => {
  const ear = await startEar(t);
  for (const path of [
    '/',
    '/../../etc/passwd',
    '/%2e%2e%2fapp',
    '/app;reboot',
    `/${'a'.repeat(500)}`,
    '/app-0123456789/',
    '/a b',
  ]) {
    const status = await ask(ear, { path: encodeURI(path) });
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
  }
  assert.ok(ear.woken.every((name) => /^[A-Za-z0-9._-]*$/.test(name)));
  assert.equal(await ask(ear, { method: 'GET' }), 405);
});

test('a body that GitLab would never send is not waited for', async (t) => {
  const ear = await startEar(t);
  assert.equal(await ask(ear, { body: 'x'.repeat(3_000_000) }), 200);
  const socket = net.connect(ear.port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.on('error', () => undefined);
  const head = `POST /app-0123456789 HTTP/1.1\r\nHost: x\r\nX-Gitlab-Token: ${secret}\r\nContent-Length: 1000000\r\n\r\n`;
  const first = await new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.write(head);
  });
  assert.match(first, /^HTTP\/1\.1 200 /);
});

test('slow connections do not close the port: the one that is there for longest goes', async (t) => {
  const ear = await startEar(t);
  const slow = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = net.connect(ear.port, '127.0.0.1');
      t.after(() => void socket.destroy());
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write('POST /app-0123456789 HTTP/1.1\r\n');
      return socket;
    }),
  );
  assert.equal(await ask(ear, {}), 200);
  assert.deepEqual(ear.woken, ['app-0123456789']);
  assert.equal(slow[99]?.destroyed, false);
});

test('an address that is not on the list is not even answered', async (t) => {
  const ear = await startEar(t, ['10.0.0.0/8', '192.0.2.7']);
  assert.equal(await ask(ear, {}), 0);
  assert.deepEqual(ear.woken, []);
  const near = await startEar(t, ['127.0.0.0/8']);
  assert.equal(await ask(near, {}), 200);
});

test('the list knows addresses and ranges of both families, and IPv4 as IPv6 shows it', () => {
  const allowed = allowList(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
  assert.deepEqual(['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::1'].map(allowed), [true, true, true, true]);
  assert.deepEqual(['11.1.2.3', '192.0.2.8', '2001:db9::1', '', 'nonsense'].map(allowed), [
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('secrets of any length are compared, and only the same one is the same', () => {
  assert.equal(isSecret(secret, secret), true);
  for (const shown of ['', 'a', secret.slice(1), `${secret} `]) assert.equal(isSecret(secret, shown), false);
});
