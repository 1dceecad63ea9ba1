/** `server.node` as the provider keeps it, with the real Node that set-up brings and a real agent over a real sshd. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { stateName } from '../../agent/contract/statename';
import type { Values } from '../../stacks/provider/engine/values';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import { type OldServer, startOldServer } from '../lab/old';
import { bareFolder } from '../lab/programs';
import { declared } from './declared';
import { engineOf } from './engine';
import { type Plugin, startProvider } from './plugin';

let folder: LabFolder;
let old: OldServer;
let gitlab: Awaited<ReturnType<typeof startGitlab>>;
let plugin: Plugin | null = null;
const said: string[] = [];
const notes: string[] = [];
const { create, diff, update, remove, checked } = engineOf(() => {
  assert.ok(plugin);
  return plugin;
});
const at = (...names: string[]): string => join(folder.path, ...names);
const agentFolder = (): string => join(old.home, '.git-handover');

aroundTests(async () => {
  folder = labFolder();
  for (const name of ['first', 'tmp']) mkdirSync(at(name));
  const env = { PATH: `${at('first')}:${bareFolder(at('bin'), ['getconf', 'gzip'])}`, TMPDIR: at('tmp') };
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'], env });
  gitlab = await startGitlab();
  return async () => {
    await old.stop();
    await gitlab.stop();
    await folder.close();
  };
});

afterEach(() => {
  plugin?.stop();
  for (const name of readdirSync(at('first'))) rmSync(at('first', name));
  said.length = 0;
});

/** A new run of `pulumi` with this setting; answers the Server's inputs. */
async function begin(node: string): Promise<Values> {
  plugin?.stop();
  said.length = 0;
  notes.length = 0;
  const { host, port, user, hostKeys, operatorKey: privateKeyFile } = old;
  const settings = {
    server: { host, port, user, hostKeys, privateKeyFile, folder: agentFolder(), node },
    gitlabUrl: gitlab.url,
    token: gitlab.adminToken,
    keyToken: null,
    longestPushSeconds: 0,
    protections: { branches: [], tags: [] },
  };
  plugin = await startProvider(settings, (kind, text) => void (kind === 'note' ? notes : said).push(text));
  return checked('Server', {
    ...declared({ old, gitlab, agentFolder: agentFolder() }, 'old', 'app.git').server,
    nodeSetting: node,
  });
}

/** A program that comes before the server's own. */
function fake(name: string, line: string): void {
  writeFileSync(at('first', name), `#!/bin/sh\n${line}\n`);
  chmodSync(at('first', name), 0o755);
}

/** What hooks start. */
function nodeInState(): string | undefined {
  const state = join(agentFolder(), 'repositories', stateName(old.repositoryPath('app.git')), 'state');
  return /^node (.*)$/m.exec(readFileSync(state, 'utf8'))?.[1];
}

test('a disk without room, or that lets no program run, is refused by the preview, in the words of `server.folder`', async () => {
  const news = await begin('auto');
  fake('df', 'case $2 in "$TMPDIR"/*) exec /usr/bin/df "$@" ;; *) echo "/dev/sda1 9999 9000 40960 90% /" ;; esac');
  await assert.rejects(
    create('Server', news, true),
    /the disk of \S+\.git-handover has 40 MB left, and 1\d\d MB are needed/,
  );
  rmSync(at('first', 'df'));
  await begin('auto');
  fake('findmnt', 'echo rw,nosuid,noexec,relatime');
  await assert.rejects(create('Server', news, true), /no program runs from the disk of \S+, it is mounted with noexec/);
  await assert.rejects(create('Server', news), /mounted with noexec/);
  assert.equal(existsSync(agentFolder()), false);
});

test('an old C library gets Node 16, on which the agent runs; it goes with the agent', async () => {
  const news = await begin('auto');
  fake('getconf', 'echo glibc 2.17');
  const outputs = await create('Server', news);
  assert.match(String(outputs['node']), /^16\./);
  assert.match(notes.join('\n'), /^sending Node 16\.\S+ to \S+@\S+:\d+, \d\d MB$/m);
  assert.equal(await diff('Server', outputs, news), null);
  await remove('Server', outputs);
  assert.equal(existsSync(agentFolder()), false);
});

test('another `server.node` reaches hooks and agent with one up, and a copied Node that nothing needs is gone', async () => {
  const { repository } = declared({ old, gitlab, agentFolder: agentFolder() }, 'old', 'app.git');
  symlinkSync(process.execPath, at('first', 'node'));
  const first = await begin('auto');
  let server = await create('Server', first);
  const attached = await create('Repository', repository);
  assert.deepEqual([nodeInState(), existsSync(join(agentFolder(), 'node'))], [process.execPath, false]);

  const pushing = await begin('push');
  assert.deepEqual(await diff('Server', server, pushing), ['nodeSetting']);
  assert.deepEqual(await diff('Repository', attached, repository), []);
  await update('Server', server, pushing, true);
  assert.match(said.join('\n'), /^Node 24\S+ \(\d+ MB\) will be copied to \S+ on \S+: `server\.node` says so\.$/m);
  assert.equal(existsSync(join(agentFolder(), 'node')), false);
  server = await update('Server', server, pushing);
  await update('Repository', attached, repository);
  assert.equal(nodeInState(), join(agentFolder(), 'node'));
  execFileSync(nodeInState() ?? '', ['--version']);

  const named = await begin(process.execPath);
  server = await update('Server', server, named);
  assert.equal(existsSync(join(agentFolder(), 'node')), true, 'the hooks still start it');
  await update('Repository', attached, repository);
  assert.deepEqual([nodeInState(), existsSync(join(agentFolder(), 'node'))], [process.execPath, false]);
  await begin(process.execPath);
  assert.deepEqual([await diff('Server', server, named), await diff('Repository', attached, repository)], [null, null]);
  await remove('Repository', attached);
  await remove('Server', server);
});
