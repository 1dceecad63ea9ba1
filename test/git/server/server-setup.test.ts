import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AgentConfig } from '../../../agent/contract/configs';
import { installHooks } from '../../../agent/repository/hooks';
import { hello, installed, remove, setup } from '../../../agent/install/setup';
import { labFolder } from '../../lab/folder';
import { startPair } from '../kit/pair';

const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAabcdefghijklmnopqrstuvwxyz0123456789ABCDE';
const limits: AgentConfig['limits'] = {
  holdMs: 10_000,
  leaseMs: 60_000,
  longestGitlabPushMs: 1_000,
  connectMs: 2_500,
  lookMs: 3_000,
  breakerShare: 0.33,
  breakerRefs: 3,
  refsPerPush: 2_000,
};
const config: AgentConfig = {
  version: 1,
  gitlab: { sshHost: 'gitlab.example.org', sshPort: 2222, sshUser: 'git', hostKeys: [hostKey] },
  queueDelayMs: 0,
  timer: 'none',
  limits,
  texts: { warn: 'grüße' },
};

function start(t: TestContext): string {
  const lab = labFolder();
  t.after(() => lab.close());
  return path.join(lab.path, 'agent');
}

/** Every file with its bytes, mode, inode and time: replaced ones differ. */
function picture(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mode, ino, mtimeMs, size } = fs.statSync(path.join(folder, name));
      return `${name} ${mode.toString(8)} ${ino} ${mtimeMs} ${size}`;
    });
}

test('setting up twice changes nothing, and only its owner can read the key', async (t) => {
  const folder = start(t);
  assert.equal(await installed(folder), null);
  const first = await setup(folder, { config });
  const before = picture(folder);
  assert.deepEqual(await setup(folder, { config }), first);
  assert.deepEqual(picture(folder), before);
  assert.deepEqual(await installed(folder), { config, publicKey: first.publicKey, webhookSecret: null });
  assert.match(first.publicKey, /^ssh-ed25519 \S+ git-handover@\S+$/);
  const mode = (name: string): number => fs.statSync(path.join(folder, name)).mode & 0o777;
  assert.deepEqual(
    ['.', 'repositories', 'ssh', 'ssh/id_ed25519', 'log'].map(mode),
    [0o755, 0o755, 0o700, 0o600, 0o700],
  );
});

test('new settings keep the key, and a lost public half comes back', async (t) => {
  const folder = start(t);
  const { publicKey } = await setup(folder, { config });
  fs.rmSync(path.join(folder, 'ssh/id_ed25519.pub'));
  const next = { ...config, gitlab: { ...config.gitlab, sshPort: 22 } };
  const again = await setup(folder, { config: next });
  assert.equal(again.publicKey.split(' ')[1], publicKey.split(' ')[1]);
  assert.equal(fs.readFileSync(path.join(folder, 'ssh/known_hosts'), 'utf8'), `gitlab.example.org ${hostKey}\n`);
  assert.deepEqual((await installed(folder))?.config, next);
});

test('ssh reads our settings as they are meant, and none of the account', async (t) => {
  const folder = start(t);
  await setup(folder, { config });
  const settings = execFileSync('ssh', ['-F', path.join(folder, 'ssh/config'), '-G', 'gitlab.example.org'], {
    encoding: 'utf8',
  })
    .toLowerCase()
    .split('\n');
  const wanted = [
    'batchmode yes',
    'identitiesonly yes',
    'identityagent none',
    'stricthostkeychecking true',
    'controlmaster false',
    'serveraliveinterval 5',
    'serveralivecountmax 2',
    'connecttimeout 3',
    `controlpath ${folder}/ssh/m`,
    `userknownhostsfile ${folder}/ssh/known_hosts`,
    'globalknownhostsfile /dev/null',
    `identityfile ${folder}/ssh/id_ed25519`,
  ].map((line) => line.toLowerCase());
  assert.deepEqual(
    wanted.filter((line) => !settings.includes(line)),
    [],
  );
  assert.equal(fs.readFileSync(path.join(folder, 'ssh/known_hosts'), 'utf8'), `[gitlab.example.org]:2222 ${hostKey}\n`);
});

test('a damaged configuration counts as not installed, and the next set-up writes it again', async (t) => {
  const folder = start(t);
  await setup(folder, { config });
  fs.appendFileSync(path.join(folder, 'config.json'), ' ');
  assert.equal(await installed(folder), null);
  await setup(folder, { config });
  assert.deepEqual((await installed(folder))?.config, config);
});

test('a folder that cannot go into commands, or below which no socket fits, is refused with what to do', async (t) => {
  const folder = start(t);
  await assert.rejects(setup(`${folder} two`, { config }), /other characters than letters, digits/);
  await assert.rejects(setup(`${folder}/${'x'.repeat(90)}`, { config }), /too long for a socket below it/);
  assert.deepEqual(
    (await hello(`${folder}/$(id)`)).refusals.map(({ code }) => code),
    ['folder-name'],
  );
  assert.equal(fs.existsSync(folder), false);
  assert.deepEqual((await hello('/home/git/.git-handover')).refusals, []);
});

test('a host key that is none is refused before anything is written for ssh', async (t) => {
  const folder = start(t);
  const wrong = { ...config, gitlab: { ...config.gitlab, hostKeys: ['SHA256:abc'] } };
  await assert.rejects(setup(folder, { config: wrong }), /ssh-ed25519 AAAA/);
  assert.equal(await installed(folder), null);
  assert.deepEqual(fs.readdirSync(path.join(folder, 'ssh')), []);
});

test('the agent is not taken away while a repository is attached, and leaves nothing when none is', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  await assert.rejects(pair.call('remove', {}), /still-attached.*app\.git/);
  await pair.call('detach', { path: pair.old });
  await pair.call('remove', {});
  assert.equal(fs.existsSync(pair.agentFolder), false);
});

test('taking the agent away keeps what operators decided', async (t) => {
  const folder = start(t);
  await setup(folder, { config });
  fs.writeFileSync(path.join(folder, 'decisions'), '{}\n');
  await remove(folder);
  assert.deepEqual(fs.readdirSync(folder), ['decisions']);
});

test('hooks that are installed by several at once are installed once, and the configuration of before comes back', async (t) => {
  const pair = await startPair();
  t.after(() => pair.close());
  const config = path.join(pair.old, 'config');
  await pair.call('detach', { path: pair.old });
  const before = fs.readFileSync(config, 'utf8');
  await pair.call('attach', { config: pair.config });
  // As a repository looks while `pulumi up` is about to install: the resident's pass mends what is missing at the same
  // moment.
  fs.writeFileSync(config, before);
  for (const name of ['config-before', 'config-after', 'former-hooks-path']) fs.rmSync(path.join(pair.state, name));
  const place = { directory: pair.old, state: pair.state, folder: pair.agentFolder };
  const changed = await Promise.all(Array.from({ length: 6 }, () => installHooks(place)));
  assert.equal(changed.filter((names) => names.includes('config')).length, 1);
  await pair.call('detach', { path: pair.old });
  assert.equal(fs.readFileSync(config, 'utf8'), before);
});
