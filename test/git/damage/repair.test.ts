import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertWhole, branch, repair, start } from '../kit/damaged';
import { assertLevel, assertSides, bothSides } from '../kit/ending';
import type { Pair } from '../kit/pair';
import { everyByte, looseFile, packAll, rot, truncate } from '../kit/spoil';

/**
 * People who push to old, one commit after the other, until they are told to stop. Answers the acknowledged commits.
 */
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
    await pair.commit(pusher.clone, 'after');
    await pair.must(pusher.clone, 'push', '--quiet', 'origin', 'HEAD:work');
    await pair.pass();
    await pair.pass();
    await assertWhole(pair, 'deleted deleted, main S3, packed packed, work after');
    for (const tip of told) await pair.must(pair.gitlab, 'merge-base', '--is-ancestor', tip, 'work');
    const [time = ''] = fs.readdirSync(path.join(pair.old, 'git-handover-damaged'));
    assert.deepEqual(
      fs
        .readdirSync(path.join(pair.old, 'git-handover-damaged', time, 'objects/pack'))
        .filter((name) => name.endsWith('.pack')),
      [path.basename(`${pack}.pack`)],
    );
    assert.match(fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8'), /"what":"repair".*"who":"ada"/);
  });
}

test('a dry run says what is broken and what would come back, and changes no byte', async (t) => {
  const pair = await start(t, 'mirror');
  await branch(pair, 'packed');
  const pack = await packAll(pair);
  const { blob } = await branch(pair, 'deleted');
  await pair.pass();
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
  const newer = await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  fs.rmSync(path.join(pair.old, 'refs/heads/work'));
  const { text } = await repair(pair);
  assert.match(text, new RegExp(`refs/heads/work: absent becomes ${newer.slice(0, 8)} again`));
  await assertWhole(pair, 'main S3, work A');
});

test('mirror: a newer good value is never dropped for an older one that GitLab has', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  const { blob } = await branch(pair, 'broken');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  truncate(looseFile(pair, blob), 0);
  await repair(pair);
  await assertWhole(pair, 'broken broken, main S3, work A');
});

test('mirror: what neither side has is named with its commit, its writer and the command that brings it back', async (t) => {
  const pair = await start(t, 'mirror', { queueDelayMs: 60_000 });
  const { clone } = await branch(pair, 'work');
  fs.writeFileSync(path.join(clone, 'new.bin'), randomBytes(5_000));
  await pair.must(clone, 'add', '.');
  const newer = await pair.commit(clone, 'A', 'only on old');
  const blob = (await pair.must(clone, 'rev-parse', 'HEAD:new.bin')).trim();
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  fs.rmSync(looseFile(pair, blob));
  const { text } = await repair(pair);
  assert.match(
    text,
    new RegExp(
      `Cannot be brought back, as neither side has all its objects:\\n {2}refs/heads/work at ${newer}: pushed \\d{4}-.*; written by Ada <ada@example.org>, .*: only on old`,
    ),
  );
  assert.match(text, /npm run resolve -- \S+ refs\/heads\/work --keep gitlab/);
  assert.equal((await bothSides(pair)).old, 'main S3, work A');
  await pair.call('resolve', {
    path: pair.old,
    ref: 'refs/heads/work',
    keep: 'gitlab',
    reason: 'lost',
    who: 'ada',
    apply: true,
  });
  await assertLevel(pair, 'main S3, work work');
  await pair.must(clone, 'push', '--quiet', 'origin', `${newer}:refs/heads/work`);
  await pair.pass();
  await assertLevel(pair, 'main S3, work A');
  await pair.must(pair.old, 'rev-list', '--objects', '--quiet', 'refs/heads/work');
});

test('both: what the scan found stops no push, and is gone from status once it is repaired', async (t) => {
  const pair = await start(t, 'both', { scanHours: 24 });
  const { blob, clone } = await branch(pair, 'work');
  fs.rmSync(looseFile(pair, blob));
  await pair.agent('scan');
  const listed = async (): Promise<string[]> =>
    (await pair.call('status', { paths: [] })).repositories.flatMap((one) =>
      one.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    );
  assert.deepEqual(await listed(), ['refs/heads/work damaged']);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:work');
  await pair.pass();
  assert.deepEqual(await listed(), ['refs/heads/work damaged']);
  await repair(pair);
  await assertWhole(pair, 'main S3, work A');
});

test("mirror: a ref that went back without a push comes forward again; one that somebody moved aside is a person's to decide", async (t) => {
  const pair = await start(t, 'mirror');
  const { clone, tip } = await branch(pair, 'work');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:moved');
  await pair.pass();
  await pair.must(clone, 'checkout', '--quiet', '--detach', 'HEAD~1');
  const aside = await pair.commit(clone, 'A');
  await pair.must(pair.old, 'fetch', '--quiet', clone, 'HEAD');
  await pair.must(pair.old, 'update-ref', 'refs/heads/moved', aside);
  await pair.must(pair.old, 'update-ref', 'refs/heads/work', `${tip}~1`);
  const { text } = await repair(pair);
  assert.match(text, /refs that went back or are gone[\s\S]*refs\/heads\/work: [0-9a-f]{8} becomes [0-9a-f]{8} again/);
  await assertSides(pair, { old: 'main S3, moved A, work work', gitlab: 'main S3, moved work, work work' });
  assert.deepEqual(
    (await pair.call('status', { paths: [] })).repositories[0]?.troubles.map(({ ref, kind }) => `${ref} ${kind}`),
    ['refs/heads/moved damaged'],
  );
});

test('a healthy repository is left alone', async (t) => {
  const pair = await start(t, 'mirror');
  const before = everyByte(pair.old);
  await assert.rejects(repair(pair), /not-damaged/);
  assert.equal(everyByte(pair.old), before);
});
