/**
 * Refs that git on old cannot set: named in status, tried less often, in nobody's way, and asked for before a push is
 * sent. A folder of another owner is no obstacle for root, who runs the tests: an immutable one is.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { assertLevel, attic, bothSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

interface Obstacle {
  /** The branch that it is in the way of. */
  readonly branch: string;
  /** The file of old that is in the way; null: its folder may not be written. */
  readonly file: string | null;
  readonly content?: string;
  readonly words: RegExp;
}

const obstacles: readonly Obstacle[] = [
  { branch: 'folder', file: 'folder/.DS_Store', words: /non-empty directory/ },
  { branch: 'alias/x', file: 'alias', content: 'ref: refs/heads/main\n', words: /'refs\/heads\/alias' exists/ },
  { branch: 'gone/x', file: 'gone', content: 'ref: refs/heads/none\n', words: /'refs\/heads\/gone' exists/ },
  { branch: 'locked', file: 'locked.lock', words: /locked\.lock': File exists/ },
  { branch: 'sealed/x', file: null, words: /not permitted/ },
];

/** Which of them this file system can have. */
function putInTheWay(pair: Pair, t: TestContext): Obstacle[] {
  return obstacles.filter(({ branch, file, content = '' }) => {
    const place = path.join(pair.old, 'refs/heads', file ?? path.dirname(branch));
    if (file === null) return seal(place, t);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, content);
    return true;
  });
}

/** Immutable, which root has to respect as well. */
function seal(place: string, t: TestContext): boolean {
  if (!fs.existsSync(place)) fs.mkdirSync(place);
  try {
    execFileSync('chattr', ['+i', place], { stdio: 'ignore' });
  } catch {
    return false;
  }
  t.after(() => fs.existsSync(place) && unseal(place));
  return true;
}

function unseal(place: string): void {
  execFileSync('chattr', ['-i', place]);
}

function clear(pair: Pair, all: readonly Obstacle[]): void {
  for (const { branch, file } of all) {
    if (file === null) unseal(path.join(pair.old, 'refs/heads', path.dirname(branch)));
    else fs.rmSync(path.join(pair.old, 'refs/heads', file));
  }
}

async function listed(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap(({ troubles }) => troubles.map(({ ref, kind, words }) => `${ref} ${kind}: ${words}`));
}

/** How often refs were tried in vain. */
function failures(pair: Pair): number {
  const log = fs.readFileSync(path.join(pair.agentFolder, 'log/agent.jsonl'), 'utf8');
  return log.split('\n').filter((line) => line.includes('"refs-stuck"')).length;
}

test("what is in the way of refs on old is listed with git's words, the other refs go on, and the list clears by itself", async (t) => {
  const pair = await pairIn(t, 'both');
  const there = putInTheWay(pair, t);
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:other', ...there.map(({ branch }) => `main:${branch}`));
  await pair.pass();
  assert.deepEqual(await listed(pair), [], 'once may be a lock of anybody');
  await pair.pass();
  const troubles = await listed(pair);
  assert.equal(troubles.length, there.length, troubles.join('\n'));
  for (const { branch, words } of there)
    assert.match(troubles.find((line) => line.startsWith(`refs/heads/${branch} unset: `)) ?? 'not listed', words);
  assert.equal(await pair.refs('old').then((refs) => refs.includes('refs/heads/other ')), true);
  clear(pair, there);
  await pair.pass();
  assert.deepEqual(await listed(pair), []);
  await assertLevel(
    pair,
    ['folder', 'gone/x', 'locked', 'main', 'other', 'sealed/x', 'alias/x']
      .filter(isThere)
      .sort()
      .map((name) => `${name} S1`)
      .join(', '),
  );

  function isThere(name: string): boolean {
    return ['main', 'other'].includes(name) || there.some(({ branch }) => branch === name);
  }
});

test('a push to old of a ref that git there could not set is refused before GitLab gets it', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:old');
  const there = putInTheWay(pair, t);
  for (const { branch, words } of there) {
    const { output } = await pair.git(clone, 'push', 'origin', `HEAD:refs/heads/${branch}`);
    assert.match(output, words);
    assert.match(output, /Nothing was taken/);
  }
  if (seal(path.join(pair.old, 'refs/heads/main'), t)) {
    await pair.commit(clone, 'A');
    assert.match((await pair.git(clone, 'push', 'origin', 'HEAD:main')).output, /Nothing was taken/);
  }
  fs.writeFileSync(path.join(pair.old, 'packed-refs.lock'), '');
  assert.match(
    (await pair.git(clone, 'push', 'origin', ':old')).output,
    /packed-refs\.lock': File exists[^]*Nothing was/,
  );
  assert.deepEqual((await bothSides(pair)).gitlab, 'main S1, old S1');
});

test('a rewind that old cannot make leaves one copy in the attic, and is tried less often', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'HEAD~1:main');
  const lock = path.join(pair.old, 'refs/heads/main.lock');
  fs.writeFileSync(lock, '');
  for (let turn = 1; turn <= 4; turn += 1) await pair.agent('tick');
  assert.equal(await attic(pair), 'heads/main S2');
  assert.equal(failures(pair), 2, 'the third try waits');
  fs.rmSync(lock);
  await pair.pass();
  await assertLevel(pair, 'main S1');
});

test('a change of phase and a settlement name the ref that old cannot set, and what git says of it', async (t) => {
  const pair = await pairIn(t, 'both');
  const lock = path.join(pair.old, 'refs/heads/main.lock');
  const bob = await pair.clone('gitlab', 'bob');
  await pair.commit(bob, 'B');
  await pair.must(bob, 'push', '--quiet', 'origin', 'main');
  fs.writeFileSync(lock, '');
  await assert.rejects(
    pair.move('warn'),
    /refs\/heads\/main is unset \(Git on old cannot set it: .*main\.lock.*File exists/,
  );
  const settle = { path: pair.old, ref: 'refs/heads/main', keep: 'gitlab', reason: 'it is', who: 'ada' } as const;
  await assert.rejects(
    pair.call('resolve', { ...settle, apply: true }),
    /Cannot set refs\/heads\/main on old: .*File exists/,
  );
  fs.rmSync(lock);
  await pair.call('resolve', { ...settle, apply: true });
  await assertLevel(pair, 'main B');
  assert.deepEqual(await listed(pair), []);
});
