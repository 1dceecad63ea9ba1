import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { labFolder } from './folder';

const project = join(__dirname, '../..');

test('a file none of whose tests is asked for closes what all of them share, and ends', async (t) => {
  const folder = labFolder();
  t.after(() => folder.close());
  const file = join(folder.path, 'shared.test.ts');
  writeFileSync(
    file,
    `import { test } from 'node:test';
import { aroundTests } from ${JSON.stringify(join(__dirname, 'around'))};
aroundTests(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const timer = setInterval(() => undefined, 1_000);
    return async () => clearInterval(timer);
});
test('one', () => undefined);
`,
  );
  const words = ['--import', 'tsx', '--test', '--test-reporter=tap', '--test-name-pattern=no such test', file];
  // A test that is run by another one says nothing of its own.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const said = execFileSync(process.execPath, words, { cwd: project, env, encoding: 'utf8', timeout: 60_000 });
  assert.match(said, /^# fail 0$/m);
});
