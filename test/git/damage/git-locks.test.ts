import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { gitWorkIn } from '../../../agent/git/gitwork';
import { until } from '../../lab/processes';
import { assertLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** As a git that was killed leaves it. */
function leaveLock(pair: Pair, name: string, ageMinutes: number): string {
  const file = path.join(pair.old, name);
  fs.writeFileSync(file, '');
  const then = Date.now() / 1000 - ageMinutes * 60;
  fs.utimesSync(file, then, then);
  return file;
}

async function locked(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) =>
    one.troubles
      .filter(({ kind }) => kind === 'locked')
      .map(({ ref, words }) => `${ref}: ${words.split(' ')[0] ?? ''}`),
  );
}

test('locks of git that a dead process left behind go after ten minutes, and stop nobody longer (P7)', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const files = ['refs/heads/main.lock', 'packed-refs.lock', 'objects/info/commit-graph.lock'].map((name) =>
    leaveLock(pair, name, 11),
  );
  await pair.commit(clone, 'A');
  await pair.pass();
  assert.deepEqual(
    files.filter((file) => fs.existsSync(file)),
    [],
  );
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
  assert.deepEqual(await locked(pair), []);
});

test('a lock of git from a time when the clock stood ahead goes as well, and stops nobody until it is that late', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const files = [leaveLock(pair, 'refs/heads/main.lock', -24 * 60), leaveLock(pair, 'packed-refs.lock', -9)];
  await pair.commit(clone, 'A');
  await pair.pass();
  assert.deepEqual(
    files.map((file) => fs.existsSync(file)),
    [false, true],
  );
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
});

test('a young lock stays, and so does an old one while a process of git works in the repository: then status shows it', async (t) => {
  const pair = await pairIn(t, 'both');
  const young = leaveLock(pair, 'refs/heads/young.lock', 9);
  const old = leaveLock(pair, 'refs/heads/main.lock', 11);
  const worker = spawn('git', ['cat-file', '--batch'], {
    cwd: pair.old,
    env: { ...process.env, GIT_DIR: pair.old },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const elsewhere = spawn('git', ['cat-file', '--batch'], {
    cwd: '/',
    env: { ...process.env, GIT_DIR: pair.old },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => [worker, elsewhere].forEach((child) => child.kill('SIGKILL')));
  await until('git to work in the repository', () => gitWorkIn(pair.old) === 'some', 10_000);
  await pair.pass();
  assert.deepEqual(
    [young, old].map((file) => fs.existsSync(file)),
    [true, true],
  );
  assert.deepEqual(await locked(pair), ['refs/heads/main: refs/heads/main.lock']);
  worker.kill('SIGKILL');
  await pair.pass();
  assert.equal(fs.existsSync(old), true, 'GIT_DIR names the repository from elsewhere');
  elsewhere.kill('SIGKILL');
  await until('nobody to work in the repository', () => gitWorkIn(pair.old) === 'none', 10_000);
  await pair.pass();
  assert.deepEqual(
    [young, old].map((file) => fs.existsSync(file)),
    [true, false],
  );
});
