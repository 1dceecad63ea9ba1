/** Whether the resident hangs is read while it writes: no healthy one is ended by a look at the wrong moment. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { beat, ensureResident, residentOf, residentPulse, writeResident } from '../../agent/resident/resident';
import { startOf } from '../../agent/machine/processes';
import { until } from '../lab/processes';

const project = join(__dirname, '..', '..');

interface Scene {
  readonly folder: string;
  /** A process that lives until the test ends. */
  readonly start: (script: string) => ChildProcess;
}

function scene(t: TestContext): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'gh-beat-'));
  const children: ChildProcess[] = [];
  t.after(async () => {
    await Promise.all(children.map(endOf));
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    start(script) {
      const words = ['--import', 'tsx', '-e', script];
      const child = spawn(process.execPath, words, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
      children.push(child);
      return child;
    },
  };
}

function endOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  return ended;
}

test('a sign of life that is being written is never taken for none, nor its name for nobody', async (t) => {
  const { folder, start } = scene(t);
  start(
    `const { beat, writeResident } = require('./agent/resident/resident');
     for (;;) { writeResident(${JSON.stringify(folder)}); for (let at = 0; at < 100; at++) beat(${JSON.stringify(folder)}); }`,
  );
  await until('the first sign of life', () => existsSync(join(folder, 'serve.beat')));
  for (let look = 0; look < 5_000; look += 1) {
    assert.equal(residentPulse(folder), 'beats');
    assert.notEqual(residentOf(folder), null);
  }
});

test('what cannot be read proves nothing: a second look finds it alive, and it is left alone', async (t) => {
  const { folder } = scene(t);
  writeResident(folder);
  writeFileSync(join(folder, 'serve.beat'), '');
  assert.equal(residentPulse(folder), 'unreadable');
  const soon = setTimeout(() => beat(folder), 1_000);
  t.after(() => clearTimeout(soon));
  // This very process is the resident: it would be gone.
  assert.equal(await ensureResident(folder, false), true);
  assert.equal(residentOf(folder)?.pid, process.pid);
});

test('one that gives no sign of life in two looks is ended', async (t) => {
  const { folder, start } = scene(t);
  const hanging = start('setInterval(() => {}, 1000)');
  const ended = once(hanging, 'exit');
  writeFileSync(join(folder, 'serve.pid'), `${hanging.pid}.${startOf(hanging.pid ?? 0)}\n`);
  writeFileSync(join(folder, 'serve.beat'), 'garbage');
  await Promise.all([ensureResident(folder, false), ended]);
  assert.equal(hanging.signalCode, 'SIGKILL');
});
