/** GitLab lost what old still has, old stopped, and a person says which of them is wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { Verbs } from '../../../agent/contract/verbs';
import { assertLevel, assertSides, attic, bothSides } from '../kit/ending';
import { kill, putGate } from '../kit/gate';
import { hookOfGitlab, updateRefs } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

type Request = Verbs['resolve']['request'];

function request(pair: Pair, refs: readonly string[], more: Partial<Request> = {}): Request {
  const [ref = '', ...others] = refs;
  const named = others.length === 0 ? { ref } : { ref, more: others };
  return { path: pair.old, ...named, keep: 'old', reason: 'a backup', who: 'ada', apply: true, ...more };
}

function resolve(
  pair: Pair,
  refs: readonly string[],
  more: Partial<Request> = {},
): Promise<Verbs['resolve']['result']> {
  return pair.call('resolve', request(pair, refs, more));
}

async function troubles(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.troubles.map(({ ref, kind }) => `${ref} ${kind}`));
}

const branches = [1, 2, 3].map((number) => `refs/heads/topic-${number}`);

/**
 * In `both`; topic-1 … 3 have commits A1, B1, … on S1, and GitLab is back at A1 … of each: old stopped.
 */
async function restored(pair: Pair): Promise<string> {
  const clone = await pair.clone('old', 'ada');
  for (const number of [1, 2, 3]) {
    await pair.must(clone, 'switch', '--quiet', '--create', `topic-${number}`, 'origin/main');
    await pair.commit(clone, `A${number}`);
    await pair.commit(clone, `B${number}`);
  }
  await pair.must(clone, 'push', '--quiet', 'origin', '--all');
  await pair.pass();
  updateRefs(
    pair.gitlab,
    branches.map((ref) => `update ${ref} ${ref}~1`),
  );
  await pair.pass();
  assert.deepEqual(await troubles(pair), ['refs/ stopped']);
  return clone;
}

const whole = 'main S1, topic-1 B1, topic-2 B2, topic-3 B3';
const backup = 'main S1, topic-1 A1, topic-2 A2, topic-3 A3';

test('a backup of GitLab: what it lost is shown with whose it is and when, then it has all of it again, and old goes on', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await restored(pair);
  const { text, applied } = await resolve(pair, ['refs/'], { apply: false });
  assert.equal(applied, false);
  const commits = '1 commit that GitLab has nowhere\n    [0-9a-f]+ \\d{4}-\\d\\d-\\d\\d Ada: B1';
  assert.match(text, new RegExp(`refs/heads/topic-1\n  old: [0-9a-f]{8}, ${commits}\n  GitLab: [0-9a-f]{8}\n`));
  assert.match(text, /\nWould give 3 refs back to GitLab, keeping what it has instead in the attic of old\.$/);
  await assertSides(pair, { old: whole, gitlab: backup });
  assert.equal(await attic(pair), '');
  assert.match((await resolve(pair, ['refs/'])).text, /Gave 3 refs back to GitLab\. Old follows GitLab again\./);
  await assertLevel(pair, whole);
  assert.equal(await attic(pair), 'heads/topic-1 A1, heads/topic-2 A2, heads/topic-3 A3');
  assert.deepEqual(await troubles(pair), []);
  const [decision = ''] = fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8').split('\n');
  const { who, ref, keep, refs } = JSON.parse(decision) as Record<string, unknown>;
  assert.deepEqual({ who, ref, keep, refs }, { who: 'ada', ref: 'refs/', keep: 'old', refs: 3 });
  await pair.commit(clone, 'C');
  await pair.must(clone, 'push', '--quiet', 'origin', 'topic-3');
  await assertLevel(pair, 'main S1, topic-1 B1, topic-2 B2, topic-3 C');
});

test('a project made anew: its first commit is only on GitLab, so main is to be named, as the printed command does', async (t) => {
  const pair = await pairIn(t, 'both');
  const anew = path.join(pair.folder, 'anew');
  fs.mkdirSync(anew);
  await pair.must(anew, 'init', '--quiet', '--initial-branch=main', '.');
  await pair.commit(anew, 'I', 'Initial commit');
  await pair.must(pair.gitlab, 'fetch', '--quiet', anew, '+main:main');
  await pair.pass();
  const { text } = await resolve(pair, ['refs/'], { apply: false });
  assert.match(text, /GitLab: [0-9a-f]{8}, 1 commit that old has nowhere\n {4}[0-9a-f]+ .* Ada: Initial commit\n/);
  const [, printed = ''] = /npm run resolve -- \S+ (.*) --keep old --reason "…"$/.exec(text) ?? [];
  assert.equal(printed, 'refs/ refs/heads/main');
  await assert.rejects(resolve(pair, ['refs/']), /only-on-gitlab: .*refs\/heads\/main is where only GitLab/);
  await assertSides(pair, { old: 'main S1', gitlab: 'main I' });
  await resolve(pair, printed.split(' '));
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/main I');
  assert.deepEqual(await troubles(pair), []);
});

test('an emptied GitLab gets everything back', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  updateRefs(
    pair.gitlab,
    [...branches, 'refs/heads/main'].map((ref) => `delete ${ref}`),
  );
  await resolve(pair, ['refs/']);
  await assertLevel(pair, whole);
  assert.deepEqual(await troubles(pair), []);
});

test('some refs go back to GitLab, and of the others GitLab is right: old stays stopped until both are said', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  const [first = '', second = '', third = ''] = branches;
  assert.match((await resolve(pair, [first])).text, /Gave 1 ref back to GitLab\. Old waits for a person still/);
  await assertSides(pair, { old: whole, gitlab: 'main S1, topic-1 B1, topic-2 A2, topic-3 A3' });
  const { text } = await resolve(pair, [second], { keep: 'gitlab' });
  assert.match(text, /Set 1 ref on old; what was lost is in the attic\. Old waits for a person still/);
  await assertSides(pair, {
    old: 'main S1, topic-1 B1, topic-2 A2, topic-3 B3',
    gitlab: 'main S1, topic-1 B1, topic-2 A2, topic-3 A3',
  });
  await assert.rejects(resolve(pair, [third, first]), /in-no-trouble: refs\/heads\/topic-1/);
  assert.match((await resolve(pair, ['refs/'], { keep: 'gitlab' })).text, /Old follows GitLab again/);
  await assertLevel(pair, 'main S1, topic-1 B1, topic-2 A2, topic-3 A3');
  assert.deepEqual(await troubles(pair), []);
});

test('what somebody pushed to GitLab since is not thrown away unless it is named, and then it is in the attic', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  const bob = await pair.clone('gitlab', 'bob');
  await pair.must(bob, 'switch', '--quiet', 'topic-1');
  await pair.commit(bob, 'N');
  await pair.must(bob, 'push', '--quiet', 'origin', 'topic-1');
  await assert.rejects(resolve(pair, ['refs/']), /only-on-gitlab: .*refs\/heads\/topic-1 is where/);
  await assertSides(pair, { old: whole, gitlab: 'main S1, topic-1 N, topic-2 A2, topic-3 A3' });
  assert.equal(await attic(pair), '');
  await resolve(pair, ['refs/', 'refs/heads/topic-1']);
  await assertLevel(pair, whole);
  assert.equal(await attic(pair), 'heads/topic-1 N, heads/topic-2 A2, heads/topic-3 A3');
});

test('what somebody moves on GitLab while it is sent is not overwritten', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  const hook = `[ -e ${pair.folder}/moved ] || git update-ref refs/heads/topic-2 refs/heads/main && : >${pair.folder}/moved`;
  hookOfGitlab(pair, 'pre-receive', hook);
  await assert.rejects(resolve(pair, ['refs/']), /back-partly: .*it has 2 again, and not refs\/heads\/topic-2/);
  await assertSides(pair, { old: whole, gitlab: 'main S1, topic-1 B1, topic-2 S1, topic-3 B3' });
  assert.deepEqual(await troubles(pair), ['refs/ stopped']);
  await resolve(pair, ['refs/']);
  await assertLevel(pair, whole);
  assert.deepEqual(await troubles(pair), []);
});

test('what GitLab declines is told in its words, all others are sent, and running it again sends the rest', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  const update = path.join(pair.gitlab, 'hooks/update');
  fs.writeFileSync(update, '#!/bin/sh\n[ "$1" != refs/heads/topic-2 ] || { echo protected; exit 1; }\n', {
    mode: 0o755,
  });
  await assert.rejects(
    resolve(pair, ['refs/']),
    /back-partly: .*it has 2 again, and not refs\/heads\/topic-2: .*protected/,
  );
  await assertSides(pair, { old: whole, gitlab: 'main S1, topic-1 B1, topic-2 A2, topic-3 B3' });
  assert.deepEqual(await troubles(pair), ['refs/ stopped']);
  fs.rmSync(update);
  await resolve(pair, ['refs/']);
  await assertLevel(pair, whole);
  assert.equal(await attic(pair), 'heads/topic-1 A1, heads/topic-2 A2, heads/topic-3 A3');
  assert.deepEqual(await troubles(pair), []);
});

test('killed after GitLab took one of three: it is run again, and sends the two, and keeps nothing twice', async (t) => {
  const pair = await pairIn(t, 'both');
  await restored(pair);
  const hooks = path.join(pair.gitlab, 'hooks');
  const gate = putGate(pair, hooks, 'waits', 'second');
  const update = `#!/bin/sh\n[ "$1" != refs/heads/topic-2 ] || exec ${path.join(hooks, 'waits')}\n`;
  fs.writeFileSync(path.join(hooks, 'update'), update, { mode: 0o755 });
  const agent = spawn(process.execPath, [path.join(pair.agentFolder, 'agent.cjs'), 'call', 'resolve'], { cwd: '/' });
  agent.stdin.end(JSON.stringify(request(pair, ['refs/'])));
  const { hook, receivePack } = await gate.arrived();
  kill(agent.pid ?? 0, receivePack, hook);
  gate.open();
  await assertSides(pair, { old: whole, gitlab: 'main S1, topic-1 B1, topic-2 A2, topic-3 A3' });
  assert.match((await resolve(pair, ['refs/'])).text, /Gave 2 refs back to GitLab/);
  await assertLevel(pair, whole);
  assert.equal(await attic(pair), 'heads/topic-1 A1, heads/topic-2 A2, heads/topic-3 A3');
  assert.deepEqual(await troubles(pair), []);
});

test('a ref under a push has to wait, whichever side is kept, and whoever settles is told', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await restored(pair);
  const gate = putGate(pair, path.join(pair.old, 'hooks'), 'pre-receive', 'own');
  await pair.must(clone, 'switch', '--quiet', 'topic-1');
  await pair.commit(clone, 'C');
  const push = pair.git(clone, 'push', 'origin', 'topic-1');
  await gate.arrived();
  const waits = /refs\/heads\/topic-1 \(has to wait: a push is moving it\)/;
  assert.match((await resolve(pair, ['refs/'], { apply: false })).text, waits);
  const { text } = await resolve(pair, ['refs/', 'refs/heads/topic-1'], { keep: 'gitlab' });
  assert.match(text, /Set 2 refs on old; what was lost is in the attic\. Old waits for a person still/);
  const refused = /back-partly: .*it has 0 again, and not refs\/heads\/topic-1: a push is moving it/;
  await assert.rejects(resolve(pair, ['refs/heads/topic-1']), refused);
  gate.open();
  assert.equal((await push).code, 1);
  await resolve(pair, ['refs/']);
  await assertLevel(pair, 'main S1, topic-1 B1, topic-2 A2, topic-3 A3');
  assert.deepEqual(await troubles(pair), []);
});

test("what no hook saw on old is not sent: GitLab gets back what it had, and old's own goes as always", async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await restored(pair);
  await pair.must(clone, 'switch', '--quiet', 'topic-1');
  await pair.commit(clone, 'cron');
  await pair.must(pair.old, 'fetch', '--quiet', clone, '+topic-1:topic-1');
  await resolve(pair, ['refs/']);
  await assertLevel(pair, whole);
  assert.deepEqual(await troubles(pair), ['refs/heads/topic-1 unhooked']);
  assert.match(await attic(pair), /heads\/topic-1 cron/);
});

test('both sides at once, and several refs of a repository that is not stopped, are refused', async (t) => {
  const pair = await pairIn(t, 'both');
  await assert.rejects(resolve(pair, branches), /one-by-one/);
  await restored(pair);
  await assert.rejects(resolve(pair, ['refs/'], { keep: 'both' }), /stopped-both/);
  assert.equal((await bothSides(pair)).gitlab, backup);
});
