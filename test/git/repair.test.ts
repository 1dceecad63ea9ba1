import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../lab/processes';
import { startPair, type Pair, type PairOptions } from './pair';
import { everyByte, looseFile, packAll, rot, truncate } from './spoil';

type Mode = 'mirror' | 'both';

async function start(t: TestContext, mode: Mode, options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair({ commits: 3, ...options });
  t.after(() => pair.close());
  await pair.move('mirror');
  if (mode === 'both') await pair.move('both');
  return pair;
}

/** A branch with a file of its own. Answers its tip and the blob. */
async function branch(pair: Pair, name: string): Promise<{ tip: string; blob: string; clone: string }> {
  const clone = await pair.clone('old', `clone-${name}`);
  fs.writeFileSync(path.join(clone, `${name}.bin`), randomBytes(20_000));
  await pair.must(clone, 'add', '.');
  await pair.must(clone, 'commit', '--quiet', '-m', name);
  await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${name}`);
  await pair.pass();
  const [tip = '', blob = ''] = (await pair.must(clone, 'rev-parse', 'HEAD', `HEAD:${name}.bin`)).trim().split('\n');
  return { tip, blob, clone };
}

function repair(pair: Pair, apply = true): Promise<{ text: string; applied: boolean }> {
  return pair.call('repair', { path: pair.old, who: 'ada', apply });
}

async function assertWhole(pair: Pair): Promise<void> {
  assert.doesNotMatch(await pair.must(pair.old, 'fsck', '--full', '--no-dangling'), /missing|error|corrupt|broken/);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
  assert.deepEqual((await pair.call('status', { paths: [] })).repositories.flatMap((one) => one.troubles), []);
}

/** People who push to old, one commit after the other, until they are told to stop. Answers the acknowledged commits. */
function pushing(pair: Pair, clone: string, name: string): { stop(): Promise<string[]> } {
  let going = true;
  const work = (async () => {
    const told: string[] = [];
    for (let turn = 1; going; turn += 1) {
      const tip = await pair.commit(clone, `${name} ${turn}`);
      if ((await pair.git(clone, 'push', '--quiet', 'origin', `HEAD:${name}`)).code === 0) told.push(tip);
    }
    return told;
  })();
  return {
    stop: () => {
      going = false;
      return work;
    },
  };
}

for (const mode of ['mirror', 'both'] as const) {
  test(`${mode}: a deleted object, a truncated pack and lost packed-refs are repaired while pushes go on`, async (t) => {
    const pair = await start(t, mode);
    await branch(pair, 'packed');
    const pack = await packAll(pair);
    const { blob } = await branch(pair, 'deleted');
    const pusher = await branch(pair, 'work');
    fs.rmSync(looseFile(pair, blob));
    truncate(`${pack}.pack`);
    fs.rmSync(path.join(pair.old, 'packed-refs'));
    const pushes = pushing(pair, pusher.clone, 'work');
    const { text } = await repair(pair);
    const told = await pushes.stop();
    assert.match(text, /Everything that the refs need is here now\./);
    const pusherAfter = await pair.commit(pusher.clone, 'after');
    await pair.must(pusher.clone, 'push', '--quiet', 'origin', 'HEAD:work');
    await pair.pass();
    await pair.pass();
    await assertWhole(pair);
    for (const tip of [...told, pusherAfter]) await pair.must(pair.gitlab, 'merge-base', '--is-ancestor', tip, 'work');
    for (const name of ['main', 'packed', 'deleted']) assert.match(await pair.refs('old'), new RegExp(`refs/heads/${name} `));
    const [time = ''] = fs.readdirSync(path.join(pair.old, 'git-handover-damaged'));
    assert.deepEqual(fs.readdirSync(path.join(pair.old, 'git-handover-damaged', time, 'objects/pack')).filter((name) => name.endsWith('.pack')), [path.basename(`${pack}.pack`)]);
    assert.match(fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8'), /"what":"repair".*"who":"ada"/);
  });
}

test('a dry run says what is broken and what would come back, and changes no byte', async (t) => {
  const pair = await start(t, 'mirror');
  await branch(pair, 'packed');
  const pack = await packAll(pair);
  const { blob } = await branch(pair, 'deleted');
  fs.rmSync(looseFile(pair, blob));
  rot(`${pack}.pack`, fs.statSync(`${pack}.pack`).size - 3_000);
  fs.rmSync(path.join(pair.old, 'packed-refs'));
  const before = everyByte(pair.old);
  const { text, applied } = await repair(pair, false);
  assert.equal(applied, false);
  assert.match(text, /Damaged on old:\n {2}pack\/pack-[0-9a-f]+\.pack: 1 of its \d+ objects cannot be read/);
  assert.match(text, new RegExp(`objects that refs need are missing, such as .*${blob}`));
  assert.match(text, /refs\/heads\/main: absent becomes [0-9a-f]{8} again/);
  assert.equal(everyByte(pair.old), before);
});

test('mirror: an acknowledged push that GitLab does not have yet is restored from its record when its ref is lost', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  const newer = await pair.commit(clone, 'not on GitLab yet');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  fs.rmSync(path.join(pair.old, 'refs/heads/work'));
  const { text } = await repair(pair);
  assert.match(text, new RegExp(`refs/heads/work: absent becomes ${newer.slice(0, 8)} again`));
  await assertWhole(pair);
  assert.match(await pair.refs('gitlab'), new RegExp(`refs/heads/work ${newer}`));
});

test('mirror: a newer good value is never dropped for an older one that GitLab has', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  const { blob } = await branch(pair, 'broken');
  const newer = await pair.commit(clone, 'newer');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  truncate(looseFile(pair, blob), 0);
  await repair(pair);
  await assertWhole(pair);
  assert.match(await pair.refs('old'), new RegExp(`refs/heads/work ${newer}`));
});

test('mirror: what neither side has is named with its commit, its writer and the command that brings it back', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone, tip } = await branch(pair, 'work');
  fs.writeFileSync(path.join(clone, 'new.bin'), randomBytes(5_000));
  await pair.must(clone, 'add', '.');
  const newer = await pair.commit(clone, 'only on old');
  const blob = (await pair.must(clone, 'rev-parse', 'HEAD:new.bin')).trim();
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  fs.rmSync(looseFile(pair, blob));
  const { text } = await repair(pair);
  assert.match(text, new RegExp(`Cannot be brought back, as neither side has all its objects:\\n {2}refs/heads/work at ${newer}: pushed \\d{4}-.*; written by Ada <ada@example.org>, .*: only on old`));
  assert.match(text, /npm run resolve -- \S+ refs\/heads\/work --keep gitlab/);
  assert.match(await pair.refs('old'), new RegExp(`refs/heads/work ${newer}`));
  await pair.call('resolve', { path: pair.old, ref: 'refs/heads/work', keep: 'gitlab', reason: 'lost', who: 'ada', apply: true });
  assert.match(await pair.refs('old'), new RegExp(`refs/heads/work ${tip}`));
  await pair.must(clone, 'push', '--quiet', 'origin', `${newer}:refs/heads/work`);
  await pair.pass();
  assert.match(await pair.refs('gitlab'), new RegExp(`refs/heads/work ${newer}`));
  await pair.must(pair.old, 'rev-list', '--objects', '--quiet', 'refs/heads/work');
});

test('a healthy repository is left alone', async (t) => {
  const pair = await start(t, 'mirror');
  const before = everyByte(pair.old);
  await assert.rejects(repair(pair), /nothing-to-do/);
  assert.equal(everyByte(pair.old), before);
});

test('a pack of which one object rotted gives all others back, also those that GitLab never had', async (t) => {
  const pair = await start(t, 'mirror');
  const { clone } = await branch(pair, 'work');
  const kept = await pair.commit(clone, 'kept');
  await pair.must(clone, 'push', '--quiet', 'origin', `${kept}:refs/other/kept`);
  const pack = await packAll(pair);
  const rows = (await pair.must(pair.old, 'verify-pack', '-v', `${pack}.idx`)).split('\n').map((line) => line.split(/ +/)).filter(([, kind]) => kind === 'blob');
  const [large] = rows.sort((a, b) => Number(b[2]) - Number(a[2]));
  rot(`${pack}.pack`, Number(large?.[4]) + 2_000);
  await repair(pair);
  await assertWhole(pair);
  await pair.must(pair.old, 'rev-list', '--objects', '--quiet', 'refs/other/kept');
});

for (const [what, spoil] of [
  ['an index that is gone', (pack: string) => fs.rmSync(`${pack}.idx`)],
  ['an index that is cut short', (pack: string) => truncate(`${pack}.idx`)],
  ['index and pack cut short', (pack: string) => (truncate(`${pack}.idx`), truncate(`${pack}.pack`, 0.8))],
  ['a pack that is gone', (pack: string) => fs.rmSync(`${pack}.pack`)],
] as const) {
  test(`both: ${what} is mended`, async (t) => {
    const pair = await start(t, 'both');
    await branch(pair, 'work');
    const pack = await packAll(pair);
    for (const ending of ['pack', 'idx']) fs.utimesSync(`${pack}.${ending}`, 1_000_000_000, 1_000_000_000);
    spoil(pack);
    await repair(pair);
    await assertWhole(pair);
  });
}

test('both: a lost HEAD, garbage in packed-refs and a broken commit graph are mended; git could do nothing before', async (t) => {
  const pair = await start(t, 'both');
  await branch(pair, 'work');
  await packAll(pair);
  await pair.must(pair.old, 'commit-graph', 'write', '--reachable');
  rot(path.join(pair.old, 'objects/info/commit-graph'), 300);
  fs.appendFileSync(path.join(pair.old, 'packed-refs'), '\0\0garbage\n');
  fs.writeFileSync(path.join(pair.old, 'HEAD'), '');
  assert.notEqual((await pair.git(pair.old, 'for-each-ref')).code, 0);
  await repair(pair);
  await assertWhole(pair);
  assert.equal(fs.readFileSync(path.join(pair.old, 'HEAD'), 'utf8'), 'ref: refs/heads/main\n');
});

test('a repair that is killed at any moment can be run again, and loses nothing', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  const pack = await packAll(pair);
  const newer = await pair.commit(clone, 'newer');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  rot(`${pack}.pack`, fs.statSync(`${pack}.pack`).size - 3_000);
  fs.rmSync(path.join(pair.old, 'packed-refs'));
  for (const afterMs of [300, 500, 700, 900, 1_100, 1_300, 1_600, 2_000]) await killedRepair(pair, afterMs);
  await repair(pair).catch((error: unknown) => assert.match(String(error), /nothing-to-do/));
  await pair.pass();
  await assertWhole(pair);
  assert.match(await pair.refs('gitlab'), new RegExp(`refs/heads/work ${newer}`));
  assert.equal(fs.existsSync(path.join(pair.old, 'git-handover/repair')), false);
});

/** Killed with everything that it started, after a time since it began. */
async function killedRepair(pair: Pair, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [path.join(pair.agentFolder, 'agent.cjs'), 'call', 'repair'], { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  let ended = false;
  child.on('close', () => (ended = true));
  child.stdin.end(JSON.stringify({ path: pair.old, who: 'ada', apply: true }));
  const start = Date.now();
  await until('the moment of the kill', () => ended || Date.now() - start >= afterMs, 60_000);
  child.kill('SIGKILL');
  await until('the killed repair to be gone', () => ended, 10_000);
}
