/** A push that reached old without hooks in `both`: GitLab gets it, or people read why not. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openByPath } from '../../../agent/repository/open';
import type { Oid, RefName } from '../../../agent/rules/values';
import { noteFollowed } from '../../../agent/sync/followed';
import { beginRequest, ownMayLand } from '../../../agent/sync/requests';
import { until } from '../../lab/processes';
import { assertLevel, assertSides, attic } from '../kit/ending';
import { hookOfGitlab } from '../kit/manyrefs';
import { pairIn, type Pair, type PairOptions } from '../kit/pair';

const main = 'refs/heads/main' as RefName;

interface Unseen {
  readonly pair: Pair;
  /** A clone of old. */
  readonly clone: string;
  /** Pushes to old while git runs no hooks there, and git says ok. */
  readonly pushAlone: (...words: readonly string[]) => Promise<void>;
}

async function unseen(t: TestContext, options: PairOptions = {}): Promise<Unseen> {
  const pair = await pairIn(t, 'both', options);
  const clone = await pair.clone('old', 'ada');
  const alone = '--receive-pack=git -c core.hooksPath=/nowhere receive-pack';
  return {
    pair,
    clone,
    pushAlone: async (...words) => void (await pair.must(clone, 'push', '--quiet', alone, 'origin', ...words)),
  };
}

async function unhookedWords(pair: Pair): Promise<string[]> {
  const { repositories } = await pair.call('status', { paths: [] });
  return repositories.flatMap(({ troubles }) =>
    troubles.map(({ kind, ref, words, next }) => `${kind} ${ref}: ${words}\n${next}`),
  );
}

/** It is neither on GitLab nor on old, and is listed. */
async function assertSetAside(pair: Pair, level: string, said: RegExp): Promise<void> {
  await pair.pass();
  assert.match((await unhookedWords(pair)).join('\n'), said);
  await assertLevel(pair, level);
  await pair.pass();
  await assertLevel(pair, level);
}

test('a push that git on old took alone is sent on to GitLab, and listed until somebody has read it', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  await pair.commit(clone, 'A');
  await pushAlone('main');
  await assertSides(pair, { old: 'main A', gitlab: 'main S1' });
  await pair.pass();
  await assertLevel(pair, 'main A');
  await pair.pass();
  const [words = '', ...others] = await unhookedWords(pair);
  assert.deepEqual(others, []);
  assert.match(
    words,
    /^unhooked refs\/heads\/main: Old moved to \w{8} although no hook saw it; it was sent on, and GitLab has it\. .* Ada: A/,
  );
  assert.match(words, /Nothing is lost: stop that writer/);
  assert.equal(await attic(pair), '');
  const settled = {
    path: pair.old,
    ref: 'refs/heads/main',
    keep: 'gitlab' as const,
    reason: 'read',
    who: 'ada',
    apply: true,
  };
  await pair.call('resolve', settled);
  assert.deepEqual(await unhookedWords(pair), []);
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main B');
});

test('where GitLab moved as well, what no hook saw is set aside, and listed with the reason', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  const other = await pair.clone('gitlab', 'bob');
  await pair.commit(clone, 'A');
  await pushAlone('main');
  await pair.commit(other, 'B');
  await pair.must(other, 'push', '--quiet', 'origin', 'main');
  await assertSetAside(pair, 'main B', /not sent on: GitLab had changed as well/);
  assert.equal(await attic(pair), 'heads/main A');
});

test('no tag, no deletion, no new branch and no rewind is sent on', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  await pair.amend(clone, 'A');
  await pushAlone('--force', 'main', 'main:new', 'main:refs/tags/v1');
  await assertSetAside(pair, 'main S1', /not sent on: it does not contain GitLab's value/);
  const words = (await unhookedWords(pair)).join('\n');
  assert.match(words, /heads\/new: .*not sent on: GitLab has no such branch/);
  assert.match(words, /tags\/v1: .*not sent on: it is no branch/);
});

test('what a pass took away from a branch comes back neither as it was nor with a commit on top', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  await pair.must(pair.gitlab, 'update-ref', 'refs/heads/main', 'main~1');
  await pair.pass();
  await assertLevel(pair, 'main S1');
  await pushAlone('main');
  await assertSetAside(pair, 'main S1', /not sent on: commits of it were taken away from this branch before/);
  await pair.commit(clone, 'B');
  await pushAlone('main');
  await assertSetAside(pair, 'main S1', /not sent on: commits of it were taken away from this branch before/);
});

test("the repository's own hooks are asked as before the push: what they decline is not sent on, and one that hangs is ended", async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  const hook = (name: string, ...lines: readonly string[]): void =>
    fs.writeFileSync(path.join(pair.old, 'hooks', name), `${['#!/bin/sh', ...lines].join('\n')}\n`, { mode: 0o755 });
  hook(
    'update',
    'test "$(git rev-parse "$1")" = "$2" || exit 9',
    'git log --format=%s "$3" --not --all | grep -q A || exit 0',
    'echo "no A here"; exit 1',
  );
  await pair.commit(clone, 'A');
  await pushAlone('main');
  await assertSetAside(pair, 'main S1', /not sent on: its update declined it, no A here/);
  hook('update', 'sleep 100 & sleep 100');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'B');
  await pushAlone('main');
  await assertSetAside(pair, 'main S1', /not sent on: its update ran for longer than 5 s and was ended/);
  hook('update', 'exit 0');
  hook('pre-receive', 'read -r before after ref', 'test "$ref" = refs/heads/main');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'C');
  await pushAlone('main');
  await pair.pass();
  await assertLevel(pair, 'main C');
});

test('a pass that was killed between its note and the send: the push waits until it can no longer land, and is set aside', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t, { limits: { longestGitlabPushMs: 15_000 } });
  const before = (await pair.must(clone, 'rev-parse', 'main')).trim() as Oid;
  const after = (await pair.commit(clone, 'A')) as Oid;
  await pushAlone('main');
  const { world } = openByPath(pair.agentFolder, pair.old);
  beginRequest(world, world.journal.tries(), [{ ref: main, before, after }]);
  await pair.pass();
  await assertSides(pair, { old: 'main A', gitlab: 'main S1' });
  assert.match((await unhookedWords(pair)).join('\n'), /^doubtful refs\/heads\/main: .*GitLab has not answered/);
  await until('the request to be over', () => !ownMayLand(world), 60_000);
  await assertSetAside(pair, 'main S1', /not sent on: it was sent, or about to be, in a pass before/);
  assert.equal(await attic(pair), 'heads/main A');
});

test('a value that a killed pass set on old, and GitLab lost again, is not taken for a push that no hook saw', async (t) => {
  const { pair, clone } = await unseen(t);
  const before = (await pair.must(clone, 'rev-parse', 'main')).trim() as Oid;
  const after = (await pair.commit(clone, 'A')) as Oid;
  await pair.must(clone, 'push', '--quiet', pair.gitlab, 'main');
  const { world } = openByPath(pair.agentFolder, pair.old);
  const look = { old: new Map([[main, before]]), agreed: new Map([[main, before]]) };
  noteFollowed(world, look, [{ ref: main, before, after }]);
  await pair.must(pair.old, 'fetch', '--quiet', pair.gitlab, 'main:main');
  await pair.must(pair.gitlab, 'update-ref', 'refs/heads/main', before);
  await pair.pass();
  await assertLevel(pair, 'main S1');
  assert.equal(await attic(pair), 'heads/main A');
});

test('a pass that was killed after the send lists what GitLab has by then', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  const before = (await pair.must(clone, 'rev-parse', 'main')).trim() as Oid;
  const after = (await pair.commit(clone, 'A')) as Oid;
  await pushAlone('main');
  const { world } = openByPath(pair.agentFolder, pair.old);
  beginRequest(world, world.journal.tries(), [{ ref: main, before, after }]);
  await pair.must(clone, 'push', '--quiet', pair.gitlab, 'main');
  await pair.pass();
  assert.match((await unhookedWords(pair)).join('\n'), /it was sent on, and GitLab has it/);
  await assertLevel(pair, 'main A');
});

test('what GitLab declines is set aside with its words', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  hookOfGitlab(pair, 'pre-receive', 'echo "GitLab: not here" >&2\nexit 1');
  await pair.commit(clone, 'A');
  await pushAlone('main');
  await assertSetAside(pair, 'main S1', /not sent on: GitLab refused it: .*not here/s);
  assert.equal(await attic(pair), 'heads/main A');
});

test('objects that are missing keep a push that no hook saw from GitLab', async (t) => {
  const { pair, clone, pushAlone } = await unseen(t);
  await pair.commit(clone, 'A');
  await pushAlone('main');
  const tree = (await pair.must(clone, 'rev-parse', 'main^{tree}')).trim();
  fs.rmSync(path.join(pair.old, 'objects', tree.slice(0, 2), tree.slice(2)), { force: true });
  await pair.pass().catch(() => undefined);
  assert.match((await unhookedWords(pair)).join('\n'), /not sent on: objects of it are missing/);
  await assertLevel(pair, 'main S1');
});
