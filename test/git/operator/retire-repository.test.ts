import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { noConsent, pairIn, type Pair } from '../kit/pair';

async function toRefuse(pair: Pair): Promise<void> {
  for (const phase of ['mirror', 'both', 'warn', 'refuse'] as const) await pair.move(phase);
}

function retire(pair: Pair, apply: boolean): Promise<{ text: string; applied: boolean; location: string }> {
  return pair.call('retire', { path: pair.old, who: 'ada', apply });
}

function restore(
  pair: Pair,
  apply = true,
  rebind = false,
): Promise<{ text: string; applied: boolean; location: string }> {
  return pair.call('restore', { path: pair.old, who: 'ada', apply, rebind });
}

async function phaseOf(pair: Pair): Promise<string> {
  const { repositories } = await pair.call('status', { paths: [pair.old] });
  return repositories[0]?.phase ?? '';
}

test('retiring says first what it would do, then renames and writes down who did it; restoring brings it back refusing pushes', async (t) => {
  const pair = await pairIn(t, 'old');
  await toRefuse(pair);
  const clone = await pair.clone('old', 'ada');
  const away = `${pair.old}.retired`;
  assert.match((await retire(pair, false)).text, /^Would rename/);
  assert.deepEqual([fs.existsSync(pair.old), await phaseOf(pair)], [true, 'refuse']);
  assert.deepEqual(
    [(await retire(pair, true)).location, fs.existsSync(pair.old), fs.existsSync(away), await phaseOf(pair)],
    [away, false, true, 'retired'],
  );
  await pair.commit(clone, 'A');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /does not (exist|appear to be)/);
  assert.match((await pair.git(clone, 'push', away, 'main')).output, /remote: .*moved to GitLab/);
  await assert.rejects(retire(pair, true), /already-there/);
  await restore(pair);
  assert.deepEqual([fs.existsSync(pair.old), fs.existsSync(away), await phaseOf(pair)], [true, false, 'refuse']);
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /remote: .*moved to GitLab/);
  const decided = fs
    .readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; who: string });
  assert.deepEqual(
    decided.map(({ what, who }) => `${what} by ${who}`),
    ['retire by ada', 'restore by ada'],
  );
  await assertLevel(pair, 'main S1');
});

test('a repository from which another one borrows objects is not retired', async (t) => {
  const pair = await pairIn(t, 'old');
  await toRefuse(pair);
  const fork = path.join(path.dirname(pair.old), 'forks', 'deep', 'fork.git');
  await pair.must(pair.folder, 'clone', '--quiet', '--bare', '--shared', pair.old, fork);
  await assert.rejects(retire(pair, true), /borrowed: .*fork\.git borrows objects/);
  await assert.rejects(pair.move('retired'), /borrowed/);
  assert.equal(fs.existsSync(pair.old), true);
  await pair.must(fork, 'repack', '-a', '-d', '--quiet');
  fs.rmSync(path.join(fork, 'objects/info/alternates'));
  assert.equal((await retire(pair, true)).applied, true);
  await pair.must(fork, 'fsck');
});

test('a repository whose new name is taken, or whose refs differ, is not retired', async (t) => {
  const pair = await pairIn(t, 'old', { limits: { breakerRefs: 1, breakerShare: 0 } });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b');
  await assert.rejects(retire(pair, true), /not-refusing/);
  await toRefuse(pair);
  fs.mkdirSync(`${pair.old}.retired`);
  await assert.rejects(retire(pair, true), /path-taken/);
  fs.rmdirSync(`${pair.old}.retired`);
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.must(stranger, 'push', '--quiet', 'origin', ':a', ':b');
  await assert.rejects(retire(pair, true), /not-level/);
  assert.deepEqual([fs.existsSync(pair.old), await phaseOf(pair)], [true, 'refuse']);
  await assertSides(pair, { old: 'a A, b A, main S1', gitlab: 'main S1' });
});

test('a repository of which a ref cannot be set to what GitLab has is not retired until it can', async (t) => {
  const pair = await pairIn(t, 'old');
  await toRefuse(pair);
  const lock = path.join(pair.old, 'refs/heads/main.lock');
  fs.writeFileSync(lock, '');
  const stranger = await pair.clone('gitlab', 'stranger');
  await pair.commit(stranger, 'A');
  await pair.must(stranger, 'push', '--quiet', 'origin', 'main');
  await assert.rejects(
    retire(pair, true),
    /not-level: .*refs\/heads\/main: Git on old cannot set it: cannot lock ref .*File exists\. See/,
  );
  await assertSides(pair, { old: 'main S1', gitlab: 'main A' });
  fs.rmSync(lock);
  assert.equal((await retire(pair, true)).applied, true);
});

test('a retirement that was killed before the rename is finished by whoever comes next', async (t) => {
  const pair = await pairIn(t, 'old');
  await toRefuse(pair);
  await pair.move('retired');
  const away = `${pair.old}.retired`;
  // As if the rename had not been reached: the state already names the new place.
  fs.renameSync(away, pair.old);
  assert.equal((await pair.agent('tick')).code, 0);
  assert.deepEqual([fs.existsSync(pair.old), fs.existsSync(away)], [false, true]);
  await pair.move('refuse');
  fs.renameSync(pair.old, away);
  assert.equal(await phaseOf(pair), 'refuse');
  assert.deepEqual([fs.existsSync(pair.old), fs.existsSync(away)], [true, false]);
  await assertLevel(pair, 'main S1');
});

test('a folder of another repository is never renamed in the place of ours', async (t) => {
  const pair = await pairIn(t, 'old');
  await toRefuse(pair);
  await pair.move('retired');
  fs.renameSync(`${pair.old}.retired`, path.join(pair.folder, 'elsewhere'));
  await pair.must(pair.folder, 'init', '--quiet', '--bare', pair.old);
  await pair.agent('tick');
  assert.deepEqual([fs.existsSync(pair.old), fs.existsSync(`${pair.old}.retired`)], [true, false]);
  await assert.rejects(restore(pair), /gone/);
});

test('a repository that came back from a backup is taken up only when a person says so', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const backup = path.join(pair.folder, 'backup');
  fs.cpSync(pair.old, backup, { recursive: true });
  fs.rmSync(pair.old, { recursive: true });
  fs.renameSync(backup, pair.old);
  const refusals = async (): Promise<string[]> =>
    (
      await pair.call('inspect', { repositories: [{ config: pair.config, to: null, consent: noConsent }] })
    ).repositories.flatMap((view) => view.refusals.map(({ code }) => code));
  assert.deepEqual(await refusals(), ['other-repository']);
  assert.equal((await restore(pair, false, true)).applied, false);
  assert.deepEqual(await refusals(), ['other-repository']);
  await restore(pair, true, true);
  assert.deepEqual(await refusals(), []);
  assert.equal((await pair.pass()).troubles.length, 0);
  await assertLevel(pair, 'main S1');
});
