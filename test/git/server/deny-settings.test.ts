/** git's own receive.deny* settings: what old would deny after GitLab took it is refused before. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

async function inBoth(t: TestContext): Promise<{ pair: Pair; clone: string }> {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic');
  return { pair, clone };
}

/** The inode of a file that is replaced whenever it is written. */
const writtenAs = (pair: Pair): number => fs.statSync(path.join(pair.state, 'facts')).ino;

test('both: receive.denyNonFastForwards in the repository refuses a rewind at once, before GitLab has it; other pushes go on', async (t) => {
  const { pair, clone } = await inBoth(t);
  await pair.must(pair.old, 'config', 'receive.denyNonFastForwards', 'false');
  await pair.must(pair.old, 'config', '--add', 'receive.denyNonFastForwards', 'yes');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.amend(clone, 'B');
  const { code, output } = await pair.git(clone, 'push', '--force', 'origin', 'main');
  assert.notEqual(code, 0);
  assert.match(
    output,
    /Cannot rewind main: this server allows no rewinds\s+remote: \(receive\.denyNonFastForwards\)\. Nothing was taken\./,
  );
  await assertLevel(pair, 'main A, topic S1');
  await pair.must(clone, 'push', '--quiet', 'origin', ':topic');
  await assertLevel(pair, 'main A');
});

test('both: receive.denyDeletes in the configuration of the account counts from the next look on', async (t) => {
  const { pair, clone } = await inBoth(t);
  await pair.must(
    clone,
    'config',
    '--file',
    path.join(pair.folder, 'home', '.gitconfig'),
    'receive.denyDeletes',
    'true',
  );
  await pair.agent('tick');
  const { code, output } = await pair.git(clone, 'push', 'origin', ':topic');
  assert.notEqual(code, 0);
  assert.match(output, /Cannot delete topic: this server allows no deletions/);
  await assertLevel(pair, 'main S1, topic S1');
});

test('both: receive.denyDeletes keeps branches, as git does; a tag may go', async (t) => {
  const { pair, clone } = await inBoth(t);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:refs/tags/v1');
  await pair.must(pair.old, 'config', 'receive.denyDeletes', 'true');
  await pair.must(clone, 'push', '--quiet', 'origin', ':refs/tags/v1');
  await assertLevel(pair, 'main S1, topic S1');
});

test('a look asks git for these settings only where something may have changed', async (t) => {
  const { pair } = await inBoth(t);
  await pair.agent('tick');
  const before = writtenAs(pair);
  await pair.agent('tick');
  assert.equal(writtenAs(pair), before);
  await pair.must(pair.old, 'config', 'receive.denyDeletes', 'true');
  await pair.agent('tick');
  assert.notEqual(writtenAs(pair), before);
  assert.equal(fs.readFileSync(path.join(pair.state, 'facts'), 'utf8'), 'deny\n');
});
