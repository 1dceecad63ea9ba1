/** `npm run up`, `preview` and `pulumi`, with the real engine: what follows its own words where a stack is not read. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { labFolder } from '../lab/folder';
import { tools } from '../lab/toolchain';

const project = join(__dirname, '../..');
const loader = join(project, 'node_modules/tsx/dist/loader.mjs');

test('who is not logged in, or gave no passphrase or another one, reads what to do after the words of the engine', (t) => {
  const lab = labFolder();
  t.after(() => lab.close());
  const [home, state, cwd] = ['home', 'state', 'project'].map((name) => join(lab.path, name));
  assert.ok(home !== undefined && state !== undefined && cwd !== undefined);
  [home, state, cwd].forEach((folder) => mkdirSync(folder));
  writeFileSync(join(cwd, 'Pulumi.yaml'), 'name: git-handover\nruntime: nodejs\n');
  const bare = { PATH: `${tools().pulumi}:${process.env['PATH'] ?? ''}`, HOME: home, PULUMI_HOME: home };
  const typed = (env: NodeJS.ProcessEnv, ...args: string[]): { status: number | null; stderr: string } => {
    const words = ['--import', loader, join(project, 'scripts/typed.ts'), ...args];
    return spawnSync(process.execPath, words, { cwd, env: { ...bare, ...env }, encoding: 'utf8' });
  };
  const noLogin = typed({}, 'preview');
  assert.match(noLogin.stderr, /^error: .*\nCannot read the stack: .*not logged in.*\nLog in there .*login file/);
  assert.notEqual(noLogin.status, 0);
  const there = { PULUMI_BACKEND_URL: `file://${state}` };
  const right = { ...there, PULUMI_CONFIG_PASSPHRASE: 'right' };
  assert.equal(typed(right, 'stack', 'init', 'one').status, 0);
  assert.deepEqual(typed(right, 'config', 'set', '--secret', 'a', 'b').stderr, '');
  assert.match(typed(there, 'up', '--yes').stderr, /^error: .*\nCannot read the secrets .* not given\.\nPut it into /);
  const wrong = { ...there, PULUMI_CONFIG_PASSPHRASE: 'wrong' };
  assert.match(typed(wrong, 'preview').stderr, /^error: .*\nCannot read the secrets .* another one than the one given/);
  assert.doesNotMatch(typed(right, 'stack', 'select', 'two').stderr, /Cannot/);
});
