/** The folders of the agent's own that git runs in when it talks to GitLab. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

function copied(pair: Pair): string {
  return fs.readFileSync(path.join(pair.state, 'network/config'), 'utf8');
}

test('settings of a list are copied when a repository is attached, follow a change, and no other is', async (t) => {
  const pair = await pairIn(t, 'mirror');
  await pair.must(pair.old, 'config', 'pack.island', 'refs/(heads|"tags")/\\d');
  await pair.must(pair.old, 'config', 'fetch.fsck.missingEmail', 'ignore');
  await pair.must(pair.old, 'config', 'fetch.fsck.skipList', '/etc/passwd');
  await pair.must(pair.old, 'config', 'core.sshCommand', 'false');
  fs.appendFileSync(path.join(pair.old, 'config'), '[transfer]\n\tfsckObjects\n');
  await pair.pass();
  const file = path.join(pair.state, 'network/config');
  const value = async (key: string): Promise<string> =>
    (await pair.must(pair.folder, 'config', '--file', file, '--get', key)).trim();
  assert.deepEqual(
    [await value('pack.island'), await value('fetch.fsck.missingEmail'), await value('transfer.fsckObjects')],
    ['refs/(heads|"tags")/\\d', 'ignore', 'true'],
  );
  assert.doesNotMatch(copied(pair), /skiplist|sshcommand|hook|hiderefs/i);
});

for (const lost of ['network', 'network/config', 'network/fetch'] as const)
  test(`a state folder without ${lost} takes pushes in both, and gets it again`, async (t) => {
    const pair = await pairIn(t, 'both', { limits: { fence: false } });
    const before = copied(pair);
    fs.rmSync(path.join(pair.state, lost), { recursive: true });
    const ada = await pair.clone('old', 'ada');
    await pair.commit(ada, 'A');
    await pair.must(ada, 'push', '--quiet', 'origin', 'main');
    await pair.pass();
    await assertLevel(pair, 'main A');
    assert.equal(copied(pair), before);
    assert.equal(fs.existsSync(path.join(pair.state, 'network/fetch/refs/heads/main')), true);
  });

test('what GitLab has new is fetched alone, not with the history that old has', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 40 });
  await pair.must(pair.old, 'pack-refs', '--all');
  const counted = async (): Promise<number> =>
    Number(/^count: (\d+)$/m.exec(await pair.must(pair.old, 'count-objects', '-v'))?.[1]);
  const web = await pair.clone('gitlab', 'web');
  await pair.commit(web, 'A');
  await pair.must(web, 'push', '--quiet', 'origin', 'main');
  const before = await counted();
  await pair.pass();
  await assertLevel(pair, 'main A');
  // A commit, a tree and a file.
  assert.equal((await counted()) - before, 3);
  assert.match(await pair.must(pair.old, 'count-objects', '-v'), /^packs: 0$/m);
});
