import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { unknownValue, type Values } from '../../stacks/provider/engine/values';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import { type OldServer, startOldServer } from '../lab/old';
import { type Declared, declared, type Servers, settingsOf } from './declared';
import { engineOf } from './engine';
import { type Plugin, startProvider } from './plugin';

let folder: LabFolder;
let old: OldServer;
let gitlab: Awaited<ReturnType<typeof startGitlab>>;
let plugin: Plugin;
const said: string[] = [];
const { create, diff, update, remove, checked, invoke } = engineOf(() => plugin);

aroundTests(async () => {
  folder = labFolder();
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'] });
  gitlab = await startGitlab();
  return async () => {
    await old.stop();
    await gitlab.stop();
    await folder.close();
  };
});

beforeEach(async () => {
  said.length = 0;
  plugin = await startPlugin();
});

afterEach(() => plugin.stop());

function startPlugin(changes: Values = {}): Promise<Plugin> {
  const settings = settingsOf(servers(), changes);
  return startProvider(settings, (kind, text) => void (kind === 'note' || said.push(`${kind}: ${text}`)));
}

function agentFolder(): string {
  return join(old.home, '.git-handover');
}

function servers(): Servers {
  return { old, gitlab, agentFolder: agentFolder() };
}

function inputs(phase: string, repository = 'app.git'): Declared {
  return declared(servers(), phase, repository);
}

/** Everything about a repository that a person could see changed. */
function snapshot(): string {
  const path = old.repositoryPath('app.git');
  return execFileSync('sh', ['-c', 'find . -printf "%p %m\\n" | sort; find . -type f | sort | xargs sha256sum'], {
    cwd: path,
    encoding: 'utf8',
  });
}

async function installed(): Promise<Values> {
  return create('Server', await checked('Server', inputs('old').server));
}

test('a preview before anything is installed tells versions and refusals, and leaves nothing behind', async () => {
  const outputs = await create('Server', inputs('old').server, true);
  assert.equal(outputs['publicKey'], unknownValue);
  assert.match(String(outputs['git']), /^\d+\.\d+/);
  await create('Repository', inputs('mirror').repository, true);
  await assert.rejects(create('Repository', inputs('both').repository, true), /Cannot begin .* in both/);
  await assert.rejects(create('Repository', inputs('old', 'missing.git').repository, true), /missing\.git/);
  assert.equal(existsSync(agentFolder()), false);
});

test('the agent is installed once; what is equal is left alone, what was tampered with is put back', async () => {
  const news = await checked('Server', inputs('old').server);
  const outputs = await create('Server', news);
  assert.match(String(outputs['publicKey']), /^ssh-ed25519 /);
  assert.equal(await diff('Server', outputs, news), null);
  plugin.stop();

  chmodSync(join(agentFolder(), 'shims', 'pre-receive'), 0o644);
  appendFileSync(join(agentFolder(), 'agent.cjs'), '\n');
  plugin = await startPlugin();
  assert.deepEqual(await diff('Server', outputs, news), []);
  assert.match(said.join(), /files differ on the old server/);
  assert.equal((await update('Server', outputs, news))['publicKey'], outputs['publicKey']);
  plugin.stop();

  plugin = await startPlugin();
  assert.equal(await diff('Server', outputs, news), null);
  await remove('Server', outputs);
});

test('a changed setting of the agent shows as a change of it', async () => {
  const outputs = await installed();
  const news = await checked('Server', {
    ...inputs('old').server,
    agent: { ...(inputs('old').server['agent'] as object), queueDelayMs: 7 },
  });
  assert.deepEqual(await diff('Server', outputs, news), ['agent']);
  await update('Server', outputs, news);
  assert.equal(await diff('Server', { ...outputs, ...news }, news), null);
  await remove('Server', outputs);
});

test('the secret of webhooks is unknown to a preview until it is made, stays as it is, and its loss is seen', async () => {
  const secretIn = async (olds: Values, news: Values, preview: boolean): Promise<unknown> =>
    (await update('Server', olds, news, preview))['webhookSecret'];
  const outputs = await installed();
  assert.equal(outputs['webhookSecret'], '');
  const webhook = { host: '127.0.0.1', port: 8443, tls: null, allow: [] };
  const news = await checked('Server', {
    ...inputs('old').server,
    agent: { ...(inputs('old').server['agent'] as object), webhook },
  });
  assert.deepEqual(
    [await diff('Server', outputs, news), await secretIn(outputs, news, true)],
    [['agent'], unknownValue],
  );
  const kept = await update('Server', outputs, news);
  const file = join(agentFolder(), 'ssh/webhook-secret');
  assert.deepEqual(
    [kept['webhookSecret'], await diff('Server', kept, news)],
    [readFileSync(file, 'utf8').trim(), null],
  );
  assert.equal(await secretIn(kept, { ...news, bundle: 'new' }, true), kept['webhookSecret']);
  assert.deepEqual(await diff('Server', { ...kept, webhookSecret: 'another' }, news), []);
  rmSync(file);
  assert.deepEqual([await diff('Server', kept, news), await secretIn(kept, news, true)], [[], unknownValue]);
  assert.match(
    said.join(),
    /webhooks on the old server is another one than before.*webhooks is missing on the old server/,
  );
  const made = await secretIn(kept, news, false);
  assert.match(String(made), /^[0-9a-f]{64}$/);
  assert.notEqual(made, kept['webhookSecret']);
  await remove('Server', outputs);
});

test('a repository that comes and goes in old is left byte for byte as it was', async () => {
  const before = snapshot();
  const server = await installed();
  const { repository } = inputs('old');
  const outputs = await create('Repository', repository);
  assert.equal(outputs['phase'], 'old');
  assert.notEqual(snapshot(), before);
  assert.equal(await diff('Repository', outputs, repository), null);
  await remove('Repository', outputs);
  assert.equal(snapshot(), before);
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('hooks that were taken away by hand are seen, and put back', async () => {
  const server = await installed();
  const { repository } = inputs('old');
  const outputs = await create('Repository', repository);
  execFileSync('git', ['config', '--unset', 'core.hooksPath'], { cwd: old.repositoryPath('app.git') });
  assert.deepEqual(await diff('Repository', outputs, repository), []);
  assert.match(said.join(), /hooks or settings of this repository differ/);
  await update('Repository', outputs, repository);
  plugin.stop();
  plugin = await startPlugin();
  assert.equal(await diff('Repository', outputs, repository), null);
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('the preview of an illegal move is an error that names the legal ones', async () => {
  const server = await installed();
  const outputs = await create('Repository', inputs('old').repository);
  await assert.rejects(diff('Repository', outputs, inputs('warn').repository), /from old to warn: .*\n.*mirror/s);
  assert.deepEqual(await diff('Repository', outputs, inputs('mirror').repository), ['phase']);
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('a phase that differs from the state is seen, whatever the state says', async () => {
  const server = await installed();
  const outputs = await create('Repository', inputs('old').repository);
  assert.deepEqual(await diff('Repository', { ...outputs, phase: 'mirror' }, inputs('mirror').repository), ['phase']);
  assert.match(said.join(), /The old server says old where the state says mirror/);
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('the preview compares what is configured with what the agent looks at, and nothing of it is a change', async () => {
  const server = await installed();
  const outputs = await create('Repository', inputs('old').repository);
  const [app, gone] = [old.repositoryPath('app.git'), '/srv/git/gone.git'];
  const told = (olds: string[], news: string[]): Promise<string[] | null> =>
    diff('Guard', { repositories: olds }, { repositories: news });
  assert.deepEqual([await told([app], [app, gone]), await told([app], [])], [['repositories'], ['repositories']]);
  assert.deepEqual(said, [], 'what this run attaches or lets go of is in order');
  assert.deepEqual([await told([app, gone], [app, gone]), await told([], [])], [null, null]);
  assert.match(
    said.join('\n'),
    /^warning: Cannot say how \/srv\/git\/gone\.git is: it is configured.*\n.*app\.git as well.*$/,
  );
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('a stack with another backend is told that the repository is attached already, before it takes it over', async () => {
  const server = await installed();
  await create('Repository', inputs('old').repository, true);
  assert.deepEqual(said, []);
  const outputs = await create('Repository', inputs('old').repository);
  plugin.stop();
  plugin = await startPlugin();
  await create('Repository', inputs('mirror').repository, true);
  assert.match(said.join(), /warning: \S+app\.git is attached already, and old: by another stack, or by a run/);
  await remove('Repository', outputs);
  await remove('Server', server);
});

test('a destroy that failed half-way is repeated: an attached repository that no state knows goes with the agent', async () => {
  const before = snapshot();
  const server = await installed();
  await create('Repository', inputs('old').repository);
  await remove('Server', server);
  assert.equal(snapshot(), before);
  assert.equal(existsSync(join(agentFolder(), 'agent.cjs')), false);
});

test('a wrong token and an unreachable GitLab are said in one sentence', async () => {
  const surveyed = (changes: Values): Promise<unknown> => {
    plugin.stop();
    const args = JSON.stringify({ groups: ['code'], users: [], questions: [], unprotectedGroup: null, preview: true });
    return startPlugin(changes).then((started) => {
      plugin = started;
      return invoke('survey', { args });
    });
  };
  await assert.rejects(
    surveyed({ token: 'wrong' }),
    /does not accept the token, it answered 401.*\n.*pulumi config set --secret gitlab:token/s,
  );
  await assert.rejects(
    surveyed({ gitlabUrl: 'http://127.0.0.1:1' }),
    /Cannot ask GitLab: http:\/\/127\.0\.0\.1:1 does not answer/,
  );
  await assert.rejects(surveyed({}), /Cannot find the group code: GitLab does not know it/);
});
