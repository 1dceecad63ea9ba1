/** What keeps a repository from moving to `both`: there git on old may no longer refuse what GitLab took. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { RepositoryConfig } from '../../../agent/contract/configs';
import { readSealed, writeSealed } from '../../../agent/machine/files';
import { noConsent, startPair, type Pair } from '../kit/pair';

async function refusals(pair: Pair, changes: Partial<RepositoryConfig> = {}): Promise<string[]> {
  const { repositories } = await pair.call('inspect', {
    repositories: [{ config: { ...pair.config, ...changes }, to: 'both', consent: noConsent }],
  });
  return repositories.flatMap((view) => view.refusals.map(({ code, message }) => `${code}: ${message}`));
}

test('hooks that may decline late, and settings that hide branches or tags, are named before the move; others are none of ours', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  assert.deepEqual(await refusals(pair), []);
  const hook = path.join(pair.old, 'hooks/reference-transaction');
  fs.writeFileSync(hook, '#!/bin/sh\n', { mode: 0o755 });
  assert.match(
    (await refusals(pair)).join(),
    /^late-hook: .*it has .*reference-transaction, which could decline a push after GitLab took it\.$/,
  );
  await assert.rejects(pair.move('both'), /late-hook/);
  fs.rmSync(hook);
  for (const [key, value] of [
    ['receive.hideRefs', 'refs/heads/secret'],
    ['transfer.hideRefs', 'refs/tags'],
    ['receive.hideRefs', '^refs/heads/'],
  ] as const) {
    await pair.must(pair.old, 'config', key, value);
    assert.match(
      (await refusals(pair)).join(),
      new RegExp(`^hidden-refs: .* hides ${value.replace('^', '').replace(/\/$/, '')}\\.$`),
    );
    await pair.must(pair.old, 'config', '--unset', key);
  }
  for (const value of ['refs/pull', 'refs', '!refs/heads', '!refs/tags/', 'refs/handover'])
    await pair.must(pair.old, 'config', '--add', 'transfer.hideRefs', value);
  assert.deepEqual(await refusals(pair), []);
  await pair.move('both');
});

test('a setting of the account that hides branches counts as well', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  fs.appendFileSync(path.join(pair.folder, 'home/.gitconfig'), '[receive]\n\thideRefs = refs\n');
  assert.match((await refusals(pair)).join(), /^hidden-refs: .* hides refs\.$/);
});

test('a move is judged by the settings that come with it, and touches nothing where it is refused', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.must(pair.old, 'update-ref', 'refs/changes/1', 'main');
  const move = (config: Partial<RepositoryConfig>) =>
    pair.call('move', { config: { ...pair.config, ...config }, to: 'both', consent: noConsent });
  const settings = (): string => fs.readFileSync(path.join(pair.state, 'config.json'), 'utf8');
  const before = settings();
  await assert.rejects(move({ ciSkip: false }), /unlisted-namespace/);
  assert.equal(settings(), before);
  assert.match((await refusals(pair)).join(), /^unlisted-namespace: .* below refs\/changes\/\.$/);
  assert.deepEqual(await refusals(pair, { waivedNamespaces: ['refs/changes/'] }), []);
  assert.equal((await move({ waivedNamespaces: ['refs/changes/'] })).phase, 'both');
});

test('a repository that git cannot read is refused by itself, stops no other, and is not asked for where it stays in its phase', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  fs.writeFileSync(path.join(pair.old, 'packed-refs'), 'garbage\n');
  const missing = { ...pair.config, path: `${pair.old}.other` };
  for (const to of ['both', 'old'] as const) {
    const { repositories } = await pair.call('inspect', {
      repositories: [
        { config: pair.config, to, consent: { ...noConsent, abandon: true } },
        { config: missing, to: 'old', consent: noConsent },
      ],
    });
    assert.deepEqual(
      repositories.map(({ refusals: [first] }) => first?.code),
      ['git-failed', 'no-repository'],
    );
  }
  const {
    repositories: [view],
  } = await pair.call('inspect', { repositories: [{ config: pair.config, to: 'mirror', consent: noConsent }] });
  assert.deepEqual([view?.phase, view?.current, view?.refusals, view?.warnings], ['mirror', true, [], []]);
});

test('a writer without hooks is remembered for a week by no clock that jumps', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.move('mirror');
  await pair.must(pair.old, 'update-ref', 'refs/heads/unseen', 'refs/heads/main');
  await pair.pass();
  const file = path.join(pair.state, 'unhooked');
  const [, ...at] = (readSealed(file) ?? '').trim().split(' ');
  const dayMs = 24 * 3600_000;
  const wall = (days: number): string => new Date(Date.now() - days * dayMs).toISOString();
  const isRemembered = async (line: string): Promise<boolean> => {
    writeSealed(file, line);
    return (await refusals(pair)).some((one) => one.startsWith('unhooked-writers: '));
  };
  assert.equal(at.length, 2, 'by boot and uptime as well');
  assert.equal(await isRemembered(`1970-01-01T00:00:09Z ${at.join(' ')}`), true, 'the clock stood in 1970, or jumped');
  assert.equal(await isRemembered(`${wall(-400)} before 1000`), true, 'before the boot it stood ahead');
  assert.equal(await isRemembered(`${wall(8)} before 1000`), false, 'eight days ago');
  assert.deepEqual([await isRemembered(wall(6)), await isRemembered(wall(8))], [true, false], 'of an older version');
});
