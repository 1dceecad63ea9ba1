/**
 * The resident agent with real git, real hooks and a real connection: what it is for, and what its death, its silence
 * and its replacement may not do.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { freePort, until } from '../../lab/processes';
import { assertLevel, assertSides, untilLevel } from '../kit/ending';
import { startPair, type Pair, type PairOptions } from '../kit/pair';

const withinMs = 30_000;

function pidOf({ agentFolder }: Pair): number {
  const file = path.join(agentFolder, 'serve.pid');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('.')[0]) : 0;
}

function isServing(pair: Pair): boolean {
  const pid = pidOf(pair);
  return (
    pid > 0 &&
    fs.existsSync(`/proc/${pid}/stat`) &&
    !/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))
  );
}

/** Ends it before the lab's folder goes. */
async function startResident(t: TestContext, options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair(options);
  const ended = pair.agent('serve');
  t.after(async () => {
    if (isServing(pair)) process.kill(pidOf(pair), 'SIGKILL');
    await ended;
    await pair.close();
  });
  await until('the resident to serve', () => isServing(pair), withinMs);
  return pair;
}

/** Notes each start of a process for a wake-up. */
function watchWakes({ agentFolder, folder }: Pair): () => number {
  const [shim, note] = [path.join(agentFolder, 'shims/wake'), path.join(folder, 'woken')];
  const text = fs.readFileSync(shim, 'utf8');
  fs.writeFileSync(shim, text.replace('#!/bin/sh\n', `#!/bin/sh\necho woken >>${note}\n`));
  return () => (fs.existsSync(note) ? fs.readFileSync(note, 'utf8').split('\n').length - 1 : 0);
}

test('mirror: a push wakes the resident, and no process is started for it', async (t) => {
  const pair = await startResident(t);
  await pair.move('mirror');
  const wakes = watchWakes(pair);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A', withinMs);
  assert.equal(wakes(), 0);
});

test('mirror: with a dead resident the hook starts a process, as without one', async (t) => {
  const pair = await startResident(t);
  await pair.move('mirror');
  const wakes = watchWakes(pair);
  process.kill(pidOf(pair), 'SIGKILL');
  await until('the resident to be gone', () => !isServing(pair), withinMs);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A', withinMs);
  assert.equal(wakes(), 1);
});

test('a wake-up that came while nobody served is found by the next resident', async (t) => {
  const pair = await startResident(t);
  await pair.move('mirror');
  process.kill(pidOf(pair), 'SIGSTOP');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual(
    fs.readdirSync(path.join(pair.agentFolder, 'wake')),
    [path.basename(pair.state)],
    'a resident that hangs keeps no pusher waiting',
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main S1' });
  fs.writeFileSync(path.join(pair.agentFolder, 'serve.beat'), 'another-boot 0\n');
  const hung = pidOf(pair);
  assert.equal((await pair.agent('watch')).code, 0);
  assert.notEqual(pidOf(pair), hung, 'one that gives no sign of life is replaced');
  await untilLevel(pair, 'main A', withinMs);
});

test('both: what people push to GitLab comes to old by itself', async (t) => {
  const pair = await startResident(t);
  await pair.move('mirror');
  await pair.move('both');
  const clone = await pair.clone('gitlab', 'ada');
  for (const [name, refs] of [
    ['A', 'a A, main A'],
    ['B', 'a A, b B, main B'],
  ] as const) {
    await pair.commit(clone, name);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main', `main:${name.toLowerCase()}`);
    await untilLevel(pair, refs, withinMs * 3);
  }
});

interface Hook {
  readonly port: number;
  readonly secret: string;
}

function send({ port, secret }: Hook, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, method: 'POST', path: `/${name}`, headers: { 'X-Gitlab-Token': secret } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.on('error', reject);
    request.end('{}');
  });
}

test("both: a webhook brings GitLab's push to old long before the next look; a forged one brings nothing", async (t) => {
  const port = await freePort();
  const pair = await startResident(t, { webhook: { host: '127.0.0.1', port, tls: null, allow: [] } });
  await pair.move('mirror');
  await pair.move('both');
  const secret = fs.readFileSync(path.join(pair.agentFolder, 'ssh/webhook-secret'), 'utf8').trim();
  const name = path.basename(pair.state);
  // The look that follows the change of phase: the next one by itself is a minute away.
  assert.equal(await send({ port, secret }, name), 200);
  const lastPassMs = (): number => fs.statSync(path.join(pair.state, 'last-pass')).mtimeMs;
  const before = lastPassMs();
  // One that ran already may be over first, and another one follows.
  await until('that look to be over', () => lastPassMs() !== before && Date.now() - lastPassMs() > 2_000, withinMs);
  const clone = await pair.clone('gitlab', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.equal(await send({ port, secret: 'x'.repeat(64) }, name), 401);
  assert.equal(await send({ port, secret }, 'other-0123456789'), 404);
  await assertSides(pair, { old: 'main S1', gitlab: 'main A' });
  assert.deepEqual(
    await Promise.all(Array.from({ length: 20 }, () => send({ port, secret }, name))),
    Array.from({ length: 20 }, () => 200),
  );
  await untilLevel(pair, 'main A', withinMs);
});

test('a secret of webhooks that was lost and made again is the one that counts: the resident does not stay with the former', async (t) => {
  const port = await freePort();
  const pair = await startResident(t, { webhook: { host: '127.0.0.1', port, tls: null, allow: [] } });
  const [file, name] = [path.join(pair.agentFolder, 'ssh/webhook-secret'), path.basename(pair.state)];
  const former = fs.readFileSync(file, 'utf8').trim();
  await until(
    'the former to count',
    async () => (await send({ port, secret: former }, name).catch(() => 0)) === 200,
    withinMs,
  );
  fs.rmSync(file);
  const installed = await pair.call('installed', {});
  assert.ok(installed);
  const made = (await pair.call('setup', { config: installed.config })).webhookSecret ?? '';
  await until(
    'the new one to count',
    async () => (await send({ port, secret: made }, name).catch(() => 0)) === 200,
    withinMs,
  );
  assert.equal(await send({ port, secret: former }, name), 401);
});

test('a port that is taken is told by status, and pushes and passes go on', async (t) => {
  const taken = http.createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const pair = await startResident(t, { webhook: { host: '127.0.0.1', port, tls: null, allow: [] } });
  await pair.move('mirror');
  await until(
    'status to tell',
    async () => (await pair.call('status', { paths: [] })).faults.some(({ code }) => code === 'no-webhooks'),
    withinMs,
  );
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await untilLevel(pair, 'main A', withinMs);
});

test('an upgrade replaces the resident while people push, and nothing is refused', async (t) => {
  const pair = await startResident(t);
  await pair.move('mirror');
  await pair.move('both');
  const clone = await pair.clone('old', 'ada');
  const before = pidOf(pair);
  const bundle = path.join(pair.agentFolder, 'agent.cjs');
  fs.copyFileSync(bundle, `${bundle}.new`);
  fs.renameSync(`${bundle}.new`, bundle);
  let pushes = 0;
  for (; pushes < 50 && (pidOf(pair) === before || !isServing(pair)); pushes += 1) {
    await pair.commit(clone, `push ${pushes + 1}`);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  }
  assert.notEqual(pidOf(pair), before);
  await until('the new one to serve', () => isServing(pair), withinMs);
  await assertLevel(pair, `main push ${pushes}`);
});

/** Of a process that has ended there are none, also while the kernel still lists it: its lock goes with them. */
function openFiles(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

test('two residents do not serve side by side', async (t) => {
  const pair = await startResident(t);
  const first = pidOf(pair);
  const second = pair.agent('serve');
  process.kill(first, 'SIGTERM');
  await until('the second to take over', () => pidOf(pair) !== first && isServing(pair), withinMs);
  assert.deepEqual(openFiles(first), [], 'only after the first has ended');
  process.kill(pidOf(pair), 'SIGTERM');
  assert.equal((await second).code, 0);
});

test('taking the agent away ends the resident', async (t) => {
  const pair = await startResident(t);
  await pair.call('detach', { path: pair.old });
  await pair.call('remove', {});
  assert.equal(isServing(pair), false);
  assert.deepEqual(fs.readdirSync(pair.folder).includes('agent'), false);
});
