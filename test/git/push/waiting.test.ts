/** A GitLab that takes its time: what the pusher reads, and what a change of phase waits for. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../lab/processes';
import { assertLevel, bothSides } from '../kit/ending';
import { kill, onlyPush, putGate, startMove, type Gate } from '../kit/gate';
import { pairIn, type Pair } from '../kit/pair';

/** GitLab's hook waits until the test opens it. */
async function startSlow(
  t: TestContext,
  longestGitlabPushMs = 1_000,
): Promise<{ pair: Pair; gate: Gate; clone: string }> {
  const pair = await pairIn(t, 'both', { limits: { longestGitlabPushMs } });
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'slow');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  return { pair, gate, clone };
}

test('a pusher who waits for GitLab reads for how long, and nothing keeps the connection open afterwards', async (t) => {
  const { pair, gate, clone } = await startSlow(t);
  const push = spawn('git', ['push', '--progress', 'origin', 'main'], {
    cwd: clone,
    env: { ...process.env, HOME: path.join(pair.folder, 'home') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  push.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => push.on('close', resolve));
  await until('a word about the wait', () => /remote: waiting for GitLab \.\.\. 6 s/.test(output), 20_000);
  gate.open();
  assert.equal(await ended, 0, output);
  await assertLevel(pair, 'main A');
  assert.match(output, /waiting for GitLab \.\.\. 3 s\s+remote: waiting for GitLab \.\.\. 6 s/);
});

test("a hook that is killed leaves its git push behind: a change of phase waits until that has ended, and then GitLab's longest push", async (t) => {
  const { pair, gate, clone } = await startSlow(t);
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
  const { hook, receivePack } = onlyPush(pair);
  kill(receivePack, hook);
  assert.notEqual((await push).code, 0);
  const move = startMove(pair, 'mirror');
  await move.says(/without an answer/);
  // Far longer than GitLab's longest push: it is the client that counts.
  assert.match((await move.ended).output, /may still land/);
  gate.open();
  await until('the push to land', async () => (await bothSides(pair)).gitlab === 'main A', 15_000);
  await until('a move to succeed', async () => (await startMove(pair, 'mirror').ended).code === 0, 30_000);
  await assertLevel(pair, 'main A');
});
