/** A stack that cannot be read is told in our words, by the real engine: a login that is not there, a passphrase. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asFault } from '../../agent/contract/errors';
import { readStack, selectedOfSeveral } from '../../scripts/stack';
import { labFolder } from '../lab/folder';
import { tools } from '../lab/toolchain';

const names = ['PULUMI_HOME', 'PULUMI_ACCESS_TOKEN', 'PULUMI_BACKEND_URL', 'PULUMI_CONFIG_PASSPHRASE'] as const;

test('who is not logged in, or gave no passphrase or another one, reads what to do, and nothing of the engine', async (t) => {
  const lab = labFolder();
  t.after(() => lab.close());
  const before = names.map((name) => [name, process.env[name]] as const);
  t.after(() => before.forEach(([name, value]) => set(name, value)));
  const [home, state, project] = ['home', 'state', 'project'].map((name) => join(lab.path, name));
  assert.ok(home !== undefined && state !== undefined && project !== undefined);
  [home, state, project].forEach((folder) => mkdirSync(folder));
  writeFileSync(join(project, 'Pulumi.yaml'), 'name: git-handover\nruntime: nodejs\n');
  set('PULUMI_HOME', home);
  names.slice(1).forEach((name) => set(name, undefined));
  assert.match(await told(project), /^no-login: .*not logged in.* `npm run pulumi -- login file/);
  set('PULUMI_BACKEND_URL', `file://${state}`);
  assert.match(await told(project), /^no-stack: .*no stack selected/);
  set('PULUMI_CONFIG_PASSPHRASE', 'right');
  for (const name of ['one', 'two']) pulumi(project, 'stack', 'init', name);
  for (const name of ['one', 'two']) pulumi(project, 'config', 'set', '--stack', name, '--secret', 'a', 'b');
  assert.deepEqual(readdirSync(project).sort(), ['Pulumi.one.yaml', 'Pulumi.two.yaml', 'Pulumi.yaml']);
  assert.equal(await selectedOfSeveral(project), 'two');
  set('PULUMI_CONFIG_PASSPHRASE', 'wrong');
  assert.match(await told(project), /^no-passphrase: .*another one than the one given/);
  set('PULUMI_CONFIG_PASSPHRASE', undefined);
  assert.match(await told(project), /^no-passphrase: .*not given/);
});

function set(name: (typeof names)[number], value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function pulumi(project: string, ...args: string[]): void {
  execFileSync(join(tools().pulumi, 'pulumi'), [...args, '--cwd', project, '--non-interactive'], { stdio: 'pipe' });
}

async function told(project: string): Promise<string> {
  const fault = await readStack({ stack: undefined, project }).then(() => assert.fail('it was read'), asFault);
  return `${fault.code}: ${fault.message} ${fault.next}`;
}
