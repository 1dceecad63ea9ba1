/**
 * What people get wrong, and servers that are not as they should be: each is one clear error, and nothing was changed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fill } from '../chaos/faults/disk';
import type { Account } from '../lab/accounts';
import type { Seen } from '../lab/contract';
import { restAnswer } from '../lab/gitlab/restclient';
import { makeKey } from '../lab/person';
import { freePort } from '../lab/processes';
import { fingerprint } from './fingerprint';
import { expectDone, expectRefused, startWalk, type Walk } from './walk';

const app = 'team/app.git';

type Settings = Record<string, unknown>;

test('what is wrong is said in the preview, and nothing is changed', { timeout: 600_000 }, async (t) => {
  const walk = await startWalk(t, { repositories: [app], people: ['ada'] });
  const ada = walk.lab.person('ada');
  const clone = await ada.clone(walk.lab.oldUrl(app));
  await ada.commit(clone, 'first');
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  const before = fingerprint(walk.lab.old.root);
  await t.test('all mistakes of the configuration come at once, each with its place', () => manyMistakes(walk));
  await t.test('another host key than the pinned one: both fingerprints are shown', () => wrongHostKey(walk));
  await t.test('another host key of GitLab than the pinned one, and a port where it is not', () => wrongGitlab(walk));
  await t.test('an old server that does not answer', () => oldUnreachable(walk));
  await t.test('a token that GitLab does not take is not shown', () => wrongToken(walk));
  await t.test('a GitLab that does not answer', () => gitlabUnreachable(walk));
  await t.test('a folder that is no repository, one with a work tree, and one that is not there', () =>
    noRepositories(walk),
  );
  await t.test('after all that, neither the old server nor GitLab has changed', async () => {
    assert.deepEqual(fingerprint(walk.lab.old.root), before);
    assert.equal(existsSync(walk.lab.agentFolder), false);
    assert.equal((await restAnswer(walk.lab.gitlab, { method: 'GET', path: '/groups/code' })).status, 404);
  });
  await t.test(
    'a full disk on old: said so, pushes go on, and with room again so does the move',
    asRoot,
    async (full) => {
      const room = smallDisk(walk.lab.agentFolder, walk.lab.old.agent);
      full.after(room.unmount);
      await fullDisk(walk, room, async (message) => {
        await ada.commit(clone, message);
        expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
      });
    },
  );
});

/** A preview with another configuration, which is put back. */
async function previewWith(walk: Walk, change: (settings: Settings) => void): Promise<Seen> {
  const file = join(walk.lab.project, 'Pulumi.lab.yaml');
  const kept = readFileSync(file);
  walk.lab.configure(change);
  return walk.preview().finally(() => writeFileSync(file, kept));
}

function part(settings: Settings, name: string): Settings {
  return settings[`git-handover:${name}`] as Settings;
}

async function wrongGitlab(walk: Walk): Promise<void> {
  const [type = '', key = ''] = readFileSync(`${walk.lab.old.operatorKey}.pub`, 'utf8').split(' ');
  const pinned = await previewWith(
    walk,
    (settings) => void (part(settings, 'gitlab')['sshHostKeys'] = [`${type} ${key}`]),
  );
  expectRefused(
    pinned,
    /Cannot trust GitLab at 127\.0\.0\.1:\d+: the host key that it shows to the old server is none of those pinned/,
    /gitlab\.sshHostKeys/,
  );
  const port = await freePort();
  const gone = await previewWith(walk, (settings) => void (part(settings, 'gitlab')['sshPort'] = port));
  assert.match(
    gone.output,
    /Cannot reach GitLab at 127\.0\.0\.1:\d+ from the old server: .*Connection refused[\s\S]*gitlab\.sshPort/,
  );
}

async function manyMistakes(walk: Walk): Promise<void> {
  const seen = await previewWith(walk, (settings) => {
    settings['git-handover:phase'] = 'mirrored';
    part(settings, 'server')['port'] = 70_000;
    part(settings, 'gitlab')['sshHostKey'] = 'ssh-ed25519 AAAA';
    part(settings, 'repositories')['../escape.git'] = {};
    part(settings, 'repositories')[app] = { phase: 'bth' };
  });
  expectRefused(
    seen,
    /git-handover:phase: expected one of old, mirror/,
    /git-handover:server\.port: expected at most 65535, got 70000/,
    /git-handover:gitlab\S*: .*sshHostKey/,
    /git-handover:repositories\["team\/app\.git"\]\.phase: .*"bth"/,
  );
  assert.doesNotMatch(seen.output, /\n +at /, 'no stack trace');
}

async function wrongHostKey(walk: Walk): Promise<void> {
  const file = join(walk.lab.folder, 'another-key');
  const pinned = makeKey(file, 'another');
  const seen = await previewWith(walk, (settings) => (part(settings, 'server')['hostKeys'] = [pinned]));
  expectRefused(seen, /Cannot trust 127\.0\.0\.1:\d+: its host key is none of those pinned/, /ssh-keygen -lf/);
  for (const key of [pinned, ...walk.lab.old.hostKeys]) assert.ok(seen.output.includes(sha256(walk, key)), seen.output);
}

function sha256(walk: Walk, key: string): string {
  const file = join(walk.lab.folder, 'shown-key');
  writeFileSync(file, `${key}\n`);
  return execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? 'no fingerprint';
}

async function oldUnreachable(walk: Walk): Promise<void> {
  const port = await freePort();
  const seen = await previewWith(walk, (settings) => (part(settings, 'server')['port'] = port));
  expectRefused(
    seen,
    new RegExp(`Cannot reach \\S+@127\\.0\\.0\\.1:${port}: it does not answer as an SSH server`),
    /Check `server\.host` and `server\.port`/,
  );
}

async function wrongToken(walk: Walk): Promise<void> {
  const seen = await previewWith(walk, (settings) => (settings['gitlab:token'] = 'glpat-wrong-and-secret'));
  expectRefused(seen, /does not accept the token, it answered 401/, /pulumi config set --secret gitlab:token/);
  assert.doesNotMatch(seen.output, /wrong-and-secret/);
}

async function gitlabUnreachable(walk: Walk): Promise<void> {
  const port = await freePort();
  const seen = await previewWith(walk, (settings) => (part(settings, 'gitlab')['url'] = `http://127.0.0.1:${port}`));
  expectRefused(
    seen,
    new RegExp(`Cannot ask GitLab: http://127\\.0\\.0\\.1:${port} does not answer: ECONNREFUSED`),
    /Check `gitlab\.url`/,
  );
}

async function noRepositories(walk: Walk): Promise<void> {
  const root = join(walk.lab.folder, 'elsewhere');
  mkdirSync(join(root, 'notes'), { recursive: true });
  execFileSync('git', ['init', '--quiet', join(root, 'worked-in')]);
  const seen = await previewWith(walk, (settings) => {
    for (const name of ['notes', 'worked-in', 'nothing.git']) part(settings, 'repositories')[join(root, name)] = {};
  });
  expectRefused(
    seen,
    /elsewhere\/notes: it is no git repository/,
    /elsewhere\/worked-in: it is not bare/,
    /elsewhere\/nothing\.git: nothing is there/,
  );
}

const asRoot = { skip: process.getuid?.() === 0 ? false : 'mounting a small file system needs root' };

interface Room {
  /** Leaves nothing free. */
  fill(): void;
  makeRoom(): void;
  readonly unmount: () => void;
}

/** A small file system where the agent's folder will be. Only root can mount. */
function smallDisk(folder: string, owner: Account | null): Room {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', folder]);
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  const filler = join(folder, 'filler');
  return {
    fill: () => void fill(filler),
    makeRoom: () => rmSync(filler),
    unmount: () => void execFileSync('umount', ['--lazy', folder]),
  };
}

async function fullDisk(walk: Walk, room: Room, push: (message: string) => Promise<void>): Promise<void> {
  room.fill();
  expectRefused(await walk.up(), /Cannot install \S+: \S+ cannot write/, /No space left/, /Make room/);
  await push('before the agent is there');
  room.makeRoom();
  expectDone(await walk.up());
  room.fill();
  walk.choose('mirror');
  expectRefused(await walk.up(), /full|[Nn]o space left/);
  await push('with a full disk, in old');
  room.makeRoom();
  expectDone(await walk.up());
  await push('in mirror');
  await walk.expectLevel(app);
}
