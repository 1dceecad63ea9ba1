import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { labFolder } from './folder';
import { type LabPerson, makePerson } from './person';
import { freePort, type Started, startProcess, until } from './processes';
import { isAlive } from './processtree';
import { type Sshd, type SshdOptions, startSshd } from './sshd';

const user = userInfo().username;

interface Scene {
  readonly ann: LabPerson;
  readonly sshd: Sshd;
  readonly folder: string;
  readonly run: (command: string, ...options: string[]) => Started;
}

/** `line` makes what authorized_keys says of the only person. */
async function scene(
  t: TestContext,
  line: (key: string) => string,
  options: Partial<SshdOptions> = {},
): Promise<Scene> {
  const lab = labFolder();
  t.after(() => lab.close());
  const ann = makePerson({ folder: lab.path, name: 'ann', servers: [] });
  const authorizedKeys = join(lab.path, 'authorized_keys');
  writeFileSync(authorizedKeys, `${line(ann.publicKey)}\n`);
  const folder = join(lab.path, 'server');
  const sshd = await startSshd({ folder, authorizedKeys, env: { HOME: lab.path }, ...options });
  ann.trust({ host: '127.0.0.1', port: sshd.port, hostKeys: [sshd.hostKey] });
  const run = (command: string, ...more: string[]): Started =>
    startProcess('ssh', ['-F', ann.sshConfig, ...more, '-p', `${sshd.port}`, '-l', user, '127.0.0.1', command], {
      env: ann.env,
    });
  return { ann, sshd, folder: lab.path, run };
}

test('a forced command runs instead of what the client asks for, and knows what that was', async (t) => {
  const { run } = await scene(t, (key) => `restrict,command="echo forced $SSH_ORIGINAL_COMMAND $GIT_PROTOCOL" ${key}`);
  const asked = run('git-upload-pack x', '-o', 'SetEnv GIT_PROTOCOL=version=2');
  await asked.ended;
  assert.equal(asked.output(), 'forced git-upload-pack x version=2\n');
});

test('sshd listens on loopback only', async (t) => {
  const { sshd } = await scene(t, (key) => key);
  assert.match(sshd.log(), /Server listening on 127\.0\.0\.1 port/);
  assert.equal(sshd.log().split('Server listening on').length, 2, sshd.log());
});

test('extra configuration wins over the lab’s own', async (t) => {
  const { run } = await scene(t, (key) => key, { extraConfig: ['PubkeyAuthentication no'] });
  assert.equal((await run('true').ended).code, 255);
});

test('a taken port is an error that names it, and no hang', async (t) => {
  const { sshd, folder } = await scene(t, (key) => key);
  const again = startSshd({ folder: join(folder, 'second'), authorizedKeys: '/dev/null', port: sshd.port });
  await assert.rejects(again, new RegExp(`Cannot start sshd on port ${sshd.port}: .*Address already in use`, 's'));
});

test('a configuration that sshd does not understand is told in its words', async (t) => {
  const lab = labFolder();
  t.after(() => lab.close());
  await assert.rejects(
    startSshd({ folder: join(lab.path, 'server'), authorizedKeys: '/dev/null', extraConfig: ['NoSuchThing yes'] }),
    /Bad configuration option: NoSuchThing/,
  );
});

test('sessions survive a reload and end with killSessions, after which new ones are taken', async (t) => {
  const { sshd, run } = await scene(t, (key) => key);
  const session = run('echo on; exec sleep 1000');
  await until('the session to run', () => session.output() === 'on\n');
  await sshd.reload();
  assert.ok(isAlive(session.pid));
  await sshd.killSessions();
  assert.equal((await session.ended).code, 255);
  assert.equal((await run('true').ended).code, 0);
});

test('started again in its folder and on its port it is the same server to its clients', async (t) => {
  const { sshd, run, folder } = await scene(t, (key) => key);
  await sshd.stop();
  assert.equal((await run('true').ended).code, 255);
  const again = await startSshd({
    folder: join(folder, 'server'),
    authorizedKeys: join(folder, 'authorized_keys'),
    port: sshd.port,
  });
  assert.equal(again.hostKey, sshd.hostKey);
  assert.equal((await run('true').ended).code, 0);
});

test('two servers started at once for one port do not both believe they have it', async (t) => {
  const lab = labFolder();
  t.after(() => lab.close());
  const port = await freePort();
  const started = await Promise.allSettled(
    ['a', 'b'].map((name) => startSshd({ folder: join(lab.path, name), authorizedKeys: '/dev/null', port })),
  );
  assert.deepEqual(started.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});
