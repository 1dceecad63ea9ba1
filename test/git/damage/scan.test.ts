import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../../agent/machine/clock';
import { readRound, writeRound, type Round } from '../../../agent/repository/damage';
import { until } from '../../lab/processes';
import { startPair, type Pair, type PairOptions } from '../kit/pair';
import { looseFile, packAll, rot, truncate } from '../kit/spoil';

async function start(t: TestContext, options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair({ scanHours: 24, commits: 3, ...options });
  t.after(() => pair.close());
  await pair.move('mirror');
  return pair;
}

interface Shown {
  readonly ref: string;
  readonly words: string;
  readonly next: string;
}

async function scanned(pair: Pair): Promise<Shown[]> {
  const seen = await pair.agent('scan');
  assert.equal(seen.code, 0, seen.output);
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.troubles.filter(({ kind }) => kind === 'damaged'));
}

/** A file on a branch of its own, so that its objects are needed by nothing else. Answers the blob. */
async function branchWithFile(pair: Pair, branch: string, bytes: Buffer = randomBytes(20_000)): Promise<string> {
  const clone = await pair.clone('old', `clone-${branch}`);
  fs.writeFileSync(path.join(clone, 'file.bin'), bytes);
  await pair.must(clone, 'add', '.');
  await pair.must(clone, 'commit', '--quiet', '-m', branch);
  await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${branch}`);
  await pair.pass();
  return (await pair.must(clone, 'rev-parse', 'HEAD:file.bin')).trim();
}

test('a healthy repository yields nothing, and is not read again before it is due', async (t) => {
  const pair = await start(t);
  await branchWithFile(pair, 'loose');
  await packAll(pair);
  await branchWithFile(pair, 'young');
  await pair.must(pair.old, 'commit-graph', 'write', '--reachable');
  assert.deepEqual(await scanned(pair), []);
  const round = readRound(pair.state);
  assert.ok(round?.finished);
  assert.ok(
    round.done.includes('walk') &&
      round.done.some((part) => part.startsWith('pack/')) &&
      round.done.some((part) => part.startsWith('loose/')),
  );
  await pair.agent('scan');
  assert.deepEqual(readRound(pair.state), round);
});

test('a clock that stood ahead or is set ahead neither ends the rounds nor hurries them', async (t) => {
  const pair = await start(t);
  await scanned(pair);
  const round = readRound(pair.state);
  assert.ok(round !== null);
  const yearMs = 365 * 24 * 3600_000;
  const wall = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const isReadAgain = async (changes: Partial<Round>): Promise<boolean> => {
    writeRound(pair.state, { ...round, ...changes });
    await scanned(pair);
    return readRound(pair.state)?.began !== round.began;
  };
  const now = systemClock.now();
  assert.equal(await isReadAgain({ finished: wall(-yearMs), finishedAt: now }), false, 'the clock jumped a year ahead');
  const dayAgo = { ...now, uptimeMs: now.uptimeMs - 25 * 3600_000 };
  assert.equal(await isReadAgain({ finished: wall(yearMs), finishedAt: dayAgo }), true, 'it stood a year ahead');
  assert.equal(
    await isReadAgain({ finished: wall(yearMs), finishedAt: { ...now, boot: 'before' } }),
    true,
    'it stood a year ahead before the boot',
  );
});

test('a pack whose index is gone is found although its date lies in the future', async (t) => {
  const pair = await start(t);
  await branchWithFile(pair, 'other');
  const pack = await packAll(pair);
  fs.rmSync(`${pack}.idx`);
  const ahead = Date.now() / 1000 + 24 * 3600;
  fs.utimesSync(`${pack}.pack`, ahead, ahead);
  assert.match((await scanned(pair)).map(({ words }) => words).join('\n'), /\.pack: its index is gone/);
});

test('a missing object is found, with the ref that needs it and the command that repairs it', async (t) => {
  const pair = await start(t);
  const blob = await branchWithFile(pair, 'other');
  fs.rmSync(looseFile(pair, blob));
  const [found, ...more] = await scanned(pair);
  assert.deepEqual([found?.ref, more.length], ['refs/heads/other', 0]);
  assert.match(found?.words ?? '', new RegExp(`${blob} is missing`));
  assert.equal(found?.next, `npm run repair -- ${pair.old}`);
});

test('a loose object of no bytes, and one that rotted, are found', async (t) => {
  const pair = await start(t);
  const [empty, rotten] = [await branchWithFile(pair, 'empty'), await branchWithFile(pair, 'rotten')];
  truncate(looseFile(pair, empty), 0);
  rot(looseFile(pair, rotten), 9_000);
  const words = (await scanned(pair)).map((one) => one.words).join('\n');
  assert.match(words, new RegExp(`${empty.slice(0, 2)}/${empty.slice(2)} is empty`));
  assert.match(words, new RegExp(`${rotten.slice(0, 2)}/${rotten.slice(2)} is cut short or altered`));
});

test('rot inside a pack is found although git reads on without a word', async (t) => {
  const pair = await start(t);
  await branchWithFile(pair, 'other');
  const pack = await packAll(pair);
  assert.deepEqual(await scanned(pair), []);
  rot(`${pack}.pack`, fs.statSync(`${pack}.pack`).size - 5_000);
  fs.rmSync(path.join(pair.state, 'scan'));
  const [found] = await scanned(pair);
  assert.match(found?.words ?? '', /pack\/pack-[0-9a-f]+\.pack: 1 of its \d+ objects cannot be read/);
});

test('a truncated pack, a pack that is gone and a broken index are found; pushes that need none of it go on', async (t) => {
  const pair = await start(t);
  await branchWithFile(pair, 'other');
  const pack = await packAll(pair);
  const clone = await pair.clone('old', 'ada');
  const whole = fs.readFileSync(`${pack}.idx`);
  rot(`${pack}.idx`, whole.length - 1);
  assert.match((await scanned(pair)).map(({ words }) => words).join('\n'), /\.idx is cut short or altered/);
  fs.writeFileSync(`${pack}.idx`, whole);
  const copy = `${pack}.copy`;
  fs.copyFileSync(`${pack}.pack`, copy);
  for (const [spoil, words] of [
    [() => truncate(`${pack}.pack`), /objects cannot be read/],
    [() => fs.rmSync(`${pack}.pack`), /it is gone, only its index is left/],
  ] as const) {
    spoil();
    fs.rmSync(path.join(pair.state, 'scan'));
    assert.match((await scanned(pair)).map((one) => one.words).join('\n'), words);
  }
  fs.renameSync(copy, `${pack}.pack`);
  fs.rmSync(path.join(pair.state, 'scan'));
  assert.deepEqual(await scanned(pair), []);
  await pair.commit(clone, 'one');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
});

test('a scan that is killed in a large pack goes on where it was, and one that is broken off never counts as finished', async (t) => {
  const pair = await start(t, { scanMegabytesPerSecond: 1 });
  await branchWithFile(pair, 'a', randomBytes(2_000_000));
  await branchWithFile(pair, 'b', randomBytes(2_000_000));
  await branchWithFile(pair, 'c', randomBytes(2_000_000));
  await packAll(pair);
  const child = spawn(process.execPath, [path.join(pair.agentFolder, 'agent.cjs'), 'scan'], { stdio: 'ignore' });
  await until('the scan to be inside the pack', () => readRound(pair.state)?.open != null, 30_000);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  const cut = readRound(pair.state);
  assert.equal(cut?.finished, null);
  assert.deepEqual(await scanned(pair), []);
  const after = readRound(pair.state);
  assert.ok(after?.finished);
  assert.equal(after.began, cut?.began);
});

test('the timer starts a scan where one is due, and never in old', async (t) => {
  const pair = await startPair({ scanHours: 24 });
  t.after(() => pair.close());
  await pair.agent('tick');
  await pair.agent('scan');
  assert.equal(readRound(pair.state), null);
  await pair.move('mirror');
  await pair.agent('tick');
  await until('the scan that the tick started to finish', () => readRound(pair.state)?.finished != null, 120_000);
});
