/** A repair that is killed, and one beside a push. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { gitWorkIn } from '../../../agent/git/gitwork';
import { startOf } from '../../../agent/machine/processes';
import { until } from '../../lab/processes';
import { descendants } from '../../lab/processtree';
import { assertWhole, branch, repair, start } from '../kit/damaged';
import { assertLevel } from '../kit/ending';
import type { Pair } from '../kit/pair';
import { packAll, rot } from '../kit/spoil';

function startRepair(pair: Pair): { child: ChildProcess; ended: Promise<void> } {
  const child = spawn(process.execPath, [path.join(pair.agentFolder, 'agent.cjs'), 'call', 'repair'], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(JSON.stringify({ path: pair.old, who: 'ada', apply: true }));
  return { child, ended: new Promise((resolve) => child.on('close', () => resolve())) };
}

/** It has GitLab's refs, and no git of its own is at work: what it does now is to wait for pushes. */
function isAtRest(pair: Pair, repairer: number): boolean {
  const places = fs.readdirSync(path.join(pair.old, 'git-handover'), { recursive: true, encoding: 'utf8' });
  const fetched = places.some((place) => /^repair.*\/refs\/gitlab\/heads\/main$/.test(place));
  return fetched && descendants(repairer).length === 0;
}

/** Between two steps it rests for a moment as well: only a rest that lasts is a wait. */
const restMs = 1_000;

function restsFor(pair: Pair, repairer: number): () => boolean {
  let since: number | null = null;
  return () => {
    since = isAtRest(pair, repairer) ? (since ?? Date.now()) : null;
    return since !== null && Date.now() - since >= restMs;
  };
}

test('a repair that is killed at any moment can be run again, and loses nothing', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  const pack = await packAll(pair);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  rot(`${pack}.pack`, fs.statSync(`${pack}.pack`).size - 3_000);
  fs.rmSync(path.join(pair.old, 'packed-refs'));
  for (const afterMs of [300, 500, 700, 900, 1_100, 1_300, 1_600, 2_000]) await killedRepair(pair, afterMs);
  await until('what the killed ones started to end', () => gitWorkIn(pair.old) !== 'some', 30_000);
  await repair(pair).catch((error: unknown) => assert.match(String(error), /not-damaged/));
  await pair.pass();
  await assertWhole(pair, 'main S3, work A');
  assert.equal(fs.existsSync(path.join(pair.old, 'git-handover/repair')), false);
});

/** Killed after a time since it began. */
async function killedRepair(pair: Pair, afterMs: number): Promise<void> {
  const { child, ended } = startRepair(pair);
  let isOver = false;
  void ended.then(() => (isOver = true));
  const start = Date.now();
  await until('the moment of the kill', () => isOver || Date.now() - start >= afterMs, 60_000);
  child.kill('SIGKILL');
  await until('the killed repair to be gone', () => isOver, 10_000);
}

test('mirror: a push that is just writing its records down does not keep lost refs from coming back', async (t) => {
  const pair = await start(t, 'mirror');
  await branch(pair, 'work');
  fs.rmSync(path.join(pair.old, 'refs/heads/work'));
  const id = `${process.pid}.${startOf(process.pid) ?? ''}`;
  const lease = path.join(
    pair.state,
    'pushes',
    `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}.${id}.${id}`,
  );
  fs.writeFileSync(lease, '');
  const { child, ended } = startRepair(pair);
  let isOver = false;
  void ended.then(() => (isOver = true));
  const waits = restsFor(pair, child.pid ?? 0);
  await until('the repair to wait for the push', () => isOver || waits(), 60_000, 100);
  fs.rmSync(lease);
  await ended;
  await assertLevel(pair, 'main S3, work work');
});
