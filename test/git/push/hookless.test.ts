/** Hooks that git would not run: it takes pushes alone then, and nobody is told but by us. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { callAgent } from '../kit/agent';
import { assertLevel } from '../kit/ending';
import { noConsent, pairIn, startPair, type Pair } from '../kit/pair';

async function hookless(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap(({ troubles }) =>
    troubles.filter(({ kind }) => kind === 'hookless').map(({ words }) => words),
  );
}

async function refusals(pair: Pair, to: 'mirror' | 'both'): Promise<string> {
  const { repositories } = await pair.call('inspect', {
    repositories: [{ config: pair.config, to, consent: noConsent }],
  });
  return repositories.flatMap((view) => view.refusals.map(({ message }) => message)).join('\n');
}

/** What only root may do here; false where even root may not. */
function may(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What must be undone before the pair's folder can go: asked for before the pair begins. */
function undone(t: TestContext): (() => void)[] {
  const undo: (() => void)[] = [];
  t.after(() => undo.forEach((work) => work()));
  return undo;
}

/** The repository's disk, from which a remount takes programs away and gives them back. */
function mountAgain(pair: Pair, undo: (() => void)[]): ((option: 'exec' | 'noexec') => void) | null {
  if (process.getuid?.() !== 0 || !may('mount', '--bind', pair.old, pair.old)) return null;
  undo.push(() => void may('umount', pair.old));
  return (option) => void execFileSync('mount', ['-o', `remount,bind,${option}`, pair.old]);
}

test('a disk from which no program runs keeps a repository in old, and out of both: the preview says so, the move refuses', async (t) => {
  const undo = undone(t);
  const pair = await startPair();
  t.after(() => pair.close());
  const remount = mountAgain(pair, undo);
  if (remount === null) return t.skip('nothing can be mounted here');
  const said = new RegExp(`no program runs from the disk of ${pair.old}/\\S+, ${pair.old} is mounted with noexec`);
  for (const to of ['mirror', 'both'] as const) {
    remount('noexec');
    assert.match(await refusals(pair, to), said);
    await assert.rejects(pair.move(to), said);
    await pair.pass();
    assert.match((await hookless(pair)).join(), said);
    remount('exec');
    assert.equal(await refusals(pair, to), '');
    await pair.move(to);
    assert.deepEqual(await hookless(pair), []);
  }
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
});

test('a repository that is not attached yet, on a disk from which no program runs: the first preview says so, and in old it is only told', async (t) => {
  const undo = undone(t);
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.call('detach', { path: pair.old });
  const remount = mountAgain(pair, undo);
  if (remount === null) return t.skip('nothing can be mounted here');
  remount('noexec');
  assert.match(await refusals(pair, 'mirror'), /mounted with noexec/);
  assert.match((await pair.call('attach', { config: pair.config })).warnings.join(), /mounted with noexec/);
  assert.match((await hookless(pair)).join(), /mounted with noexec/);
});

test('a disk that is mounted anew without programs in both: the next pass tells it, verify fails, and it is over by itself; the way back stays open', async (t) => {
  const undo = undone(t);
  const pair = await pairIn(t, 'both');
  const remount = mountAgain(pair, undo);
  if (remount === null) return t.skip('nothing can be mounted here');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  remount('noexec');
  assert.match(
    (await pair.pass()).troubles.map(({ kind, words }) => `${kind}: ${words}`).join(),
    /^hookless: .*noexec/,
  );
  // What git takes alone then comes to GitLab with a pass, if at all: that is what the trouble is about.
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  const { faults } = await pair.call('verify', { paths: [pair.old] });
  assert.match(faults.map(({ code, message }) => `${code}: ${message}`).join(), /^hookless: .*noexec/);
  await pair.pass();
  await assertLevel(pair, 'main A');
  remount('exec');
  await pair.pass();
  assert.deepEqual(await hookless(pair), []);
  assert.deepEqual((await pair.call('verify', { paths: [pair.old] })).faults, []);
  remount('noexec');
  await pair.move('mirror');
  await assertLevel(pair, 'main A');
});

test('an execute bit that somebody took away fails verify at once, comes back, and is no trouble', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  fs.chmodSync(path.join(pair.old, 'git-handover/hooks/pre-receive'), 0o644);
  const { faults } = await pair.call('verify', { paths: [pair.old] });
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['hookless'],
  );
  assert.deepEqual((await pair.pass()).troubles, []);
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
});

test('an execute bit that the agent may not give back is a trouble, and passes go on', async (t) => {
  const undo = undone(t);
  const pair = await pairIn(t, 'mirror');
  const hook = path.join(pair.old, 'git-handover/hooks/pre-receive');
  fs.chmodSync(hook, 0o644);
  if (process.getuid?.() !== 0 || !may('chattr', '+i', hook)) return t.skip('no file can be made immutable here');
  undo.push(() => void may('chattr', '-i', hook));
  const { troubles } = await pair.pass();
  assert.match(
    troubles.map(({ kind, words }) => `${kind}: ${words}`).join(),
    /^hookless: .*pre-receive is not as it was installed, and cannot be replaced \(EPERM/,
  );
  assert.match(await refusals(pair, 'both'), /pre-receive is not as it was installed/);
  await assert.rejects(pair.move('both'), /^Error: hookless: .*pre-receive is not as it was installed/);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  await assertLevel(pair, 'main A');
  assert.ok(may('chattr', '-i', hook));
  assert.deepEqual((await pair.pass()).troubles, []);
  await pair.move('both', { unhookedWriters: true });
});

test('a setting that leads git to other hooks is seen where it counts: an include, or what logins are given; not in the account', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const elsewhere = path.join(pair.folder, 'elsewhere');
  fs.appendFileSync(path.join(pair.folder, 'home/.gitconfig'), `[core]\n\thooksPath = ${elsewhere}\n`);
  await pair.must(pair.gitlab, 'config', 'core.hooksPath', 'hooks');
  assert.deepEqual((await pair.pass()).troubles, [], "the repository's own setting counts more than the account's");
  const env = {
    PATH: process.env['PATH'],
    HOME: path.join(pair.folder, 'home'),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: elsewhere,
  };
  const question = { repositories: [{ config: pair.config, to: 'both' as const, consent: noConsent }] };
  const { repositories } = await callAgent(pair.agentFolder, 'inspect', question, env);
  assert.match(repositories[0]?.refusals[0]?.message ?? '', new RegExp(`git looks for hooks in ${elsewhere}`));
  assert.equal(await refusals(pair, 'both'), '');
  const included = path.join(pair.folder, 'included');
  fs.writeFileSync(included, `[core]\n\thooksPath = ${elsewhere}\n`);
  const config = path.join(pair.old, 'config');
  const before = fs.readFileSync(config, 'utf8');
  fs.writeFileSync(config, `${before}[include]\n\tpath = ${included}\n`);
  await assert.rejects(pair.pass(), /config-redirects/);
  assert.match((await hookless(pair)).join(), new RegExp(`git looks for hooks in ${elsewhere}`));
  fs.writeFileSync(config, before);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('hooks that the kernel does not start are a trouble, though they may be executed', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  // As where /bin/sh is gone: the shims of this agent name another one.
  for (const name of ['pre-receive', 'post-receive']) {
    const shim = path.join(pair.agentFolder, 'shims', name);
    fs.writeFileSync(shim, fs.readFileSync(shim, 'utf8').replace('#!/bin/sh', '#!/nowhere/sh'));
  }
  await assert.rejects(pair.move('mirror'), /pre-receive does not start \(.*ENOENT\)/);
  assert.match((await hookless(pair)).join(), /pre-receive does not start/);
});

test('with a umask of 077 an agent of root opens the hooks to the account that the repository belongs to', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root serves repositories of others');
  const pair = await startPair();
  t.after(() => pair.close());
  await pair.call('detach', { path: pair.old });
  fs.chownSync(pair.old, 65534, 65534);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await pair.call('attach', { config: pair.config });
  process.umask(umask);
  const modes = (): number[] =>
    ['git-handover', 'git-handover/hooks'].map((name) => fs.statSync(path.join(pair.old, name)).mode & 0o777);
  assert.deepEqual(modes(), [0o755, 0o755]);
  fs.chmodSync(path.join(pair.old, 'git-handover'), 0o700);
  await pair.pass();
  assert.deepEqual(modes(), [0o755, 0o755]);
});
