/** What old took over from GitLab is listed, and a person gives it back with one command. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { Verbs } from '../../../agent/contract/verbs';
import type { TakenOver } from '../../../agent/contract/views';
import { run } from '../kit/command';
import { assertLevel, assertSides, attic } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

function giveBack(pair: Pair, from: string, apply = true): Promise<Verbs['giveback']['result']> {
  return pair.call('giveback', { path: pair.old, attic: from, reason: 'deleted by mistake', who: 'ada', apply });
}

async function taken(pair: Pair): Promise<readonly TakenOver[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap((one) => one.taken ?? []);
}

async function listed(pair: Pair): Promise<string> {
  const lines = (await taken(pair)).map(
    ({ ref, kind, before, after }) => `${kind} of ${ref} from ${before} to ${after ?? 'nothing'}`,
  );
  return lines.join(', ').replace(/[0-9a-f]{40}/g, (oid) => pair.letters.of(oid));
}

/** main is at S2, a branch and a tag at A. */
async function withBranch(pair: Pair): Promise<string> {
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'switch', '--quiet', '--create', 'topic');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'topic', 'topic:refs/tags/v1');
  await pair.pass();
  return clone;
}

function makeEnvironment(pair: Pair): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home'), GIT_CONFIG_NOSYSTEM: '1' };
}

test('deletions and rewinds that old took over are listed with where they lie, and are no trouble', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await withBranch(pair);
  assert.deepEqual(await taken(pair), []);
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', ':topic', 'main~1:main');
  assert.deepEqual((await pair.pass()).troubles, []);
  await assertLevel(pair, 'main S1, tag:v1 A');
  assert.equal(
    await listed(pair),
    'deletion of refs/heads/topic from A to nothing, rewind of refs/heads/main from S2 to S1',
  );
  for (const one of await taken(pair)) {
    assert.equal((await pair.must(pair.old, 'rev-parse', one.attic)).trim(), one.before);
    assert.match(one.next, /--give-back refs\/handover\/attic\//);
  }
  assert.match(fs.readFileSync(path.join(pair.agentFolder, 'log/agent.jsonl'), 'utf8'), /"taken-over"/);
});

test('who pushed a value that GitLab lost is listed where a record still says so', async (t) => {
  const pair = await pairIn(t, 'both', { limits: { fence: false } });
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'switch', '--quiet', '--create', 'topic');
  await pair.commit(clone, 'A');
  const env = { ...makeEnvironment(pair), SSH_CONNECTION: '127.0.0.7 1000 127.0.0.1 22' };
  assert.equal((await run('git', ['push', '--quiet', 'origin', 'topic'], { cwd: clone, env })).code, 0);
  await pair.must(pair.gitlab, 'update-ref', '-d', 'refs/heads/topic');
  await pair.pass();
  assert.match((await taken(pair)).map(({ from }) => from).join(), /127\.0\.0\.7/);
});

test('a deleted branch is given back: first only shown, then GitLab has it, old follows, and it is listed no more', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await withBranch(pair);
  await pair.must(clone, 'push', '--quiet', 'origin', ':topic');
  await pair.pass();
  const [one] = await taken(pair);
  assert.ok(one);
  const { text, applied } = await giveBack(pair, one.attic, false);
  assert.equal(applied, false);
  assert.match(text, /attic: [0-9a-f]{8}[\s\S]*GitLab: absent\nWould give back refs\/heads\/topic at/);
  await assertLevel(pair, 'main S1, tag:v1 A');
  await giveBack(pair, one.attic);
  await assertLevel(pair, 'main S1, topic A, tag:v1 A');
  assert.deepEqual(await taken(pair), []);
  assert.match(fs.readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8'), /"give-back".*deleted by mistake/);
  await assert.rejects(giveBack(pair, one.attic), /given-back/);
});

test('a rewound main is given back although people pushed since: what they pushed lies in the attic', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
  await pair.pass();
  const [one] = await taken(pair);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  const { text } = await giveBack(pair, one?.attic ?? '');
  assert.match(text, /GitLab: [0-9a-f]{8}, only here\n {2}[0-9a-f]+ A/);
  await assertLevel(pair, 'main S2');
  assert.match(await attic(pair), /heads\/main A/);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('what the attic has not, or a phase in which old decides, gives nothing back', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await withBranch(pair);
  await pair.must(clone, 'push', '--quiet', 'origin', ':topic');
  await pair.pass();
  const [one] = await taken(pair);
  await assert.rejects(giveBack(pair, 'refs/handover/attic/20000101T000000000Z-0/heads/topic'), /not-in-attic/);
  await assert.rejects(giveBack(pair, 'refs/heads/main'), /not-in-attic/);
  await pair.move('mirror');
  await assert.rejects(giveBack(pair, one?.attic ?? ''), /give-back-phase/);
  await assertSides(pair, { old: 'main S1, tag:v1 A', gitlab: 'main S1, tag:v1 A' });
});
