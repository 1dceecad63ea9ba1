/** A GitLab that is broken or somebody else's: it talks without end, and keeps everybody waiting. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { runGit } from '../../../agent/git/gitprocess';
import { labFolder } from '../../lab/folder';
import { bothSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

const megabyte = 1024 * 1024;
const flood = 400 * megabyte;
const line = 'remote: GitLab has a lot to say about this push, and says it again';

/** Runs a command of the shell as git would run its ssh. */
async function hear(command: string, idleMs: number): ReturnType<typeof runGit> {
  const lab = labFolder();
  try {
    const place = { directory: lab.path, folder: lab.path, quarantine: {} };
    return await runGit(place, ['-c', `alias.talk=!${command}`, 'talk'], { idleMs, stranger: true });
  } finally {
    await lab.close();
  }
}

test('of words without end the last are kept, in little memory, and whoever says them is ended', async () => {
  const before = process.memoryUsage().rss;
  const exit = await hear(`yes '${line}' | head -c ${flood} >&2`, 60_000);
  const grown = process.memoryUsage().rss - before;
  assert.equal(exit.timedOut, true);
  assert.ok(exit.stderr.length <= 2 * megabyte, `${exit.stderr.length} bytes were kept`);
  assert.ok(exit.stderr.includes(line));
  assert.ok(grown < 150 * megabyte, `memory grew by ${Math.round(grown / megabyte)} MB`);
});

test('a list of refs without end is no list', async () => {
  const exit = await hear(`yes '${'a'.repeat(40)}\trefs/heads/main' | head -c ${flood}`, 60_000);
  assert.equal(exit.timedOut, true);
  assert.notEqual(exit.code, 0);
  assert.ok(exit.stdout.length <= 128 * megabyte, `${exit.stdout.length} bytes were kept`);
});

test('who says a word now and then does not keep us for ever', { timeout: 60_000 }, async () => {
  const exit = await hear('i=0; while [ $i -lt 200 ]; do echo still there >&2; sleep 0.1; i=$((i + 1)); done', 500);
  assert.equal(exit.timedOut, true);
});

/** Until `work` is over: the most bytes that lay beside the lease of a push. */
async function mostBeside(pair: Pair, work: Promise<unknown>): Promise<number> {
  let most = 0;
  const pushes = path.join(pair.state, 'pushes');
  const look = setInterval(() => {
    for (const name of fs.readdirSync(pushes).filter((one) => /\.(err|out)$/.test(one)))
      most = Math.max(most, fs.statSync(path.join(pushes, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 5);
  await work.finally(() => clearInterval(look));
  return most;
}

test('a GitLab that talks without end fills neither the disk of old nor the screen of who pushes', async (t) => {
  const pair = await pairIn(t, 'both');
  const talk = path.join(pair.gitlab, 'hooks/pre-receive');
  fs.writeFileSync(talk, `#!/bin/sh\nyes '${line}' | head -c ${flood} >&2\nexit 1\n`, { mode: 0o755 });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const most = await mostBeside(pair, push);
  const { code, output } = await push;
  assert.notEqual(code, 0);
  assert.ok(most <= 32 * megabyte, `${Math.round(most / megabyte)} MB lay beside the lease`);
  assert.ok(output.length < 16 * 1024, `the pusher read ${output.length} characters`);
  assert.deepEqual(await bothSides(pair), { old: 'main S1', gitlab: 'main S1' });
  fs.rmSync(talk);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  assert.deepEqual(await bothSides(pair), { old: 'main A', gitlab: 'main A' });
});
