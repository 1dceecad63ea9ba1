import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { bootIdVariable } from './bootable';
import { type LabFolder, labFolder } from './folder';
import { type OldServer, type OldServerOptions, startOldServer } from './old';
import { type LabPerson, makePerson } from './person';
import { startProcess, until } from './processes';
import { marked } from './processtree';

const isRoot = process.getuid?.() === 0;

interface Scene {
  readonly lab: LabFolder;
  readonly old: OldServer;
  readonly url: string;
  readonly person: (name: string, multiplexed?: boolean) => Promise<LabPerson>;
}

async function scene(t: TestContext, options: Partial<OldServerOptions> = {}): Promise<Scene> {
  const lab = labFolder();
  t.after(() => lab.close());
  const old = await startOldServer({ folder: join(lab.path, 'old'), repositories: ['team/app.git'], ...options });
  const person = async (name: string, multiplexed = false): Promise<LabPerson> => {
    const made = makePerson({ folder: lab.path, name, servers: [old], multiplexed });
    await old.addKey(made.publicKey);
    return made;
  };
  return { lab, old, person, url: `ssh://${old.user}@${old.host}:${old.port}${old.repositoryPath('team/app.git')}` };
}

async function refs(person: LabPerson, folder: string): Promise<string> {
  return (await person.git(folder, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads')).output;
}

test('what one person pushes, another one clones and fetches', async (t) => {
  const { url, person } = await scene(t);
  const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
  const hers = await ann.clone(url);
  const first = await ann.commit(hers, 'first');
  assert.equal((await ann.git(hers, 'push', 'origin', 'main')).code, 0);
  const his = await bob.clone(url);
  assert.equal(await refs(bob, his), `${first} refs/heads/main\n`);
  const second = await bob.commit(his, 'second');
  assert.equal((await bob.git(his, 'push')).code, 0);
  assert.equal((await ann.git(hers, 'pull', '--quiet')).code, 0);
  assert.equal(await refs(ann, hers), `${second} refs/heads/main\n`);
  assert.equal(await refs(ann, join(new URL(url).pathname)), `${second} refs/heads/main\n`);
});

test('a person whose key was not let in is turned away', async (t) => {
  const { lab, old, url } = await scene(t);
  const eve = makePerson({ folder: lab.path, name: 'eve', servers: [old] });
  const { code, output } = await eve.git(lab.path, 'ls-remote', url);
  assert.equal(code, 128);
  assert.match(output, /Permission denied \(publickey\)/);
});

test('a person who knows another host key turns away from the server', async (t) => {
  const { lab, old, url } = await scene(t);
  const stranger = {
    host: old.host,
    port: old.port,
    hostKeys: [readFileSync(`${old.operatorKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')],
  };
  const ann = makePerson({ folder: lab.path, name: 'ann', servers: [stranger] });
  await old.addKey(ann.publicKey);
  assert.match((await ann.git(lab.path, 'ls-remote', url)).output, /Host key verification failed/);
});

test('a multiplexing person logs in once, another one for each command', async (t) => {
  const { lab, old, url, person } = await scene(t);
  const logins = (): number => old.log().split('Accepted publickey').length - 1;
  const ann = await person('ann', true);
  for (const _ of [1, 2, 3]) assert.equal((await ann.git(lab.path, 'ls-remote', url)).code, 0);
  assert.equal(logins(), 1);
  const bob = await person('bob');
  for (const _ of [1, 2, 3]) assert.equal((await bob.git(lab.path, 'ls-remote', url)).code, 0);
  assert.equal(logins(), 4);
});

test('sessions see a home of the lab, and neither the caller’s environment nor the machine’s home', async (t) => {
  process.env['OF_THE_CALLER'] = '1';
  t.after(() => delete process.env['OF_THE_CALLER']);
  const { old, person } = await scene(t, { env: { EXTRA: 'two words' } });
  const ann = await person('ann');
  const shell = startProcess(
    'ssh',
    ['-F', ann.sshConfig, '-p', `${old.port}`, `${old.user}@${old.host}`, 'env; node --version'],
    { env: ann.env },
  );
  await shell.ended;
  const seen = shell.output().split('\n');
  for (const line of [`HOME=${old.home}`, 'EXTRA=two words', process.version])
    assert.ok(seen.includes(line), `${line} in:\n${shell.output()}`);
  assert.ok(!shell.output().includes('OF_THE_CALLER'));
});

test('a reboot ends every process, background ones too, keeps every file, and shows another boot id', async (t) => {
  const { lab, old, url, person } = await scene(t);
  const ann = await person('ann');
  const ssh = (command: string): ReturnType<typeof startProcess> =>
    startProcess('ssh', ['-F', ann.sshConfig, '-p', `${old.port}`, `${old.user}@${old.host}`, command], {
      env: ann.env,
    });
  const bootId = async (): Promise<string> => {
    const cat = ssh(`cat "$${bootIdVariable}"`);
    await cat.ended;
    return cat.output();
  };
  const hers = await ann.clone(url);
  await ann.commit(hers, 'first');
  await ann.git(hers, 'push', 'origin', 'main');
  const before = { bootId: await bootId(), refs: (await ann.git(lab.path, 'ls-remote', url)).output };
  await ssh('setsid sleep 1000 > /dev/null 2>&1 &').ended;
  const foreground = ssh('echo on; sleep 1000');
  await until(
    'both commands to run',
    () => foreground.output() === 'on\n' && marked(join(lab.path, 'old')).length >= 2,
  );
  await old.reboot();
  assert.equal((await foreground.ended).code, 255);
  assert.equal(marked(join(lab.path, 'old')).length, 0, 'sshd hides its own environment, so nothing marked is left');
  const after = { bootId: await bootId(), refs: (await ann.git(lab.path, 'ls-remote', url)).output };
  assert.match(after.bootId, /^[0-9a-f-]{36}\n$/);
  assert.notEqual(after.bootId, before.bootId);
  assert.equal(after.refs, before.refs);
});

test('a stopped server takes no connections and leaves no process', async (t) => {
  const { lab, old, url, person } = await scene(t);
  const ann = await person('ann', true);
  assert.equal((await ann.git(lab.path, 'ls-remote', url)).code, 0);
  await old.stop();
  assert.match((await ann.git(lab.path, 'ls-remote', url)).output, /Connection refused/);
  assert.deepEqual(marked(join(lab.path, 'old')), []);
});

test(
  'a login that owns no repository pushes to one that is shared, also by force',
  { skip: !isRoot && 'only root can log in others' },
  async (t) => {
    const { old, url, person } = await scene(t, { login: 'other' });
    const ann = await person('ann');
    const hers = await ann.clone(url);
    await ann.commit(hers, 'first');
    assert.equal((await ann.git(hers, 'push', 'origin', 'main')).code, 0);
    await ann.git(hers, 'commit', '--amend', '--message', 'other');
    const forced = await ann.git(hers, 'push', '--force');
    assert.equal(forced.code, 0, forced.output);
    const repository = old.repositoryPath('team/app.git');
    assert.equal(statSync(repository).uid, 0);
    assert.notEqual(statSync(join(repository, 'refs/heads/main')).uid, 0);
  },
);

test('the server of a killed test is gone, with its sessions and its files', async () => {
  const code = `
    const { labFolder } = require('./folder');
    const { startOldServer } = require('./old');
    const { makePerson } = require('./person');
    const { startProcess } = require('./processes');
    (async () => {
      const { path } = labFolder();
      const old = await startOldServer({ folder: path + '/old', repositories: ['a.git'] });
      const ann = makePerson({ folder: path, name: 'ann', servers: [old], multiplexed: true });
      await old.addKey(ann.publicKey);
      const ssh = startProcess('ssh', ['-F', ann.sshConfig, '-p', '' + old.port, old.user + '@' + old.host, 'echo on; sleep 1000'], { env: ann.env });
      setInterval(() => ssh.output() && console.log(JSON.stringify({ path, port: old.port })), 50);
    })();`;
  const killed = spawn(process.execPath, ['--import', 'tsx', '--eval', code], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  killed.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the session to run', () => said.includes('\n'), 20_000);
  const { path, port } = JSON.parse(said.split('\n')[0] ?? '') as { path: string; port: number };
  assert.ok(marked(join(path, 'old')).length > 0);
  killed.kill('SIGKILL');
  await until('the folder to be gone', () => !existsSync(path));
  await until('the processes to be gone', () => marked(path).length === 0);
  const knock = startProcess('ssh', ['-F', 'none', '-o', 'BatchMode=yes', '-p', `${port}`, '127.0.0.1'], {
    env: { PATH: process.env['PATH'] },
  });
  await knock.ended;
  assert.match(knock.output(), /Connection refused/);
});
