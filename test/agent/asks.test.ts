/** The resident's sockets as other accounts of old would treat them. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAsks } from '../../agent/hook/answer';
import { socketFile } from '../../agent/hook/doors';
import { linesOf } from '../../agent/machine/lines';
import { labFolder } from '../lab/folder';
import { until } from '../lab/processes';

/** A resident that listens for one repository, which the group of this process shares. */
async function listening(t: TestContext, mode = 0o2750): Promise<{ folder: string; socket: string }> {
  const lab = labFolder();
  const state = path.join(lab.path, 'repositories', 'app-0');
  fs.mkdirSync(state, { recursive: true });
  fs.writeFileSync(path.join(state, 'config.json'), '{}');
  fs.mkdirSync(path.join(lab.path, 'log'));
  fs.chmodSync(state, mode);
  const asks = openAsks(lab.path);
  t.after(async () => {
    asks.close();
    await lab.close();
  });
  asks.keep();
  const socket = socketFile(lab.path, state);
  await until('the resident to listen', () => fs.existsSync(socket) && (fs.statSync(socket).mode & 0o060) !== 0);
  return { folder: lab.path, socket };
}

function connect(t: TestContext, file: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(file);
    t.after(() => void socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** What is said to somebody who asks for nothing that there is. */
async function answerTo(socket: net.Socket): Promise<string | null> {
  const lines = linesOf(socket, 16_384);
  socket.write('{"state":1}\n');
  return lines.next(3_000);
}

test('only the group that shares a repository reaches the socket; where everybody may write to it, everybody', async (t) => {
  const { socket, folder } = await listening(t);
  assert.equal(fs.statSync(socket).mode & 0o777, 0o660);
  assert.equal(fs.statSync(socket).gid, fs.statSync(path.join(folder, 'repositories', 'app-0')).gid);
  assert.equal(fs.statSync(path.dirname(socket)).mode & 0o022, 0);
  const open = await listening(t, 0o2755);
  assert.equal(fs.statSync(open.socket).mode & 0o777, 0o666);
});

test('connections that say nothing keep nobody out: the one that waits longest goes', async (t) => {
  const { socket } = await listening(t);
  const silent = await Promise.all(Array.from({ length: 200 }, () => connect(t, socket)));
  assert.match((await answerTo(await connect(t, socket))) ?? 'no answer', /"kind":"refused"/);
  assert.ok(silent.length > 64);
});
