/** Which files a run starts: all that may hold the wanted test, and none that cannot. */
import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { choose, mayHoldTest } from '../../scripts/choosing';

const project = join(__dirname, '..', '..');

function files(...typed: string[]): string[] {
  const choice = choose(project, typed);
  return typeof choice === 'string' ? [choice] : choice.files.map((file) => relative(project, file));
}

test('a file, several files, a folder and a tier can be mixed, and each file runs once', () => {
  assert.deepEqual(files('test/git/push/both.test.ts'), ['test/git/push/both.test.ts']);
  assert.deepEqual(files('test/tools/tally.test.ts', 'test/agent/timer.test.ts', 'test/tools/tally.test.ts'), [
    'test/tools/tally.test.ts',
    'test/agent/timer.test.ts',
  ]);
  const mixed = files('unit', 'test/tools', 'test/unit/rules/refs.test.ts');
  assert.ok(mixed.includes('test/tools/tally.test.ts') && mixed.includes('test/unit/rules/decide.test.ts'));
  assert.equal(new Set(mixed).size, mixed.length);
});

test('what is no tier, file or folder, and what holds no test, is one clear sentence', () => {
  assert.match(
    files('test/git/push/neither.test.ts')[0] ?? '',
    /^Cannot run test\/git\/push\/neither\.test\.ts: no tier/,
  );
  assert.match(files('unit', 'agent/rules')[0] ?? '', /^Cannot run agent\/rules: it holds no test\./);
});

test('nothing typed is everything but what must be asked for, and no test of the project is outside of all tiers', () => {
  assert.deepEqual([...files(), ...files('versions')].sort(), files('test').sort());
  assert.deepEqual(
    files().filter((file) => file.startsWith('test/versions/')),
    [],
  );
});

test('a file is started for a name that it may hold: names that are made when it runs may be anything', () => {
  const holds = (source: string): boolean => mayHoldTest(source, /loses the race/);
  assert.equal(holds(`test('a push that loses the race', () => 1);`), true);
  assert.equal(holds(`test("whoever loses the race isn't lost", () => 1);`), true);
  assert.equal(holds(`test('it isn\\'t who loses the race', () => 1);`), true);
  assert.equal(holds(`test('a push that wins', () => 1); // loses the race`), false);
  assert.equal(holds('test(`planted: ${name}`, () => 1);'), true);
  assert.equal(holds('for (const name of names) t.test(name, () => 1);'), true);
  assert.equal(holds(`inEachPhase('a push that loses the race', () => 1);`), true);
});
