/** What fails for a moment fails no run: it is done again. What a person must mend is told at once. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { HandoverError } from '../../agent/contract/errors';
import { patiently } from '../../stacks/provider/waiting/patience';
import { openSession, type Session } from '../../stacks/provider/session';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import { type OldServer, startOldServer } from '../lab/old';
import { until } from '../lab/processes';
import { type Relay, startRelay } from '../lab/relay';

const scripts = join(__dirname, '..', '..', 'scripts');
/** Longer than what was waited for before, far shorter than the bound. */
const momentMs = 4_500;

let folder: LabFolder;
let old: OldServer;
let gitlab: Awaited<ReturnType<typeof startGitlab>>;
let relay: Relay;
let session: Session;
const said: string[] = [];

aroundTests(async () => {
  folder = labFolder();
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'] });
  gitlab = await startGitlab();
  relay = await startRelay(() => old.port);
  return async () => {
    await relay.close();
    await old.stop();
    await gitlab.stop();
    await folder.close();
  };
});

beforeEach(async () => {
  await relay.heal();
  said.length = 0;
  const bundle = { files: [], agent: Buffer.alloc(0), checksum: '' };
  session = openSession(
    {
      server: {
        host: old.host,
        port: relay.port,
        user: old.user,
        hostKeys: old.hostKeys,
        privateKeyFile: old.operatorKey,
        folder: join(old.home, 'agent'),
        node: process.execPath,
      },
      gitlabUrl: gitlab.url,
      token: gitlab.adminToken,
      keyToken: null,
      longestPushSeconds: 0,
      protections: { branches: [], tags: [] },
    },
    bundle,
    scripts,
    (kind, text) => void said.push(`${kind}: ${text}`),
  );
});

afterEach(() => session.close());

/** An agent that counts its calls, and does with each what the text says. */
function writeAgent(body: string): string {
  const file = join(old.home, 'agent', 'calls');
  execFileSync('sh', ['-c', `mkdir -p ${join(old.home, 'agent')}; : > ${file}`]);
  const text = `
    const fs = require('fs');
    fs.appendFileSync(${JSON.stringify(file)}, 'x');
    const calls = fs.readFileSync(${JSON.stringify(file)}, 'utf8').length;
    const answer = (line) => console.log(JSON.stringify(line));
    const fail = (code, exit) => answer({ kind: 'error', fault: { code, message: 'Cannot go on: ' + code + '.', next: 'Wait.', exit } });
    const done = () => answer({ kind: 'result', value: { repositories: [] } });
    ${body}`;
  writeFileSync(join(old.home, 'agent', 'agent.cjs'), text);
  return file;
}

const callsOf = (file: string): number => readFileSync(file, 'utf8').length;
const status = (): Promise<unknown> => session.call('status', { paths: [] });

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof HandoverError && thrown.fault.code === code;
}

test('an sshd that is down for a moment fails no call, and whoever watches reads what is waited for', async () => {
  writeAgent('done()');
  await relay.become({ kind: 'refuse' });
  const [answer] = await Promise.all([status(), pause(momentMs).then(() => relay.heal())]);
  assert.deepEqual(answer, { repositories: [] });
  assert.match(said.join('\n'), /note: Cannot reach .*ECONNREFUSED.*Trying again/);
});

test('a connection that is cut in the middle of a call is opened again, and the call is made again', async () => {
  const file = writeAgent('if (calls === 1) setInterval(() => undefined, 1000); else done()');
  const answer = status();
  await until('the first call to run', () => existsSync(file) && callsOf(file) === 1);
  relay.cut();
  assert.deepEqual(await answer, { repositories: [] });
  assert.equal(callsOf(file), 2);
});

test('an agent that is killed before it answered is called again', async () => {
  const file = writeAgent('if (calls < 3) process.kill(process.pid, "SIGKILL"); else done()');
  assert.deepEqual(await status(), { repositories: [] });
  assert.equal(callsOf(file), 3);
});

for (const code of ['gitlab-unreachable', 'fetch-failed', 'busy', 'held', 'locked']) {
  test(`an agent that says ${code} is called again`, async () => {
    const file = writeAgent(`if (calls === 1) fail('${code}', 3); else done()`);
    assert.deepEqual(await status(), { repositories: [] });
    assert.equal(callsOf(file), 2);
  });
}

for (const [code, body] of [
  ['troubles', `fail('troubles', 2)`],
  ['foreign-push', `fail('foreign-push', 3)`],
  ['no-answer', `console.log('Welcome to old!')`],
  ['bug', `fail('bug', 1)`],
] as const) {
  test(`${code}, which a person must see, is told at once`, async () => {
    const file = writeAgent(body);
    await assert.rejects(status(), hasCode(code));
    assert.equal(callsOf(file), 1);
  });
}

test("GitLab's API that is down for a moment, and one that answers 502 for a moment, fail no run", async () => {
  const back = gitlab.misbehave({ kind: 'gone', api: true });
  const [owner] = await Promise.all([session.gitlab.keyOwner(), pause(momentMs).then(back)]);
  assert.equal(typeof owner, 'number');
  gitlab.misbehave({ kind: 'rest', method: 'GET', path: /\/user$/, status: 502, afterWork: false, times: 4 });
  assert.equal(await session.gitlab.keyOwner(), owner);
});

test('what does not end within the bound fails with its own words, and is not tried again by whoever waits for it', async () => {
  let tries = 0;
  const fail = (): Promise<never> => {
    tries += 1;
    throw new HandoverError({ code: 'unreachable', message: 'Cannot reach it.', next: 'Wait.', exit: 3 });
  };
  const limits = { signal: new AbortController().signal, say: () => undefined, withinMs: 1_200 };
  const began = performance.now();
  await assert.rejects(
    patiently(() => patiently(fail, limits), limits),
    hasCode('unreachable'),
  );
  assert.ok(performance.now() - began < 2_400, 'both waited');
  assert.ok(tries > 1 && tries < 5, `${tries} tries`);
});

test('a wait for better weather ends with Ctrl-C', async () => {
  await relay.become({ kind: 'refuse' });
  const answer = status();
  answer.catch(() => undefined);
  await until('the wait', () => said.length > 0);
  session.close();
  await assert.rejects(answer, hasCode('cancelled'));
});
