/** Disasters that somebody thought of before they happened: each test is named after the one that it prevents. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { changePhase } from '../../../agent/sync/phasechange';
import { readPushAnswer } from '../../../agent/rules/gitanswers';
import { lookAfter } from '../../../agent/sync/push';
import { openByPath } from '../../../agent/repository/repository';
import type { Journal } from '../../../agent/rules/ports';
import { until } from '../../lab/processes';
import { running } from '../../lab/processtree';
import { putGate, startMove } from '../kit/gate';
import { noConsent, run, startPair, type Pair, type PairOptions } from '../kit/pair';

async function startIn(phase: 'mirror' | 'both', options: PairOptions = {}): Promise<Pair> {
  const pair = await startPair(options);
  await pair.move('mirror');
  if (phase === 'both') await pair.move('both');
  return pair;
}

test('a change of phase that slept while another one ended levels by the rules of a phase that is over, and takes a push back', async (t) => {
  const pair = await startIn('both');
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const { world } = openByPath(pair.agentFolder, pair.old);
  let acknowledged = '';
  const meanwhile = async (): Promise<void> => {
    await pair.move('mirror');
    acknowledged = await pair.commit(clone, 'one');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  };
  const lock: Journal['lock'] = async (waitMs) => {
    if (acknowledged === '') await meanwhile();
    return world.journal.lock(waitMs);
  };
  await assert.rejects(
    changePhase(
      { ...world, journal: { ...world.journal, lock } },
      { to: 'warn', consent: noConsent, progress: () => undefined },
    ),
    /moved on/,
  );
  assert.match(await pair.refs('old'), new RegExp(`main ${acknowledged}`));
  assert.equal(world.journal.state().phase, 'mirror');
});

test('a disk that fills up while the journal is written leaves half a journal in the place of the whole one', async (t) => {
  const pair = await startIn('mirror');
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  for (let index = 0; index < 100; index += 1) await pair.must(clone, 'tag', `release-${index}`);
  await pair.must(clone, 'push', '--quiet', '--tags', 'origin');
  const script = `ulimit -f 8; exec '${process.execPath}' '${pair.agentFolder}/agent.cjs' call pass`;
  const seen = await run('sh', ['-c', script], {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOME: pair.folder },
    input: JSON.stringify({ path: pair.old }),
  });
  assert.notEqual(seen.code, 0);
  assert.deepEqual((await pair.pass()).troubles, []);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
});

for (const [what, spoil] of [
  ['commented out', (config: string) => config.replace('\thooksPath =', '\t# hooksPath =')],
  ['set once more', (config: string) => `${config}[core]\n\thooksPath = /nowhere\n`],
] as const) {
  test(`hooks whose setting was ${what} by hand stay off, and a pass undoes the pushes that nobody saw`, async (t) => {
    const pair = await startIn('both');
    t.after(() => pair.close());
    const config = path.join(pair.old, 'config');
    fs.writeFileSync(config, spoil(fs.readFileSync(config, 'utf8')));
    await pair.pass();
    const clone = await pair.clone('old', 'ada');
    const id = await pair.commit(clone, 'one');
    assert.match(
      (await pair.git(clone, 'push', 'origin', 'main')).output,
      new RegExp(`GitLab has main at ${id.slice(0, 8)}`),
    );
  });
}

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
  const pair = await startIn('both', { limits: { longestGitlabPushMs: 4_000 } });
  t.after(() => pair.close());
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'pre-receive', 'slow');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  const push = pair.git(clone, 'push', 'origin', 'main');
  await gate.arrived();
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
  const seen = await startMove(pair, 'mirror').ended;
  const left = senders(pair);
  gate.open();
  assert.deepEqual(left, []);
  assert.match(seen.output, /may still land/);
  assert.notEqual((await push).code, 0);
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

test('a disk with all objects is away for a moment, and a pass deletes what only old has', async (t) => {
  const pair = await startPair({ config: { waivedNamespaces: ['refs/changes/'] } });
  t.after(() => pair.close());
  await pair.must(pair.old, 'update-ref', 'refs/changes/1', 'refs/heads/main');
  await pair.must(pair.old, 'pack-refs', '--all');
  await pair.move('mirror');
  await pair.move('both');
  const [objects, away] = [path.join(pair.old, 'objects'), path.join(pair.old, 'objects.away')];
  fs.renameSync(objects, away);
  fs.mkdirSync(objects);
  await assert.rejects(pair.pass(), /objects/);
  fs.rmSync(objects, { recursive: true });
  fs.renameSync(away, objects);
  assert.match(await pair.must(pair.old, 'for-each-ref'), /refs\/changes\/1/);
});

test('a packed ref whose object is gone is deleted, and nobody knows any more what it was', async (t) => {
  const pair = await startIn('both');
  t.after(() => pair.close());
  const lost = '1234567890'.repeat(4);
  fs.appendFileSync(path.join(pair.old, 'packed-refs'), `${lost} refs/heads/zebra\n`);
  await pair.pass();
  const [kept = ''] = fs.readdirSync(path.join(pair.state, 'aside'));
  assert.equal(fs.readFileSync(path.join(pair.state, 'aside', kept), 'utf8'), `${lost}\n`);
});

test('a disk that is full after GitLab took a push: the pusher reads that nothing was taken', async (t) => {
  const pair = await startIn('both');
  t.after(() => pair.close());
  const { world } = openByPath(pair.agentFolder, pair.old);
  const full = (): never => {
    throw new Error('ENOSPC');
  };
  const context = {
    world,
    updates: [],
    lease: { note: full, refused: full },
    say: () => '',
    heal: () => Promise.resolve(null),
  };
  assert.equal((await lookAfter(context, { kind: 'ok' })).accept, true);
});

test('a hook of the repository runs with the signals of git-handover, and its pipes never end', async (t) => {
  const pair = await startIn('mirror');
  t.after(() => pair.close());
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
});

test('a push that was refused because the state cannot be read leaves a witness for damage of the same shape', async (t) => {
  const pair = await startIn('mirror');
  t.after(() => pair.close());
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
});

test('leaving mirror fails at its last step, and the debts of mirror have lost their witnesses', async (t) => {
  const pair = await startIn('mirror', { commits: 2 });
  t.after(() => pair.close());
  fs.rmSync(path.join(pair.agentFolder, 'shims/wake'));
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'HEAD~1:main');
  const { world } = openByPath(pair.agentFolder, pair.old);
  const changeState: Journal['changeState'] = (change) =>
    world.journal.changeState((state) => {
      const next = change(state);
      return next?.phase === 'old' ? null : next;
    });
  const consent = { abandon: true, unhookedWriters: false, endOlderPushes: false };
  const offline = { ...world.git, push: () => Promise.resolve({ kind: 'no-answer' as const, words: '' }) };
  await assert.rejects(
    changePhase(
      { ...world, git: offline, journal: { ...world.journal, changeState } },
      { to: 'old', consent, progress: () => undefined },
    ),
    /ran out/,
  );
  assert.deepEqual((await pair.pass()).troubles, []);
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
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
  const pair = await startIn('both');
  t.after(() => pair.close());
  const [winner, loser] = [await pair.clone('old', 'ada'), await pair.clone('old', 'bob')];
  await pair.commit(winner, 'won');
  await pair.commit(loser, 'lost');
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
  await pair.must(loser, 'push', '--quiet', 'origin', 'main');
  assert.equal(await pair.refs('old'), await pair.refs('gitlab'));
});

test('words of the administrator show {refs} as it is written, and the carriage returns of ssh', async (t) => {
  const pair = await startIn('both', {
    limits: { connectMs: 1_000 },
    texts: { declined: 'GitLab declined {refs}:\n{reason}', unreachable: 'No GitLab for {refs}: {reason}' },
  });
  t.after(() => pair.close());
  fs.writeFileSync(path.join(pair.gitlab, 'hooks/pre-receive'), '#!/bin/sh\necho not on a Friday >&2\nexit 1\n', {
    mode: 0o755,
  });
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'one');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /declined main:\s+remote: not on a Friday/);
  await pair.sshd.stop();
  const { output } = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(output, /No GitLab for main: /);
  assert.doesNotMatch(output, /x0d/);
});
