/** A moment without the old server, as the commands of the operator meet it: `status` and the others. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { HandoverError } from '../../agent/contract/errors';
import { openAgent, type Agent } from '../../scripts/agent';
import { aroundTests } from '../lab/around';
import { labFolder, type LabFolder } from '../lab/folder';
import { startOldServer, type OldServer } from '../lab/old';
import { until } from '../lab/processes';
import { startRelay, type Relay } from '../lab/relay';

let folder: LabFolder;
let old: OldServer;
let relay: Relay;
let agent: Agent;
let said: string[] = [];

aroundTests(async () => {
  folder = labFolder();
  old = await startOldServer({ folder: folder.path, repositories: ['app.git'] });
  relay = await startRelay(() => old.port);
  mkdirSync(join(old.home, 'agent'));
  return async () => {
    await relay.close();
    await old.stop();
    await folder.close();
  };
});

beforeEach(async () => {
  await relay.heal();
  said = [];
  const { host, user, hostKeys, operatorKey } = old;
  const server = { host, port: relay.port, user, hostKeys, privateKeyFile: operatorKey };
  agent = openAgent({ ...server, folder: join(old.home, 'agent'), node: process.execPath }, (text) => said.push(text));
});

afterEach(() => agent.close());

/** An agent whose first call hangs; answers how often it was called. */
function writeAgent(): () => number {
  const file = join(old.home, 'agent', 'calls');
  writeFileSync(file, '');
  const text = `
    const fs = require('fs');
    fs.appendFileSync(${JSON.stringify(file)}, 'x');
    if (fs.readFileSync(${JSON.stringify(file)}, 'utf8').length === 1) setInterval(() => undefined, 1000);
    else console.log(JSON.stringify({ kind: 'result', value: { repositories: [], faults: [] } }));`;
  writeFileSync(join(old.home, 'agent', 'agent.cjs'), text);
  return () => (existsSync(file) ? readFileSync(file, 'utf8').length : 0);
}

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof HandoverError && thrown.fault.code === code;
}

test('an sshd that is down for a moment is waited for, and that is said once', async () => {
  await relay.become({ kind: 'refuse' });
  const reached = agent.reach();
  await until('it to be said', () => said.length > 0);
  await relay.heal();
  await reached;
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /Cannot reach .*ECONNREFUSED.*Trying again/);
});

test('an sshd that stays away is told after a few seconds', async () => {
  await relay.become({ kind: 'refuse' });
  const begun = performance.now();
  await assert.rejects(agent.reach(), hasCode('unreachable'));
  const seconds = (performance.now() - begun) / 1000;
  assert.ok(seconds > 5 && seconds < 20, `it was told after ${seconds} s`);
});

test('a command that only looks is made again after its connection was cut, and one that changes something is not', async () => {
  for (const [verb, calls] of [
    ['status', 2],
    ['retire', 1],
  ] as const) {
    const called = writeAgent();
    const answer = verb === 'status' ? agent.call(verb, { paths: [] }) : agent.call(verb, retiring);
    await until('the first call to run', () => called() === 1);
    relay.cut();
    if (verb === 'status') assert.deepEqual(await answer, { repositories: [], faults: [] });
    else await assert.rejects(answer, hasCode('connection-lost'));
    assert.equal(called(), calls);
  }
});

const retiring = { path: '/srv/git/app.git', who: 'w', apply: true };
