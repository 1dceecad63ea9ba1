import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HandoverError } from '../../agent/contract/errors';
import { callAgent } from '../../stacks/provider/call';
import { openSession } from '../../stacks/provider/session';
import { connect, type Connection } from '../../stacks/provider/ssh/ssh';
import type { ServerSettings } from '../../stacks/provider/ssh/address';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { type OldServer, startOldServer } from '../lab/old';
import { freePort, until } from '../lab/processes';

const scripts = join(__dirname, '..', '..', 'scripts');
let folder: LabFolder;
let old: OldServer;

aroundTests(async () => {
  folder = labFolder();
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'], sshdConfig: ['MaxSessions 10'] });
  return async () => {
    await old.stop();
    await folder.close();
  };
});

function settings(changes: Partial<ServerSettings> = {}): ServerSettings {
  return {
    host: old.host,
    port: old.port,
    user: old.user,
    hostKeys: old.hostKeys,
    privateKeyFile: old.operatorKey,
    folder: join(old.home, 'agent'),
    node: process.execPath,
    ...changes,
  };
}

async function connected<T>(
  work: (connection: Connection) => Promise<T>,
  changes: Partial<ServerSettings> = {},
): Promise<T> {
  const connection = await connect(settings(changes));
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

function hasCode(code: string, words: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof HandoverError, String(thrown));
    assert.equal(thrown.fault.code, code, thrown.message);
    assert.match(thrown.message, words);
    assert.notEqual(thrown.fault.next, '');
    return true;
  };
}

function makeKey(name: string): { path: string; line: string } {
  const path = join(folder.path, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return { path, line: readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ') };
}

function writeAgent(text: string): void {
  execFileSync('mkdir', ['-p', join(old.home, 'agent')]);
  writeFileSync(join(old.home, 'agent', 'agent.cjs'), text);
}

test('a command answers its output as text, whatever the bytes and the size', async () => {
  const words = 'größe '.repeat(50_000);
  await connected(async (connection) => {
    const { code, stdout, stderr } = await connection.run('cat; echo to-stderr >&2; exit 7', { stdin: words });
    assert.equal(stdout, words);
    assert.equal(stderr, 'to-stderr\n');
    assert.equal(code, 7);
  });
});

test('more commands at once than sshd has sessions wait for each other', async () => {
  await connected(async (connection) => {
    const answers = await Promise.all(Array.from({ length: 25 }, (_, index) => connection.run(`echo ${index}`)));
    assert.deepEqual(
      answers.map(({ stdout }) => stdout.trim()),
      Array.from({ length: 25 }, (_, index) => String(index)),
    );
  });
});

test('another host key than the pinned ones is refused before anything is sent, and both fingerprints are shown', async () => {
  const other = makeKey('other_host');
  const shown = execFileSync('ssh-keygen', ['-lf', `${other.path}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
  await assert.rejects(connect(settings({ hostKeys: [other.line] })), (thrown) => {
    assert.ok(hasCode('host-key', /it shows SHA256:\S+ and pinned is SHA256:/)(thrown));
    assert.ok((thrown as Error).message.includes(shown), `expected ${shown} in ${(thrown as Error).message}`);
    return true;
  });
});

test('a key that the server does not know, and one that does not exist, are told apart', async () => {
  await assert.rejects(
    connect(settings({ privateKeyFile: makeKey('stranger').path })),
    hasCode('refused-key', /it refused .*stranger/),
  );
  await assert.rejects(connect(settings({ privateKeyFile: '/nowhere/key' })), hasCode('unusable-key', /no such file/));
});

test('a server that is not there is called unreachable', async () => {
  await assert.rejects(connect(settings({ port: await freePort() })), hasCode('unreachable', /ECONNREFUSED/));
});

test('a server without Node, and an agent that is not there, are told with the words of the server', async () => {
  await connected(
    (connection) => assert.rejects(callAgent(connection, 'hello', {}), hasCode('no-node', /Node is not there/)),
    { node: '/nowhere/node' },
  );
  await connected(
    (connection) => assert.rejects(callAgent(connection, 'hello', {}), hasCode('no-answer', /Cannot find module/)),
    { folder: '/nowhere' },
  );
});

test('anything but the lines of the contract is an error that shows it', async () => {
  writeAgent('console.log("Welcome to old!"); console.log(JSON.stringify({ kind: "result", value: {} }))');
  await connected((connection) =>
    assert.rejects(callAgent(connection, 'hello', {}), hasCode('no-answer', /it said "Welcome to old!"/)),
  );
  writeAgent('console.log(JSON.stringify({ kind: "progress", text: "half" }))');
  await connected((connection) =>
    assert.rejects(callAgent(connection, 'hello', {}), hasCode('no-answer', /it said nothing \(exit code 0\)/)),
  );
});

test("the agent's own fault arrives whole, and its progress as it comes", async () => {
  const fault = { code: 'blocked', message: 'Cannot move.', next: 'Wait.', exit: 2 };
  writeAgent(
    `console.log(JSON.stringify({ kind: "progress", text: "größe" })); console.log(JSON.stringify({ kind: "error", fault: ${JSON.stringify(fault)} })); process.exitCode = 2`,
  );
  const seen: string[] = [];
  await connected((connection) =>
    assert.rejects(
      callAgent(connection, 'hello', {}, ({ text }) => seen.push(text)),
      (thrown) => {
        assert.deepEqual((thrown as HandoverError).fault, fault);
        return true;
      },
    ),
  );
  assert.deepEqual(seen, ['größe']);
});

test('an installed agent that does not know a verb yet is looked past: the new one is brought along', async () => {
  const agentOf = (line: unknown): string =>
    `process.stdin.resume().on('end', () => console.log(${JSON.stringify(JSON.stringify(line))}))`;
  writeAgent(
    agentOf({ kind: 'error', fault: { code: 'unknown-verb', message: 'Cannot answer.', next: 'Update.', exit: 2 } }),
  );
  const bundle = { files: [], agent: Buffer.from(agentOf({ kind: 'result', value: { faults: [] } })), checksum: '' };
  const session = openSession(
    {
      server: settings(),
      gitlabUrl: '',
      token: '',
      keyToken: null,
      longestPushSeconds: 60,
      protections: { branches: [], tags: [] },
    },
    bundle,
    scripts,
  );
  try {
    const webhook = { host: '127.0.0.1', port: 1, tls: null, allow: [] };
    assert.deepEqual(await session.peek('listen', { webhook, held: true }), { faults: [] });
    await assert.rejects(session.call('listen', { webhook, held: true }), hasCode('unknown-verb', /Cannot answer/));
  } finally {
    session.close();
  }
});

test('what is cancelled ends at once, and so does its process on the server', async () => {
  const mark = join(folder.path, 'running');
  writeAgent(`require('fs').writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000)`);
  await connected(async (connection) => {
    const stop = new AbortController();
    const call = callAgent(connection, 'move', {} as never, { signal: stop.signal });
    call.catch(() => undefined);
    await until('the agent to run', () => existsSync(mark) && readFileSync(mark, 'utf8') !== '');
    const began = performance.now();
    stop.abort();
    await assert.rejects(call, hasCode('cancelled', /cancelled/));
    assert.ok(performance.now() - began < 2_500);
    const pid = readFileSync(mark, 'utf8');
    await until('the agent to end', () => !existsSync(`/proc/${pid}`));
  });
});

test('an answer that takes too long is an error, and its process ends too', async () => {
  await connected(async (connection) => {
    const mark = join(folder.path, 'slow');
    await assert.rejects(
      connection.run(`echo $$ > ${mark}; exec sleep 60`, { withinMs: 3_000 }),
      hasCode('deadline', /within 3 s/),
    );
    await until('the command to end', () => !existsSync(`/proc/${readFileSync(mark, 'utf8').trim()}`));
  });
});

test('a connection that breaks in the middle is called lost', async () => {
  await connected(async (connection) => {
    const seen: string[] = [];
    const run = connection.run('echo begun; exec sleep 60', { onLine: (line) => seen.push(line) });
    const lost = assert.rejects(run, hasCode('connection-lost', /was lost/));
    await until('the command to begin', () => seen.includes('begun'));
    await old.reboot();
    await lost;
  });
});
