/** `defaultBranch` names a branch that is not there yet: it is told, and done by the first run that finds it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Values } from '../../stacks/provider/engine/values';
import { labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import { rest } from '../lab/gitlab/restclient';
import { startOldServer } from '../lab/old';
import { declared, type Servers, settingsOf } from './declared';
import { engineOf } from './engine';
import { type Plugin, startProvider } from './plugin';

const app = '/projects/code%2Fapp';

test('a default branch that is on neither side is told by each run, and set once by the first that finds it', async (t) => {
  const { servers, main } = await startServers(t);
  const { gitlab } = servers;
  const said: string[] = [];
  const settings = settingsOf(servers);
  let plugin: Plugin | null = null;
  /** As each run of the engine starts its own. */
  const fresh = async (): Promise<ReturnType<typeof engineOf>> => {
    plugin?.stop();
    said.length = 0;
    const started = await startProvider(
      settings,
      (kind, text) => void (kind === 'note' || said.push(`${kind}: ${text}`)),
    );
    plugin = started;
    return engineOf(() => started);
  };
  t.after(() => plugin?.stop());
  const defaultBranch = async (): Promise<unknown> => (await rest(gitlab, `GET ${app}`))['default_branch'];
  const inputs = (): Values => ({ ...declared(servers, 'mirror', 'app.git').repository, defaultBranch: 'trunk' });
  const missing = /^warning: .*code\/app.* has no branch trunk.*main.*`pulumi up --stack test`/;

  const first = await fresh();
  const server = await first.create(
    'Server',
    await first.checked('Server', declared(servers, 'old', 'app.git').server),
  );
  await rest(gitlab, `POST ${app}/deploy_keys`, { title: 'git-handover', key: server['publicKey'], can_push: true });
  let outputs = await first.create('Repository', inputs());
  assert.match(said.join('\n'), missing);
  assert.equal(await (await fresh()).diff('Repository', outputs, inputs()), null);
  assert.match(said.join('\n'), missing);

  git(gitlab.repositoryPath('code/app'), 'update-ref', 'refs/heads/trunk', main);
  const third = await fresh();
  assert.notEqual(await third.diff('Repository', outputs, inputs()), null);
  outputs = await third.update('Repository', outputs, inputs());
  assert.deepEqual([await defaultBranch(), said.filter((line) => line.startsWith('warning'))], ['trunk', []]);
  await rest(gitlab, `PUT ${app}`, { default_branch: 'main' });
  assert.equal(await (await fresh()).diff('Repository', outputs, inputs()), null, 'what people choose later stays');
});

/** A project of GitLab, and a repository of old with one commit on main. */
async function startServers(t: TestContext): Promise<{ servers: Servers; main: string }> {
  const folder = labFolder();
  t.after(() => folder.close());
  const old = await startOldServer({ folder: folder.path, repositories: ['app.git'] });
  t.after(() => old.stop());
  const gitlab = await startGitlab();
  t.after(() => gitlab.stop());
  const repository = old.repositoryPath('app.git');
  const main = git(
    repository,
    'commit-tree',
    '-m',
    'S1',
    git(repository, 'hash-object', '-t', 'tree', '-w', '--stdin'),
  );
  git(repository, 'update-ref', 'refs/heads/main', main);
  const group = await rest(gitlab, 'POST /groups', { name: 'code', path: 'code', default_branch_protection: 0 });
  await rest(gitlab, 'POST /projects', { name: 'app', namespace_id: group['id'] });
  const servers: Servers = { old, gitlab, agentFolder: join(old.home, '.git-handover') };
  return { servers, main };
}

function git(repository: string, ...args: string[]): string {
  const who = ['-c', 'user.name=ada', '-c', 'user.email=ada@lab.invalid'];
  return execFileSync('git', [...who, '-C', repository, ...args], { input: '', encoding: 'utf8' }).trim();
}
