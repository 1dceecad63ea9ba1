import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from './processes';
import { type Relay, startRelay, type Weather } from './relay';

/** Answers what it is told. */
async function startEcho(t: TestContext): Promise<Relay> {
  const server: Server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay = await startRelay(() => (server.address() as AddressInfo).port);
  t.after(async () => {
    await relay.close();
    server.close();
  });
  return relay;
}

interface Caller {
  readonly socket: Socket;
  heard(): string;
  readonly isGone: () => boolean;
}

function call({ port }: Relay, words: string): Caller {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  let gone = false;
  socket
    .on('data', (data) => (heard += data.toString()))
    .on('error', () => undefined)
    .on('close', () => (gone = true));
  socket.write(words);
  return { socket, heard: () => heard, isGone: () => gone };
}

async function expectEcho(relay: Relay): Promise<void> {
  const caller = call(relay, 'well');
  await until('an echo', () => caller.heard() === 'well');
  caller.socket.destroy();
}

test('a connection that is cut ends on both sides, and the next one passes', async (t) => {
  const relay = await startEcho(t);
  const caller = call(relay, 'one');
  await until('an echo', () => caller.heard() === 'one');
  relay.cut();
  await until('the connection to end', caller.isGone);
  await until('the relay to know of no connection', () => relay.count() === 0);
  await expectEcho(relay);
});

test('half-open: connections are accepted and nothing passes; healed, what waited passes in order', async (t) => {
  const relay = await startEcho(t);
  const before = call(relay, 'a');
  await until('an echo', () => before.heard() === 'a');
  await relay.become({ kind: 'half-open' });
  const during = call(relay, '1');
  await once(during.socket, 'connect');
  for (const word of ['b', 'c', 'd']) before.socket.write(word);
  during.socket.write('2');
  await until('the relay to hold both connections', () => relay.count() === 2);
  assert.deepEqual([before.heard(), during.heard()], ['a', '']);
  await relay.heal();
  await until('everything to come late', () => before.heard() === 'abcd' && during.heard() === '12');
});

for (const weather of [{ kind: 'refuse' }, { kind: 'slow', delayMs: 200 }, { kind: 'half-open' }] satisfies Weather[]) {
  test(`${weather.kind}: healed, the relay passes as before, on the same port`, async (t) => {
    const relay = await startEcho(t);
    await relay.become(weather);
    await relay.heal();
    await expectEcho(relay);
  });
}

test('refuse: nobody listens, and what was open is cut', async (t) => {
  const relay = await startEcho(t);
  const open = call(relay, 'one');
  await until('an echo', () => open.heard() === 'one');
  await relay.become({ kind: 'refuse' });
  const refused = call(relay, 'two');
  const [error] = (await once(refused.socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
  await until('the open connection to end', open.isGone);
});

test('slow: each piece comes late', async (t) => {
  const relay = await startEcho(t);
  await relay.become({ kind: 'slow', delayMs: 300 });
  const start = performance.now();
  const caller = call(relay, 'late');
  await until('a late echo', () => caller.heard() === 'late');
  assert.ok(performance.now() - start >= 590, 'there and back');
});

test('slow: pieces on their way do not wait for each other, so a large push is late once and not for each piece', async (t) => {
  const relay = await startEcho(t);
  await relay.become({ kind: 'slow', delayMs: 100 });
  const caller = call(relay, '');
  await once(caller.socket, 'connect');
  const start = performance.now();
  const sent = 'x'.repeat(8 << 20);
  caller.socket.write(sent);
  await until('all to come back', () => caller.heard().length === sent.length);
  const ms = performance.now() - start;
  assert.ok(ms >= 195 && ms < 8_000, `there and back in ${ms} ms`);
});
