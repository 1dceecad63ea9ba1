/** A process of its own for a pass, where the agent there is one that never comes back by itself. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { processesCalled } from '../../agent/machine/processes';
import { runAlone } from '../../agent/resident/alone';
import { labFolder } from '../lab/folder';
import { until } from '../lab/processes';

const soon = { megabytes: 32, withinMs: 60_000 };

/** Words for Node: a program that does this. */
function program(t: TestContext, text: string): string[] {
  const lab = labFolder();
  t.after(() => lab.close());
  const file = path.join(lab.path, 'agent.cjs');
  fs.writeFileSync(file, text);
  return [file];
}

test('what it says is heard', async (t) => {
  const seen = { open: 1, moved: 2 };
  const words = program(t, `console.log(JSON.stringify({ seen: ${JSON.stringify(seen)} }))`);
  assert.deepEqual(await runAlone(words, soon), { kind: 'answered', answer: { seen } });
});

test('one that takes more memory than it has is ended, and leaves no core', async (t) => {
  const words = program(t, 'const all = []; for (;;) all.push({ of: String(all.length) })');
  assert.deepEqual(await runAlone(words, soon), { kind: 'killed' });
  assert.deepEqual(fs.readdirSync(path.dirname(words[0] ?? '')), ['agent.cjs']);
});

test('one that is late is ended, with all that it started, also where it stands still', async (t) => {
  const sleep = `require('child_process').spawn('sh', ['-c', 'sleep 600; :', __filename])`;
  const words = program(t, `${sleep}; process.kill(process.pid, 'SIGSTOP')`);
  assert.deepEqual(await runAlone(words, { ...soon, withinMs: 1_000 }), { kind: 'late' });
  await until('nothing of it to be left', () => processesCalled(words).length === 0, 10_000);
});

test('one that ends without an answer, or with half of one, is no answer', async (t) => {
  for (const text of ['', 'process.stdout.write("{\\"seen\\":")', 'process.stdout.write("{}")'])
    assert.deepEqual(await runAlone(program(t, text), soon), { kind: 'died', code: 0 }, text);
  assert.deepEqual(await runAlone(program(t, 'process.exit(3)'), soon), { kind: 'died', code: 3 });
});
