/** What one side starts and another looks for, or answers: the shims' command lines against the agent's table. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentFile, agentWords, commands, pushWords } from '../../agent/contract/commands';

const shims = join(__dirname, '../../agent/hook/shims');

function textsOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = join(folder, entry.name);
    return entry.isDirectory() ? textsOf(place) : [readFileSync(place, 'utf8')];
  });
}

/** `"$node" "$folder/agent.cjs" push "$state" …`: what follows the bundle. */
function calls(): string[] {
  const text = textsOf(shims).join('\n');
  return [...text.matchAll(/"\$node" "\$folder\/([^"]+)" ([^\n;)<]+)/g)].map(
    ([, file = '', words = '']) => `${file} ${words.trim()}`,
  );
}

test('what the shims start is a command that the agent knows: a pre-receive that ends with "unknown command" refuses every push', () => {
  const started = calls().map((call) => call.split(' ').slice(0, 2));
  assert.deepEqual([...new Set(started.map(([, command]) => command))].sort(), [
    'ask',
    'end-hold',
    'look',
    'push',
    'wake',
  ]);
  for (const [file, command] of started) {
    assert.equal(file, agentFile);
    assert.ok((commands as readonly string[]).includes(command ?? ''), command);
  }
});

test('a push that the shim starts carries the words by which its process is looked for: else it would seem gone, and be settled while it runs', () => {
  const [push, state, lease] = pushWords('"$state"', '"${lease##*/}"');
  const pushes = calls().filter((call) => call.split(' ')[1] === 'push');
  assert.ok(pushes.length > 0);
  for (const call of pushes) assert.ok(call.startsWith([agentFile, push, state, lease, ''].join(' ')), call);
});

test('a process of the agent is its bundle, then the command, then what belongs to it', () => {
  assert.deepEqual(agentWords('/f', ...pushWords('/f/repositories/r', 'lease'), 'check'), [
    '/f/agent.cjs',
    'push',
    '/f/repositories/r',
    'lease',
    'check',
  ]);
});
