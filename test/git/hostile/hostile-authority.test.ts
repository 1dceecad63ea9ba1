/**
 * Whoever may write leases may also forge them: that the agent sends by the phase that is, and is waited for, must not
 * hang on them. Asked as the resident asks, with a lease that no shim wrote.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { startOf } from '../../../agent/machine/processes';
import { openByPath } from '../../../agent/repository/open';
import type { Phase } from '../../../agent/contract/phase';
import { until } from '../../lab/processes';
import type { Seen } from '../kit/command';
import { bothSides } from '../kit/ending';
import { putGate } from '../kit/gate';
import { pairIn, type Pair } from '../kit/pair';

interface Forged {
  readonly lease: string;
  readonly before: string;
  readonly after: string;
}

/** A lease that says `act <present epoch> <phase>`, of a push that rewinds main, by the process that is named. */
async function forge(pair: Pair, phase: Phase, pid = process.pid): Promise<Forged> {
  const { boot } = openByPath(pair.agentFolder, pair.old).world.clock.now();
  const start = startOf(pid) ?? '';
  const lease = `${boot}.${pid}.${start}.${pid}.${start}`;
  const [before, after] = [await commit(pair, 'main'), await commit(pair, 'main~1')];
  const { epoch } = openByPath(pair.agentFolder, pair.old).journal.state();
  const file = path.join(pair.state, 'pushes', lease);
  fs.writeFileSync(`${file}.refs`, `${before} ${after} refs/heads/main\n`);
  fs.writeFileSync(file, `enter 1.00\nact ${epoch} ${phase}\n`);
  return { lease, before, after };
}

async function commit(pair: Pair, name: string): Promise<string> {
  return (await pair.must(pair.old, 'rev-parse', name)).trim();
}

/** As the resident starts it for another account: its standard input stays open. */
function askedPush(pair: Pair, { lease }: Forged): Promise<Seen> {
  const agent = path.join(pair.agentFolder, 'agent.cjs');
  const child = spawn(process.execPath, [agent, 'push', pair.state, lease, 'check'], {
    cwd: pair.old,
    env: { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home'), GIT_HANDOVER_ASKED: 'yes' },
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

for (const phase of ['mirror', 'refuse'] as const)
  test(`${phase}: a forged lease rewinds nothing on GitLab`, async (t) => {
    const pair = await pairIn(t, phase === 'mirror' ? phase : 'both', { commits: 2 });
    if (phase === 'refuse') for (const next of ['warn', phase] as const) await pair.move(next);
    const forged = await forge(pair, 'both');
    const seen = await askedPush(pair, forged);
    assert.deepEqual(await bothSides(pair), { old: 'main S2', gitlab: 'main S2' }, seen.output);
    assert.equal(seen.code, 1);
    assert.match(seen.output, /Nothing was taken/);
    assert.deepEqual(fs.readdirSync(path.join(pair.state, 'sends')), []);
  });

test('a push that the agent sends is waited for, also where its own lease was taken away', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  await pair.move('warn');
  const forged = await forge(pair, 'warn');
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'gitlab');
  const sending = askedPush(pair, forged);
  await gate.arrived();
  for (const name of fs.readdirSync(path.join(pair.state, 'pushes'))) fs.rmSync(path.join(pair.state, 'pushes', name));
  const moving = pair.move('refuse');
  const { journal } = openByPath(pair.agentFolder, pair.old);
  await until('the move to hold pushes', () => journal.state().hold !== null);
  const steps = fs.readdirSync(path.join(pair.state, 'sends')).length;
  assert.ok(steps > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(journal.state().phase, 'warn', 'what is under way may still land');
  gate.open();
  const { output } = await sending;
  assert.equal((await moving).phase, 'refuse');
  assert.deepEqual(await bothSides(pair), { old: 'main S1', gitlab: 'main S1' }, output);
  assert.deepEqual(fs.readdirSync(path.join(pair.state, 'sends')), []);
});

test('a push that is asked for under a hold waits as its hook would, keeps no move waiting, and then goes on', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const { journal, world } = openByPath(pair.agentFolder, pair.old);
  const { boot, uptimeMs } = world.clock.now();
  const hold = { id: world.newHoldId(), boot, endUptimeMs: uptimeMs + 60_000 };
  const forged = await forge(pair, 'both');
  await journal.changeState((state) => ({ ...state, hold }));
  const sending = askedPush(pair, forged);
  const stages = (): string[] => journal.leases().map(({ stage }) => stage.kind);
  await until('both leases to wait', () => stages().join() === 'waiting,waiting');
  await journal.changeState((state) => ({ ...state, hold: null }));
  const { code, output } = await sending;
  assert.deepEqual([code, await bothSides(pair)], [0, { old: 'main S2', gitlab: 'main S1' }], output);
});

/** Named in a lease, each lives for as long as the test. */
const strangers = {
  'works elsewhere': (): ChildProcess => spawn('sleep', ['1000'], { cwd: '/' }),
  'is called like a push, and belongs to another account than the lease': (pair: Pair): ChildProcess =>
    spawn('sleep', ['1000'], { cwd: pair.old, argv0: 'git-receive-pack' }),
};

for (const [what, start] of Object.entries(strangers))
  test(`a lease ends no process that ${what}, and keeps no move waiting beyond its limit`, async (t) => {
    const isOthers = what.includes('account');
    if (isOthers && process.getuid?.() !== 0) return t.skip('only root can give a file away');
    const pair = await pairIn(t, 'both', { commits: 2, limits: { leaseMs: 1_000 } });
    const child = start(pair);
    t.after(() => child.kill('SIGKILL'));
    const { lease } = await forge(pair, 'both', child.pid);
    if (isOthers) fs.chownSync(path.join(pair.state, 'pushes', lease), 65_534, 65_534);
    assert.equal((await pair.move('warn')).phase, 'warn');
    assert.notEqual(startOf(child.pid ?? 0), null, 'it lives');
    assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), []);
    assert.match(fs.readFileSync(path.join(pair.agentFolder, 'log/agent.jsonl'), 'utf8'), /"lease-strange"/);
  });
