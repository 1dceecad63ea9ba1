import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AgentConfig } from '../../../agent/contract/configs';
import { ensureMaster, stopMaster } from '../../../agent/resident/warmconnection';
import { startOf } from '../../../agent/machine/processes';
import { installed, setup } from '../../../agent/install/setup';
import { labFolder } from '../../lab/folder';
import { until } from '../../lab/processes';
import { startSshd, type Sshd } from '../../lab/sshd';
import { run } from '../kit/command';

interface Place {
  readonly agent: string;
  readonly sshd: Sshd;
  readonly port: number;
}

const limits: AgentConfig['limits'] = {
  holdMs: 10_000,
  leaseMs: 60_000,
  longestGitlabPushMs: 1_000,
  connectMs: 2_000,
  lookMs: 3_000,
  breakerShare: 0.33,
  breakerRefs: 3,
  refsPerPush: 2_000,
};

async function start(t: TestContext, extraConfig: readonly string[] = []): Promise<Place> {
  const lab = labFolder();
  const authorizedKeys = path.join(lab.path, 'authorized_keys');
  fs.writeFileSync(authorizedKeys, '');
  const sshd = await startSshd({
    folder: path.join(lab.path, 'sshd'),
    authorizedKeys,
    extraConfig,
    env: { HOME: lab.path },
  });
  const agent = path.join(lab.path, 'agent');
  t.after(async () => {
    await stopMaster(agent);
    await sshd.stop();
    await lab.close();
  });
  const gitlab = {
    sshHost: '127.0.0.1',
    sshPort: sshd.port,
    sshUser: os.userInfo().username,
    hostKeys: [sshd.hostKey],
  };
  const { publicKey } = await setup(agent, {
    config: { version: 1, gitlab, queueDelayMs: 0, timer: 'none', limits, texts: {} },
  });
  fs.writeFileSync(authorizedKeys, `${publicKey}\n`);
  return { agent, sshd, port: sshd.port };
}

/** Processes that are masters of this agent, seen by their arguments. */
function masters({ agent }: Place): number[] {
  const socket = path.join(agent, 'ssh', 'm');
  const words = (pid: string): string[] => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split(/[\0 ]/);
    } catch {
      return [];
    }
  };
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && words(name).includes(socket))
    .map(Number);
}

function isRunning(pid: number): boolean {
  return startOf(pid) !== null;
}

function logins({ sshd }: Place): number {
  return sshd.log().split('Accepted publickey').length - 1;
}

/** One command on GitLab, by ssh as git calls it. Answers its exit code. */
async function session({ agent, port }: Place): Promise<number> {
  return (
    await run('ssh', ['-F', path.join(agent, 'ssh/config'), '-p', String(port), '127.0.0.1', 'true'], {
      cwd: '/',
      env: process.env,
    })
  ).code;
}

test('with a master a push needs no handshake, and asking for one again starts no second', async (t) => {
  const place = await start(t);
  await ensureMaster(place.agent);
  const [first] = masters(place);
  assert.equal(logins(place), 1);
  await Promise.all([ensureMaster(place.agent), ensureMaster(place.agent)]);
  assert.equal(await session(place), 0);
  assert.deepEqual([masters(place), logins(place)], [[first], 1]);
});

test('two that start a master at once leave one', async (t) => {
  const place = await start(t);
  await Promise.all([ensureMaster(place.agent), ensureMaster(place.agent), ensureMaster(place.agent)]);
  await until('a master', () => masters(place).length > 0);
  assert.equal(masters(place).length, 1);
  assert.equal(await session(place), 0);
  assert.equal(logins(place), 1);
});

test('a stopped master, which would hang every push, is killed and replaced', async (t) => {
  const place = await start(t);
  await ensureMaster(place.agent);
  const [stopped = 0] = masters(place);
  process.kill(stopped, 'SIGSTOP');
  await ensureMaster(place.agent);
  const [fresh] = masters(place);
  assert.equal(masters(place).length, 1);
  assert.notEqual(fresh, stopped);
  assert.equal(await session(place), 0);
  assert.match(
    fs.readFileSync(path.join(place.agent, 'log/agent.jsonl'), 'utf8'),
    /"event":"master-replaced","health":"hung"/,
  );
});

test('a killed master leaves a stale socket that stops neither pushes nor the next master', async (t) => {
  const place = await start(t);
  await ensureMaster(place.agent);
  const [killed = 0] = masters(place);
  process.kill(killed, 'SIGKILL');
  await until('the master to be gone', () => masters(place).length === 0);
  assert.equal(await session(place), 0);
  assert.equal(logins(place), 2);
  await ensureMaster(place.agent);
  assert.equal(await session(place), 0);
  assert.equal(logins(place), 3);
});

test('a master on which GitLab opens no session is replaced, and what runs on it goes on', async (t) => {
  // One session a connection: the one that runs leaves none for the probe.
  const place = await start(t, ['MaxSessions 1']);
  await ensureMaster(place.agent);
  const [full = 0] = masters(place);
  const begun = path.join(place.agent, 'begun');
  const args = [
    '-F',
    path.join(place.agent, 'ssh/config'),
    '-p',
    String(place.port),
    '127.0.0.1',
    `touch ${begun}; read line; exit 7`,
  ];
  const push = spawn('ssh', args, { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<number | null>((resolve) => push.once('close', resolve));
  await until('the session to begin', () => fs.existsSync(begun));
  await ensureMaster(place.agent);
  assert.equal(isRunning(full), true);
  assert.equal(await session(place), 0);
  assert.equal(logins(place), 2);
  push.stdin.end('go\n');
  assert.equal(await ended, 7);
  await until('the replaced master to end by itself', () => !isRunning(full));
});

test('an unreachable GitLab is logged within the connect limit, and nothing is left behind', async (t) => {
  const place = await start(t);
  await place.sshd.stop();
  const begin = performance.now();
  await ensureMaster(place.agent);
  assert.ok(performance.now() - begin < 15_000);
  assert.deepEqual(masters(place), []);
  assert.match(
    fs.readFileSync(path.join(place.agent, 'log/agent.jsonl'), 'utf8'),
    /"event":"no-master".*Connection refused/,
  );
});

test('with another address of GitLab nothing more goes to the former one', async (t) => {
  const place = await start(t);
  await ensureMaster(place.agent);
  const [former = 0] = masters(place);
  const config = (await installed(place.agent))?.config;
  assert.ok(config);
  await setup(place.agent, { config: { ...config, gitlab: { ...config.gitlab, sshHost: 'localhost' } } });
  await until('the former master to end', () => !isRunning(former));
  await ensureMaster(place.agent);
  assert.equal(logins(place), 2);
  assert.equal(masters(place).length, 1);
});

test('a stopped agent leaves no master', async (t) => {
  const place = await start(t);
  await ensureMaster(place.agent);
  assert.equal(masters(place).length, 1);
  await stopMaster(place.agent);
  await until('the master to be gone', () => masters(place).length === 0);
  assert.equal(fs.existsSync(path.join(place.agent, 'ssh/m')), false);
});
