import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { labFolder } from './folder';
import { freePort, markName, startProcess, until } from './processes';
import { descendants, isAlive, marked } from './processtree';

const env = { PATH: process.env['PATH'] };

test('until names what it waited for when the deadline passes', async () => {
  await assert.rejects(
    until('the moon', () => false, 30),
    { message: 'Waited 30 ms for the moon' },
  );
});

test('a process is answered with its output and how it ended', async () => {
  const both = startProcess('sh', ['-c', 'cat; echo no >&2; exit 3'], { env, input: 'yes\n' });
  assert.deepEqual(await both.ended, { code: 3, signal: null });
  assert.equal(both.output(), 'yes\nno\n');
});

test('a process that ignores the request to end is killed', async () => {
  const deaf = startProcess('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], { env });
  await until('the process to be ready', () => deaf.output() === 'ready\n');
  assert.equal((await deaf.stop(50)).signal, 'SIGKILL');
});

test('a program that does not exist ends with a code, not with a hang', async () => {
  assert.equal((await startProcess('no-such-program', [], { env }).ended).code, 127);
});

test('a free port is none that somebody listens on', async (t) => {
  const taken = await freePort();
  const holder = createServer().listen(taken, '127.0.0.1');
  t.after(() => holder.close());
  await once(holder, 'listening');
  const free = await freePort();
  const draws = [taken, taken, free];
  assert.equal(await freePort(() => draws.shift() ?? 0), free);
});

/** While a process becomes another program, nobody can read its mark. */
function asleep(folder: string): number {
  return marked(folder).filter((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n').length;
}

test('a closed lab folder takes along what ran in the background, and nothing of another lab', async () => {
  const mine = labFolder();
  const other = labFolder();
  const leave = (folder: string): Promise<unknown> =>
    startProcess('sh', ['-c', 'setsid sleep 1000 > /dev/null 2>&1 &'], { env: { ...env, [markName]: folder } }).ended;
  await Promise.all([leave(`${mine.path}/old`), leave(other.path)]);
  await until('both to sleep', () => asleep(mine.path) === 1 && asleep(other.path) === 1);
  assert.deepEqual([marked(mine.path).length, marked(other.path).length], [1, 1]);
  await mine.close();
  assert.deepEqual([marked(mine.path).length, marked(other.path).length], [0, 1]);
  assert.deepEqual([existsSync(mine.path), existsSync(other.path)], [false, true]);
  await other.close();
});

test('a closed lab folder takes along unmarked processes that work in it, so that none writes into it again', async () => {
  const lab = labFolder();
  const { path } = lab;
  const script = `mkdir -p ${path}/in && cd ${path}/in && echo ready && while mkdir -p ${path}/again; do :; done`;
  const writer = startProcess('sh', ['-c', script], { env });
  const resident = startProcess('sh', ['-c', 'cd "$(cat)" && echo ready && exec sleep 1000'], { env, input: path });
  await until('both to work in the folder', () => writer.output() === 'ready\n' && resident.output() === 'ready\n');
  await lab.close();
  assert.deepEqual([(await writer.ended).signal, (await resident.ended).signal], ['SIGKILL', 'SIGKILL']);
  assert.equal(existsSync(path), false);
});

test('what the maker of a closed folder writes into it afterwards is gone when the maker is', async () => {
  const code = `
    const { labFolder } = require('./folder');
    const { path, close } = labFolder();
    close().then(close).then(() => {
      require('node:fs').mkdirSync(path + '/late', { recursive: true });
      console.log(path);
    });`;
  const maker = startProcess(process.execPath, ['--import', 'tsx', '--eval', code], { env, cwd: __dirname });
  assert.equal((await maker.ended).code, 0, maker.output());
  const path = maker.output().trim();
  assert.match(path, /^\/tmp\/gh-\w+$/);
  await until('the folder to be gone', () => !existsSync(path));
});

test('nothing of a killed lab stays: no process, no background process, no folder', async () => {
  const code = `
    const { labFolder } = require('./folder');
    const { startProcess } = require('./processes');
    const { path } = labFolder();
    const env = { PATH: process.env.PATH, GIT_HANDOVER_LAB: path };
    startProcess('sleep', ['1000'], { env: { PATH: process.env.PATH } });
    startProcess('sh', ['-c', 'setsid sleep 1000 > /dev/null 2>&1 &'], { env }).ended.then(() => console.log(path));`;
  const lab = spawn(process.execPath, ['--import', 'tsx', '--eval', code], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  lab.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the lab to run', () => said.endsWith('\n'));
  const folder = said.trim();
  let running: number[] = [];
  await until(
    'a process, a background process and the sweep',
    () => (running = [...descendants(lab.pid ?? 0), ...marked(folder)]).length >= 3,
  );
  lab.kill('SIGKILL');
  await until('everything of the killed lab to be gone', () => !existsSync(folder) && !running.some(isAlive));
});
