import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertWhole, branch, repair, start } from '../kit/damaged';
import { assertSides } from '../kit/ending';
import { packAll, rot, truncate } from '../kit/spoil';

test('a pack of which one object rotted gives all others back, also those that GitLab never had', async (t) => {
  const pair = await start(t, 'mirror');
  const { clone } = await branch(pair, 'work');
  const kept = await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', `${kept}:refs/other/kept`);
  const pack = await packAll(pair);
  const rows = (await pair.must(pair.old, 'verify-pack', '-v', `${pack}.idx`))
    .split('\n')
    .map((line) => line.split(/ +/))
    .filter(([, kind]) => kind === 'blob');
  const [large] = rows.sort((a, b) => Number(b[2]) - Number(a[2]));
  rot(`${pack}.pack`, Number(large?.[4]) + 2_000);
  await repair(pair);
  await pair.must(pair.old, 'rev-list', '--objects', '--quiet', 'refs/other/kept');
  await assertSides(pair, { old: 'main S3, work work, refs/other/kept A', gitlab: 'main S3, work work' });
  await pair.must(pair.old, 'update-ref', '-d', 'refs/other/kept');
  await assertWhole(pair, 'main S3, work work');
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
    await assertWhole(pair, 'main S3, work work');
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
  await assertWhole(pair, 'main S3, work work');
  assert.equal(fs.readFileSync(path.join(pair.old, 'HEAD'), 'utf8'), 'ref: refs/heads/main\n');
});
