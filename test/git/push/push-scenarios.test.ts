/**
 * Disasters of one push that somebody thought of before they happened: each test is named after the one that it
 * prevents.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { bootIdVariable } from '../../lab/bootable';
import { readPushAnswer } from '../../../agent/rules/gitanswers';
import { lookAfter } from '../../../agent/sync/push';
import { openByPath } from '../../../agent/repository/open';
import { until } from '../../lab/processes';
import { running } from '../../lab/processtree';
import { run } from '../kit/command';
import { assertLevel, bothSides } from '../kit/ending';
import { kill, putGate, startMove } from '../kit/gate';
import { pairIn, type Pair } from '../kit/pair';

/** Processes that still send to this GitLab. */
function senders(pair: Pair): string[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
        return words.includes('push') && words.includes(pair.config.gitlabUrl);
      } catch {
        return false;
      }
    });
}

test('a push that was ended for a change of phase goes on sending without its hook, and lands in the new phase', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { longestGitlabPushMs: 4_000 } });
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'slow');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  const push = pair.git(clone, 'push', 'origin', 'main');
  const { hook, receivePack } = await gate.arrived();
  const { world } = openByPath(pair.agentFolder, pair.old);
  await until(
    'the request to be older than the longest push',
    () =>
      world.journal.leases().every(({ sent }) => sent !== null && world.clock.now().uptimeMs - sent.uptimeMs > 4_000),
    15_000,
  );
  const installed = await pair.call('installed', {});
  if (installed !== null)
    await pair.call('setup', { config: { ...installed.config, limits: { ...installed.config.limits, leaseMs: 500 } } });
  const move = startMove(pair, 'mirror');
  await move.says(/waiting until 1 push without an answer/);
  const [began, left] = [performance.now(), senders(pair)];
  assert.deepEqual(left, []);
  assert.equal((await move.ended).code, 0);
  // Whether GitLab still takes it nobody knows: the move waited, under its hold.
  assert.ok(performance.now() - began > 3_000);
  kill(hook, receivePack);
  assert.notEqual((await push).code, 0);
  await assertLevel(pair, 'main S1');
});

test('a push whose answer was cut off in the middle is called declined, and lands after the pusher was told that nothing was taken', () => {
  const stdout =
    'To ssh://git@gitlab.example.org/team/app.git\n!\t1a2b:refs/heads/main\t[remote failure] (remote failed to report status)\nDone\n';
  assert.equal(
    readPushAnswer({ code: 1, stdout, stderr: 'error: failed to push some refs', timedOut: false }).kind,
    'no-answer',
  );
});

test('a hook of GitLab that quotes git makes a request without an answer look unsent, and it is sent again', () => {
  const stderr =
    'remote: mirror: fatal: Could not read from remote repository.\nfatal: the remote end hung up unexpectedly\n';
  assert.equal(readPushAnswer({ code: 128, stdout: '', stderr, timedOut: false }).kind, 'no-answer');
});

test('a disk that is full after GitLab took a push: the pusher reads that nothing was taken', async (t) => {
  const pair = await pairIn(t, 'both');
  const { world } = openByPath(pair.agentFolder, pair.old);
  const full = (): never => {
    throw new Error('ENOSPC');
  };
  const context = {
    world,
    updates: [],
    lease: { note: full, refused: full },
    epoch: null,
    say: () => '',
    heal: () => Promise.resolve(null),
  };
  assert.equal((await lookAfter(context, { kind: 'ok' })).accept, true);
});

test('a clock that cannot be read after GitLab took a push: the pusher reads that nothing was taken', async (t) => {
  const pair = await pairIn(t, 'both');
  const boot = path.join(pair.folder, 'boot-id');
  fs.writeFileSync(boot, 'b1\n');
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/post-receive'),
    `#!/bin/sh\nrm ${boot}\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n`,
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  // The shim leaves a name like this to the agent.
  const program = `--receive-pack=env ${bootIdVariable}=${boot} git-receive-pack`;
  const seen = await pair.git(clone, 'push', program, 'origin', 'main:deadbeef');
  assert.notEqual(seen.code, 0);
  assert.match(seen.output, /git-handover failed on this server\.\s+remote: Whether GitLab took it is unknown/);
  assert.doesNotMatch(seen.output, /Nothing was taken/);
  assert.deepEqual(await bothSides(pair), { old: 'main S1', gitlab: 'deadbeef S1, main S1' });
});

test('a hook of the repository runs with the signals of git-handover, and its pipes never end', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const seen = path.join(pair.folder, 'signals');
  fs.writeFileSync(
    path.join(pair.old, 'hooks/post-receive'),
    `#!/bin/sh\ncat >${seen}.refs\ngrep SigIgn /proc/self/status >${seen}\n`,
    { mode: 0o755 },
  );
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:one', 'main:two', 'main:three');
  assert.equal(fs.readFileSync(`${seen}.refs`, 'utf8').trim().split('\n').length, 3);
  const ignored = parseInt(fs.readFileSync(seen, 'utf8').replace('SigIgn:', '').trim(), 16);
  assert.equal(ignored & (1 << (os.constants.signals.SIGPIPE - 1)), 0);
  await pair.pass();
  await assertLevel(pair, 'main S1, one S1, three S1, two S1');
});

test('a push that was refused because the state cannot be read leaves a witness for damage of the same shape', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:gone');
  await pair.pass();
  await pair.pass();
  const { world } = openByPath(pair.agentFolder, pair.old);
  const { boot, uptimeMs } = world.clock.now();
  await world.journal.changeState((state) => ({
    ...state,
    hold: { id: world.newHoldId(), boot, endUptimeMs: uptimeMs + 30_000 },
  }));
  const push = pair.git(clone, 'push', 'origin', ':gone');
  await until(
    'the push to wait for the hold',
    () => world.journal.leases().some(({ stage }) => stage.kind === 'waiting'),
    10_000,
  );
  fs.writeFileSync(path.join(pair.state, 'state'), 'git-handover-state 1\n');
  assert.match((await push).output, /Nothing was taken/);
  assert.deepEqual(fs.readdirSync(path.join(pair.state, 'pushes')), []);
  await assertLevel(pair, 'gone S1, main S1');
});

test('GitLab answers slowly while a refused pusher waits for old to be brought level, and the pusher waits without end', async (t) => {
  // No other process sleeps for exactly so long.
  const seconds = `30.${process.pid}`;
  t.after(() => running(`sleep ${seconds}`).forEach((pid) => process.kill(pid)));
  const script = `const { healBy } = require('./agent/hook/heal'); void healBy(['sleep', '${seconds}'], 100)([]).then((words) => process.stdout.write(String(words)));`;
  const began = Date.now();
  const seen = await run(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: path.join(__dirname, '../../..'),
    env: process.env,
  });
  assert.match(seen.output, /longer than it should/);
  assert.ok(Date.now() - began < 25_000, 'the process of the hook stays as long as the one that brings old level');
});

test('a pusher who lost to a push that is still at work is refused at once, and can fetch nothing', async (t) => {
  const pair = await pairIn(t, 'both');
  const [winner, loser] = [await pair.clone('old', 'ada'), await pair.clone('old', 'bob')];
  await pair.commit(winner, 'A');
  await pair.commit(loser, 'B');
  // GitLab has the winner's push, and old does not yet.
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'post-receive', 'answer');
  const won = pair.git(winner, 'push', 'origin', 'main');
  await gate.arrived();
  const lost = pair.git(loser, 'push', 'origin', 'main');
  await until(
    'a pass to leave the ref to the push that runs',
    () => fs.existsSync(path.join(pair.state, 'skipped')),
    15_000,
  );
  gate.open();
  assert.equal((await won).code, 0);
  assert.match((await lost).output, /GitLab has newer commits on main\. They are here to be fetched/);
  await pair.must(loser, 'pull', '--quiet', '--rebase');
  await pair.name(loser, 'HEAD', 'B on A');
  await pair.must(loser, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main B on A');
});

test('words of the administrator show {refs} as it is written, and the carriage returns of ssh', async (t) => {
  const pair = await pairIn(t, 'both', {
    limits: { connectMs: 1_000 },
    texts: { declined: 'GitLab declined {refs}:\n{reason}', unreachable: 'No GitLab for {refs}: {reason}' },
  });
  fs.writeFileSync(path.join(pair.gitlab, 'hooks/pre-receive'), '#!/bin/sh\necho not on a Friday >&2\nexit 1\n', {
    mode: 0o755,
  });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /declined main:\s+remote: not on a Friday/);
  await pair.sshd.stop();
  const { output } = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(output, /No GitLab for main: /);
  assert.doesNotMatch(output, /x0d/);
  await assertLevel(pair, 'main S1');
});
