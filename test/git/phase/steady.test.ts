/** P8: one pusher who pushes without end keeps no change of phase from happening. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { until } from '../../lab/processes';
import { bothSides } from '../kit/ending';
import { pairIn } from '../kit/pair';

/** Does it again and again, so many side by side, until it is ended. */
function steadily(times: number, work: () => Promise<void>): () => Promise<void> {
  let isOver = false;
  const loop = async (): Promise<void> => {
    while (!isOver) await work();
  };
  const loops = Array.from({ length: times }, loop);
  return async () => {
    isOver = true;
    await Promise.all(loops);
  };
}

test('pushes that GitLab never answers, three in a loop without end: a move comes through, and pushes wait for it no longer than they may', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { longestGitlabPushMs: 4_000, lookMs: 300 } });
  const unanswered = path.join(pair.folder, 'unanswered');
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    `#!/bin/sh\ngrep -q loop || exit 0\necho >>${unanswered}\nkill -9 $PPID\n`,
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'mallory');
  let pushes = 0;
  const stop = steadily(3, async () => {
    pushes += 1;
    await pair.git(clone, 'push', 'origin', `main:loop${pushes}`);
  });
  try {
    await until('GitLab to leave pushes without an answer', () => fs.existsSync(unanswered), 15_000);
    assert.equal((await pair.move('warn')).phase, 'warn');
    assert.equal((await pair.move('both')).phase, 'both');
  } finally {
    await stop();
  }
  assert.deepEqual(await bothSides(pair), { old: 'main S1', gitlab: 'main S1' });
});

test('pushes without end while a copy begins: those that came after the hooks are not taken for older ones', async (t) => {
  const pair = await pairIn(t, 'old', { limits: { holdMs: 5_000 } });
  // As long as it takes to send something: no hook of ours has run by then.
  const connect = (): Promise<void> =>
    new Promise((resolve) => {
      const child = spawn('git', ['receive-pack', pair.old], { stdio: ['pipe', 'ignore', 'ignore'] });
      child.on('close', () => resolve());
      setTimeout(() => child.stdin.end('0000'), 1_500);
    });
  const stop = steadily(3, connect);
  try {
    assert.equal((await pair.move('mirror')).phase, 'mirror');
  } finally {
    await stop();
  }
  assert.deepEqual(await bothSides(pair), { old: 'main S1', gitlab: 'main S1' });
});
