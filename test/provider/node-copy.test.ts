/** A Node on its way to old over a real sshd: what stands for Node here is a script of a few bytes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HandoverError } from '../../agent/contract/errors';
import { type Carried, carry } from '../../stacks/provider/node/carry';
import { placeNode } from '../../stacks/provider/node/place';
import type { Binary } from '../../stacks/provider/node/pinned';
import { connect, type Connection } from '../../stacks/provider/ssh/ssh';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { type OldServer, startOldServer } from '../lab/old';
import { until } from '../lab/processes';

let folder: LabFolder;
let old: OldServer;
let connection: Connection;
let stop: AbortController;
const at = (...names: string[]): string => join(folder.path, ...names);

aroundTests(async () => {
  folder = labFolder();
  for (const name of ['fake', 'tmp']) mkdirSync(at(name));
  const env = { PATH: `${at('fake')}:/usr/bin:/bin`, TMPDIR: at('tmp') };
  old = await startOldServer({ folder: folder.path, repositories: [], env });
  return async () => {
    await old.stop();
    await folder.close();
  };
});

beforeEach(async () => {
  stop = new AbortController();
  for (const name of readdirSync(at('fake'))) rmSync(at('fake', name));
  connection = await connect({
    host: old.host,
    port: old.port,
    user: old.user,
    hostKeys: old.hostKeys,
    privateKeyFile: old.operatorKey,
    folder: at('agent'),
    node: 'auto',
  });
});

afterEach(async () => {
  connection.close();
  await nothingLeft();
  rmSync(at('agent'), { recursive: true, force: true });
});

/** A program that comes before the server's own. */
function fake(name: string, body: string): void {
  writeFileSync(at('fake', name), `#!/bin/sh\n${body}\n`);
  chmodSync(at('fake', name), 0o755);
}

function binary(body = 'echo v24.0.0'): Binary {
  const content = Buffer.from(`#!/bin/sh\n# ${'Node'.repeat(50_000)}\n${body}\n`);
  const checksum = createHash('sha256').update(content).digest('hex');
  return { version: '24.0.0', content, checksum, packed: async () => gzipSync(content) };
}

function bring(what = binary(), gzip = true): Promise<Carried> {
  return carry(connection, what, gzip, stop.signal);
}

async function place(what: Binary, { file }: Carried): Promise<void> {
  const plan = { binary: what, file, why: '', replaces: false, refusals: [] };
  return placeNode(connection, plan, stop.signal);
}

async function nothingLeft(): Promise<void> {
  await until('the folder for temporary files to be empty', () => readdirSync(at('tmp')).length === 0, 10_000);
}

function inFolder(): string[] {
  return existsSync(at('agent')) ? readdirSync(at('agent')) : [];
}

function hasCode(code: string, words: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof HandoverError, String(thrown));
    assert.equal(thrown.fault.code, code, thrown.message);
    assert.match(thrown.message, words);
    return true;
  };
}

test('it arrives whole, packed or not, for as long as it is wanted, and other accounts may run it', async () => {
  for (const gzip of [true, false]) {
    const what = binary();
    const { file, ended } = await bring(what, gzip);
    assert.deepEqual(readFileSync(file), what.content);
    const modes = [file, join(file, '..')].map((path) => (statSync(path).mode & 0o777).toString(8));
    assert.deepEqual(modes, ['755', '711']);
    stop.abort();
    await assert.rejects(ended, hasCode('cancelled', /cancelled/));
    await nothingLeft();
    stop = new AbortController();
  }
});

test('a connection that breaks takes it along, so that a killed preview leaves nothing', async () => {
  const { ended } = await bring();
  ended.catch(() => undefined);
  connection.close();
  await nothingLeft();
});

test('one that breaks while it arrives leaves nothing either', async () => {
  fake('head', 'touch "$TMPDIR/../begun"; cat >/dev/null');
  const broken = assert.rejects(bring());
  await until('it to arrive', () => existsSync(at('begun')) && readdirSync(at('tmp')).length > 0);
  connection.close();
  await broken;
});

test('a folder for temporary files that lets no program run, or has no room, is passed by', async () => {
  const elsewhere = async (): Promise<void> => {
    const { file } = await bring();
    assert.match(file, /^\/(?:var\/)?tmp\/git-handover\./);
    assert.equal(file.startsWith(at('tmp')), false);
  };
  fake('chmod', 'case $2 in "$TMPDIR"/*/try) ;; *) exec /usr/bin/chmod "$@" ;; esac');
  await elsewhere();
  rmSync(at('fake', 'chmod'));
  fake('df', 'case $2 in "$TMPDIR"/*) echo "/dev/sda1 100 90 10 90% /" ;; *) exec /usr/bin/df "$@" ;; esac');
  await elsewhere();
});

test('where no folder has room, the sentence says which were tried and how much is needed', async () => {
  fake('df', 'echo Filesystem; echo "/dev/sda1 100 90 10 90% /"');
  await assert.rejects(bring(), hasCode('node-no-place', /none of \/tmp, \/var\/tmp and the home .* has 17 MB left/));
});

test('what was changed on its way is not run, and nothing of it stays', async () => {
  fake('gzip', 'touch "$TMPDIR/../ran"; echo "echo stranger"; echo "gzip: crc error" >&2');
  await assert.rejects(bring(), hasCode('node-not-copied', /did not take it whole: .*crc error/));
});

test('one that does not start is told with its own words', async () => {
  const words = 'libstdc++.so.6: cannot open shared object file';
  const what = binary(`echo "${words}" >&2; exit 127`);
  await assert.rejects(bring(what), hasCode('node-not-started', /Node 24\.0\.0 on .*libstdc\+\+\.so\.6: cannot open/));
});

test('it is put into the folder by one rename, and a second one replaces it while the first one runs', async () => {
  const first = binary('[ $# = 1 ] || exec sleep 60; echo v24.0.0');
  await place(first, await bring(first));
  assert.deepEqual([inFolder(), (statSync(at('agent', 'node')).mode & 0o777).toString(8)], [['node'], '755']);
  const running = connection.run(`exec ${at('agent', 'node')}`, { signal: stop.signal });
  running.catch(() => undefined);
  const second = binary('echo v24.1.0');
  await place(second, await bring(second));
  assert.deepEqual(readFileSync(at('agent', 'node')), second.content);
});

test('a full disk, or a kill, in the middle leaves the one before and nothing half', async () => {
  const before = binary();
  await place(before, await bring(before));
  const next = binary('echo v25');
  const carried = await bring(next);
  fake('cp', 'head -c 1000 "$1" >"$2"; echo "cp: No space left on device" >&2; exit 1');
  await assert.rejects(place(next, carried), hasCode('node-not-copied', /No space left on device/));
  assert.deepEqual(inFolder(), ['node']);
  fake('cp', 'head -c 1000 "$1" >"$2"');
  await assert.rejects(place(next, carried), hasCode('node-not-copied', /it differs from what was sent/));
  fake('cp', 'head -c 1000 "$1" >"$2"; kill -9 "$PPID"');
  await assert.rejects(place(next, carried));
  assert.deepEqual(readFileSync(at('agent', 'node')), before.content);
  rmSync(at('fake', 'cp'));
  await place(next, carried);
  assert.deepEqual([inFolder(), readFileSync(at('agent', 'node'))], [['node'], next.content]);
});
