import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Values } from '../../stacks/provider/engine/values';
import { openGitlab } from '../../stacks/provider/gitlab/gitlab';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import { rest } from '../lab/gitlab/restclient';
import { type OldServer, startOldServer } from '../lab/old';
import { type Declared, declared, type Servers, settingsOf } from './declared';
import { engineOf } from './engine';
import { type Plugin, startProvider } from './plugin';

const app = '/projects/code%2Fapp';
let folder: LabFolder;
let old: OldServer;
let gitlab: Awaited<ReturnType<typeof startGitlab>>;
let plugin: Plugin;
let said: string[] = [];
let groupId = 0;
let outputs: Values = {};
const { create, diff, update, checked } = engineOf(() => plugin);

aroundTests(async () => {
  folder = labFolder();
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'] });
  gitlab = await startGitlab({ enterprise: true });
  const open = { default_branch_protection: 0 };
  groupId = Number((await rest(gitlab, 'POST /groups', { name: 'code', path: 'code', ...open }))['id']);
  await rest(gitlab, 'POST /projects', { name: 'app', namespace_id: groupId });
  plugin = await startPlugin();
  const server = await create('Server', await checked('Server', inputs('old').server));
  await rest(gitlab, `POST ${app}/deploy_keys`, { title: 'git-handover', key: server['publicKey'], can_push: true });
  outputs = await create('Repository', inputs('mirror').repository);
  plugin.stop();
  return async () => {
    await old.stop();
    await gitlab.stop();
    await folder.close();
  };
});

beforeEach(async () => {
  plugin = await startPlugin();
});

afterEach(() => plugin.stop());

function startPlugin(token = gitlab.adminToken): Promise<Plugin> {
  said = [];
  const settings = settingsOf(servers(), { token });
  return startProvider(settings, (kind, text) => void (kind === 'note' || said.push(`${kind}: ${text}`)));
}

function servers(): Servers {
  return { old, gitlab, agentFolder: join(old.home, '.git-handover') };
}

function inputs(phase: string): Declared {
  return declared(servers(), phase, 'app.git');
}

/** What a run says where nothing moves. It is never a change. */
async function toldBy(token?: string): Promise<string[]> {
  plugin.stop();
  plugin = await startPlugin(token);
  assert.equal(await diff('Repository', outputs, inputs(String(outputs['phase'])).repository), null);
  return said;
}

async function idOf(list: string, name: string): Promise<number> {
  const rows = (await rest(gitlab, `GET ${list}`)) as unknown as { id: number; title?: string; name?: string }[];
  return rows.find((row) => (row.title ?? row.name) === name)?.id ?? 0;
}

function newKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x, 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')} ci@example`;
}

test('where all is well nothing is said, and nothing is a change', async () => {
  assert.deepEqual(await toldBy(), []);
});

test('a project that was archived is told in each run, and refuses the next move, preview and step', async () => {
  await rest(gitlab, `POST ${app}/archive`);
  const archived = /Cannot push to code\/app: the project is archived/;
  const [only = '', ...more] = await toldBy();
  assert.match(only, /^warning: Cannot push to code\/app: the project is archived.* Unarchive it/);
  assert.deepEqual(more, []);
  const { repository } = inputs('both');
  await assert.rejects(diff('Repository', outputs, repository), archived);
  await assert.rejects(update('Repository', outputs, repository), archived);
  await rest(gitlab, `POST ${app}/unarchive`);
});

test('a key of ours that may not write, or is gone, is told in each run; the step that needs it is refused', async () => {
  const key = await idOf(`${app}/deploy_keys`, 'git-handover');
  await rest(gitlab, `PUT ${app}/deploy_keys/${key}`, { can_push: false });
  assert.match(
    (await toldBy()).join('\n'),
    /^warning: Cannot push to code\/app: the key .* may not write there.*--refresh/,
  );
  const refused = /the key of the old server may not write there/;
  assert.deepEqual(await diff('Repository', outputs, inputs('both').repository), ['phase']);
  await assert.rejects(update('Repository', outputs, inputs('both').repository), refused);
  const text = String((await rest(gitlab, `GET ${app}/deploy_keys/${key}`))['key']);
  await rest(gitlab, `DELETE ${app}/deploy_keys/${key}`);
  assert.match(
    (await toldBy()).join('\n'),
    /^warning: Cannot push to code\/app: the key .* is none of its deploy keys/,
  );
  await rest(gitlab, `POST ${app}/deploy_keys`, { title: 'git-handover', key: text, can_push: true });
});

test('a protection that came back is told with the key that it lets in, and push rules by their names', async () => {
  const key = await idOf(`${app}/deploy_keys`, 'git-handover');
  await rest(gitlab, `POST ${app}/protected_branches`, {
    name: 'main',
    push_access_level: 0,
    allowed_to_push: [{ deploy_key_id: key }],
  });
  await rest(gitlab, `POST ${app}/push_rule`, { deny_delete_tag: true, max_file_size: 10 });
  const [protection = '', rules = '', ...more] = await toldBy();
  assert.match(
    protection,
    /^warning: Cannot copy refs to code\/app: branch main \(but for git-handover\) is protected/,
  );
  assert.match(rules, /^warning: GitLab's push rules may refuse .* app: deny_delete_tag, max_file_size\./);
  assert.deepEqual(more, []);
  await rest(gitlab, `DELETE ${app}/protected_branches/main`);
  await rest(gitlab, `PUT ${app}/push_rule`, {});
});

test('keys, tokens, members and groups that write to a closed project are named; readers and ours are not', async () => {
  const { id } = await gitlab.addUser({ username: 'mia' });
  const people = await gitlab.addGroup({ path: 'people' });
  await rest(gitlab, `POST ${app}/members`, { user_id: id, access_level: 30 });
  await rest(gitlab, `POST ${app}/share`, { group_id: people.id, group_access: 30 });
  await rest(gitlab, `POST ${app}/deploy_keys`, { title: 'CI', key: newKey(), can_push: true });
  await rest(gitlab, `POST ${app}/deploy_keys`, { title: 'reader', key: newKey(), can_push: false });
  await rest(gitlab, `POST ${app}/access_tokens`, { name: 'bot', scopes: ['write_repository'] });
  await rest(gitlab, `POST ${app}/access_tokens`, { name: 'low', scopes: ['api'], access_level: 20 });
  await rest(gitlab, `POST ${app}/access_tokens`, { name: 'watcher', scopes: ['read_api'] });
  const names = 'the deploy key CI, the access token bot (maintainer), mia (developer), the group people (developer)';
  assert.deepEqual(await toldBy(), [
    `warning: These can push to app though it is closed: ${names}. What they push is listed as a conflict. Take that right from them there.`,
  ]);
  await rest(gitlab, `DELETE ${app}/members/${id}`);
  await rest(gitlab, `DELETE ${app}/share/${people.id}`);
});

test('a project is not closed while a deploy key or an access token of it writes; one that only reads is in no way', async () => {
  plugin.stop();
  plugin = await startPlugin();
  outputs = await update('Repository', outputs, inputs('both').repository);
  const { repository } = inputs('mirror');
  const refused = /Cannot close code\/app: the deploy key CI, the access token bot \(maintainer\) can still push/;
  assert.deepEqual(await toldBy(), []);
  await assert.rejects(diff('Repository', outputs, repository), refused);
  await assert.rejects(update('Repository', outputs, repository), refused);
  for (const [list, name] of [
    ['deploy_keys', 'CI'],
    ['access_tokens', 'bot'],
  ] as const)
    await rest(gitlab, `DELETE ${app}/${list}/${await idOf(`${app}/${list}`, name)}`);
  await rest(gitlab, `POST /groups/${groupId}/access_tokens`, { name: 'everywhere', scopes: ['api'] });
  plugin.stop();
  plugin = await startPlugin();
  assert.deepEqual(await diff('Repository', outputs, repository), ['phase']);
  const [undoes, ...told] = said;
  assert.match(undoes ?? '', /^warning: .*this takes it back to mirror/);
  assert.deepEqual(told, [
    'warning: These can push to app though it is closed, by their role in the group: the access token everywhere (maintainer). What they push is listed as a conflict.',
  ]);
  outputs = await update('Repository', outputs, repository);
  assert.equal(outputs['phase'], 'mirror');
});

test('what the user of the token may not see is said, and keeps nobody from a run', async () => {
  const { id, token } = await gitlab.addUser({ username: 'low' });
  await rest(gitlab, `POST /groups/${groupId}/members`, { user_id: id, access_level: 30 });
  const [untold, writers = '', ...more] = await toldBy(token);
  assert.equal(
    untold,
    'info: GitLab did not tell of app, so it was not looked at: push rules (403), deploy keys (403), access tokens (401).',
  );
  assert.match(
    writers,
    /can push to app though it is closed: project_\d+_bot_\w+ \(maintainer\)\./,
    'the bot of a token',
  );
  assert.deepEqual(more, []);
});

test('many projects of a group cost few requests each, and one list says which are archived', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  for (const name of names) await rest(gitlab, 'POST /projects', { name, namespace_id: groupId });
  const last = 'code/many-11';
  await rest(gitlab, `POST /projects/${encodeURIComponent(last)}/archive`);
  const signal = new AbortController().signal;
  const reader = openGitlab({ url: gitlab.url, token: gitlab.adminToken, signal }, null);
  const projects = names.map((name) => `code/${name}`);
  const before = gitlab.audit.length;
  reader.expect(projects);
  const found = await Promise.all(projects.map((project) => reader.standing(project, false)));
  assert.deepEqual(
    projects.filter((_, index) => found[index]?.archived),
    [last],
  );
  const asked = gitlab.audit.slice(before);
  assert.equal(asked.length, 12 * 4 + 2, asked.map((entry) => ('path' in entry ? entry.path : entry.kind)).join('\n'));
});
