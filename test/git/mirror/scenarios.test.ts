/** Disasters that somebody thought of before they happened: each test is named after the one that it prevents. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { changePhase } from '../../../agent/sync/phasechange';
import { openByPath } from '../../../agent/repository/open';
import type { Journal } from '../../../agent/rules/ports';
import { run } from '../kit/command';
import { assertLevel, assertSides } from '../kit/ending';
import { noConsent, pairIn } from '../kit/pair';

test('a change of phase that slept while another one ended levels by the rules of a phase that is over, and takes a push back', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const { world } = openByPath(pair.agentFolder, pair.old);
  let isOver = false;
  const meanwhile = async (): Promise<void> => {
    isOver = true;
    await pair.move('mirror');
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  };
  const lock: Journal['lock'] = async (waitMs) => {
    if (!isOver) await meanwhile();
    return world.journal.lock(waitMs);
  };
  await assert.rejects(
    changePhase(
      { ...world, journal: { ...world.journal, lock } },
      { to: 'warn', consent: noConsent, progress: () => undefined },
    ),
    /moved on/,
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main S1' });
  assert.equal(world.journal.state().phase, 'mirror');
});

test('a disk that fills up while the journal is written leaves half a journal in the place of the whole one', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const tags = Array.from({ length: 100 }, (_, index) => `release-${index}`).sort();
  for (const tag of tags) await pair.must(clone, 'tag', tag);
  await pair.must(clone, 'push', '--quiet', '--tags', 'origin');
  const script = `ulimit -f 8; exec '${process.execPath}' '${pair.agentFolder}/agent.cjs' call pass`;
  const seen = await run('sh', ['-c', script], {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOME: pair.folder },
    input: JSON.stringify({ path: pair.old }),
  });
  assert.notEqual(seen.code, 0);
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, ['main S1', ...tags.map((tag) => `tag:${tag} S1`)].join(', '));
});

for (const [what, spoil] of [
  ['commented out', (config: string) => config.replace('\thooksPath =', '\t# hooksPath =')],
  ['set once more', (config: string) => `${config}[core]\n\thooksPath = /nowhere\n`],
] as const) {
  test(`hooks whose setting was ${what} by hand stay off, and a pass undoes the pushes that nobody saw`, async (t) => {
    const pair = await pairIn(t, 'both');
    const config = path.join(pair.old, 'config');
    fs.writeFileSync(config, spoil(fs.readFileSync(config, 'utf8')));
    await pair.pass();
    const clone = await pair.clone('old', 'ada');
    const id = await pair.commit(clone, 'A');
    assert.match(
      (await pair.git(clone, 'push', 'origin', 'main')).output,
      new RegExp(`GitLab has main at ${id.slice(0, 8)}`),
    );
    await assertLevel(pair, 'main A');
  });
}

test('a disk with all objects is away for a moment, and a pass deletes what only old has', async (t) => {
  const pair = await pairIn(t, 'old', { config: { waivedNamespaces: ['refs/changes/'] } });
  await pair.must(pair.old, 'update-ref', 'refs/changes/1', 'refs/heads/main');
  await pair.must(pair.old, 'pack-refs', '--all');
  await pair.move('mirror');
  await pair.move('both');
  const [objects, away] = [path.join(pair.old, 'objects'), path.join(pair.old, 'objects.away')];
  fs.renameSync(objects, away);
  fs.mkdirSync(objects);
  await assert.rejects(pair.pass(), /objects/);
  fs.rmSync(objects, { recursive: true });
  fs.renameSync(away, objects);
  await assertSides(pair, { old: 'refs/changes/1 S1, main S1', gitlab: 'main S1' });
});

test('a packed ref whose object is gone is deleted, and nobody knows any more what it was', async (t) => {
  const pair = await pairIn(t, 'both');
  const lost = '1234567890'.repeat(4);
  fs.appendFileSync(path.join(pair.old, 'packed-refs'), `${lost} refs/heads/zebra\n`);
  await pair.pass();
  const [kept = ''] = fs.readdirSync(path.join(pair.state, 'aside'));
  assert.equal(fs.readFileSync(path.join(pair.state, 'aside', kept), 'utf8'), `${lost}\n`);
  await assertLevel(pair, 'main S1');
});

test('leaving mirror fails at its last step, and the debts of mirror have lost their witnesses', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'HEAD~1:main');
  const { world } = openByPath(pair.agentFolder, pair.old);
  const changeState: Journal['changeState'] = (change) =>
    world.journal.changeState((state) => {
      const next = change(state);
      return next?.phase === 'old' ? null : next;
    });
  const consent = { abandon: true, unhookedWriters: false, endOlderPushes: false };
  const offline = { ...world.git, push: () => Promise.resolve({ kind: 'no-answer' as const, words: '' }) };
  await assert.rejects(
    changePhase(
      { ...world, git: offline, journal: { ...world.journal, changeState } },
      { to: 'old', consent, progress: () => undefined },
    ),
    /ran out/,
  );
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'main S1');
});

test('GitLab is gone for good: a repository in mirror is let go of all the same, and old goes on alone', async (t) => {
  const pair = await pairIn(t, 'mirror');
  await pair.sshd.stop();
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await assert.rejects(pair.move('both'), /GitLab/);
  await pair.move('old', { abandon: true });
  assert.match(fs.readFileSync(path.join(pair.state, 'state'), 'latin1'), /^phase old$/m);
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet');
  await assertSides(pair, { old: 'main B', gitlab: 'main S1' });
});
