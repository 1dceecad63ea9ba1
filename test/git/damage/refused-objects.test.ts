/** Objects of GitLab that git on old refuses: their refs are listed, and stop no others. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** A commit with a time zone that git's own check refuses, made on GitLab and named X. */
async function makeBad(pair: Pair, branch: string): Promise<void> {
  const tree = (await pair.must(pair.gitlab, 'rev-parse', 'main^{tree}')).trim();
  const who = 'Ada <ada@example.org> 1700000000 +051800';
  const text = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nX\n`;
  const words = ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'];
  const oid = execFileSync('git', words, { cwd: pair.gitlab, input: text, encoding: 'utf8' }).trim();
  await pair.must(pair.gitlab, 'update-ref', `refs/heads/${branch}`, oid);
  await pair.name(pair.gitlab, branch, 'X');
}

async function listed(pair: Pair): Promise<string[]> {
  const { repositories, faults } = await pair.call('status', { paths: [] });
  assert.deepEqual(faults, [], 'passes end well');
  return repositories.flatMap(({ troubles }) => troubles.map(({ ref, kind, words }) => `${ref} ${kind}: ${words}`));
}

function fetches(pair: Pair): number {
  const log = fs.readFileSync(path.join(pair.agentFolder, 'log/agent.jsonl'), 'utf8');
  return log.split('\n').filter((line) => line.includes('"refs-stuck"')).length;
}

test('one branch of GitLab whose objects git on old refuses is listed, all others come, and it comes once it is let', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.old, 'config', 'transfer.fsckObjects', 'true');
  await makeBad(pair, 'm-bad');
  const clone = await pair.clone('gitlab', 'bob');
  const good = ['a', 'b', 'c', 'x', 'y', 'z'];
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', ...good.map((name) => `main:${name}`));
  const names = (all: readonly string[]): string => all.map((name) => `${name} A`).join(', ');
  const level = `${names(['a', 'b', 'c'])}, main A, ${names(['x', 'y', 'z'])}`;
  await pair.agent('tick');
  await assertSides(pair, { old: level, gitlab: level.replace('main', 'm-bad X, main') });
  for (let turn = 2; turn <= 4; turn += 1) await pair.agent('tick');
  assert.match((await listed(pair)).join('\n'), /^refs\/heads\/m-bad unfetched: .*badTimezone.*$/);
  assert.equal(fetches(pair), 2, 'the third try waits');
  await assert.rejects(pair.move('warn'), /refs\/heads\/m-bad is unfetched \(.*badTimezone/);
  const settle = { path: pair.old, ref: 'refs/heads/m-bad', keep: 'gitlab', reason: 'it is', who: 'ada' } as const;
  await assert.rejects(
    pair.call('resolve', { ...settle, apply: true }),
    /Cannot set refs\/heads\/m-bad on old: .*badTimezone/,
  );
  await pair.must(pair.old, 'config', 'fetch.fsck.badTimezone', 'ignore');
  await pair.pass();
  await assertLevel(pair, level.replace('main', 'm-bad X, main'));
  assert.deepEqual(await listed(pair), []);
});

test('who pushes to a branch whose value of GitLab git on old refuses is told so, and not to fetch it here', async (t) => {
  const pair = await pairIn(t, 'both');
  await pair.must(pair.old, 'config', 'transfer.fsckObjects', 'true');
  const clone = await pair.clone('old', 'ada');
  await makeBad(pair, 'main');
  await pair.commit(clone, 'A');
  const { output } = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(output, /git on this server cannot take main\.\s[^]*Nothing was taken\. Switch to GitLab/);
  await assertSides(pair, { old: 'main S1', gitlab: 'main X' });
});
