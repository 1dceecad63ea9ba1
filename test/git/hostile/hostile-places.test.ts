import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** A folder of hooks that many repositories share, whose pre-receive refuses. */
function sharedHooks(pair: Pair): string {
  const folder = path.join(pair.folder, 'shared hooks');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'pre-receive'), '#!/bin/sh\necho "the rule of this server" >&2\nexit 1\n', {
    mode: 0o755,
  });
  return folder;
}

for (const [name, setting] of [
  ['by its path', (folder: string) => folder],
  ['from the home folder', () => '~/shared'],
] as const) {
  test(`checks that a server has for all repositories (core.hooksPath ${name}) are not switched off by attaching one`, async (t) => {
    const pair = await pairIn(t, 'old');
    const folder = sharedHooks(pair);
    await pair.call('detach', { path: pair.old });
    // GitLab's side runs with the same home here.
    await pair.must(pair.gitlab, 'config', 'core.hooksPath', 'hooks');
    fs.symlinkSync(folder, path.join(pair.folder, 'home/shared'));
    fs.appendFileSync(path.join(pair.folder, 'home/.gitconfig'), `[core]\n\thooksPath = ${setting(folder)}\n`);
    await pair.call('attach', { config: pair.config });
    await pair.move('mirror');
    const clone = await pair.clone('old', 'ada');
    await pair.commit(clone, 'A');
    assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /the rule of this server/);
    const config = path.join(pair.old, 'config');
    const known = (): string => fs.readFileSync(path.join(pair.state, 'account-hooks-path'), 'utf8');
    const [before, whole] = [known(), fs.readFileSync(config)];
    fs.appendFileSync(config, '[broken\n');
    await assert.rejects(pair.call('attach', { config: pair.config }), /config-failed/);
    fs.writeFileSync(config, whole);
    assert.equal(known(), before);
    await pair.move('both');
    assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /the rule of this server/);
    await assertLevel(pair, 'main S1');
  });
}

test('a core.hooksPath of the repository that begins with ~/ goes on running', async (t) => {
  const pair = await pairIn(t, 'old');
  const folder = sharedHooks(pair);
  await pair.call('detach', { path: pair.old });
  fs.symlinkSync(folder, path.join(pair.folder, 'home/shared'));
  await pair.must(pair.old, 'config', 'core.hooksPath', '~/shared');
  await pair.call('attach', { config: pair.config });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /the rule of this server/);
  await assertSides(pair, { old: 'main S1', gitlab: '' });
});

for (const kind of ['link', 'setting'] as const) {
  test(`letting go of a retired repository whose hooks are shared (by a ${kind}) leaves the others' hooks alone, and it still refuses`, async (t) => {
    const pair = await pairIn(t, 'old');
    const folder = sharedHooks(pair);
    const hook = fs.readFileSync(path.join(folder, 'pre-receive'), 'utf8');
    await pair.call('detach', { path: pair.old });
    if (kind === 'link') {
      fs.rmSync(path.join(pair.old, 'hooks'), { recursive: true });
      fs.symlinkSync(folder, path.join(pair.old, 'hooks'));
    } else await pair.must(pair.old, 'config', 'core.hooksPath', folder);
    await pair.call('attach', { config: pair.config });
    const clone = await pair.clone('old', 'ada');
    for (const phase of ['mirror', 'both', 'warn', 'refuse', 'retired'] as const) await pair.move(phase);
    await pair.call('detach', { path: pair.old });
    assert.equal(fs.readFileSync(path.join(folder, 'pre-receive'), 'utf8'), hook);
    await pair.commit(clone, 'A');
    assert.match((await pair.git(clone, 'push', `${pair.old}.retired`, 'main')).output, /remote: .*moved to GitLab/);
  });
}

test('one repository by two paths has one state, whichever path came first', async (t) => {
  const pair = await pairIn(t, 'old');
  const link = path.join(path.dirname(pair.old), 'link.git');
  fs.symlinkSync(pair.old, link);
  await assert.rejects(pair.call('attach', { config: { ...pair.config, path: link } }), /two-paths/);
  await pair.call('detach', { path: pair.old });
  await pair.call('attach', { config: { ...pair.config, path: link } });
  await assert.rejects(pair.call('attach', { config: pair.config }), /two-paths/);
});

test('a configuration that is a link to one that others share is not changed, and neither is what a planted git-handover leads to', async (t) => {
  const pair = await pairIn(t, 'old');
  await pair.call('detach', { path: pair.old });
  const [file, shared, elsewhere] = [
    path.join(pair.old, 'config'),
    path.join(pair.folder, 'shared-config'),
    path.join(pair.folder, 'elsewhere'),
  ];
  fs.renameSync(file, shared);
  fs.symlinkSync(shared, file);
  const before = fs.readFileSync(shared, 'utf8');
  await assert.rejects(pair.call('attach', { config: pair.config }), /link: .*its config is a symbolic link/);
  fs.rmSync(file);
  fs.copyFileSync(shared, file);
  fs.mkdirSync(elsewhere);
  fs.symlinkSync(elsewhere, path.join(pair.old, 'git-handover'));
  await assert.rejects(pair.call('attach', { config: pair.config }), /link: .*its git-handover is a symbolic link/);
  assert.deepEqual([fs.readFileSync(shared, 'utf8'), fs.readdirSync(elsewhere)], [before, []]);
});

test('refs, HEAD and objects that are links are read and written as git does, and what they lead to stays', async (t) => {
  const pair = await pairIn(t, 'old');
  const clone = await pair.clone('old', 'ada');
  const outside = path.join(pair.folder, 'outside');
  fs.writeFileSync(outside, 'secret of another account\n');
  fs.renameSync(path.join(pair.old, 'objects'), path.join(pair.folder, 'objects'));
  fs.symlinkSync(path.join(pair.folder, 'objects'), path.join(pair.old, 'objects'));
  await pair.move('mirror');
  await pair.move('both');
  fs.symlinkSync(outside, path.join(pair.old, 'refs/heads/trap'));
  fs.rmSync(path.join(pair.old, 'HEAD'));
  fs.symlinkSync('refs/heads/main', path.join(pair.old, 'HEAD'));
  await pair.pass();
  await pair.pass();
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:trap');
  await assertLevel(pair, 'main A, trap A');
  assert.equal(fs.readFileSync(outside, 'utf8'), 'secret of another account\n');
});
