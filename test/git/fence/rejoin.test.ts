/** One side went back in time, and a person brings both together again: 11 of docs/design/fence.md. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel, assertSides, attic, untilLevel } from '../kit/ending';
import { updateRefs } from '../kit/manyrefs';
import { fenced, fencesOf, kinds, snapshot, withoutWakes } from './kit';

test('a person brings together what an old that came back from a snapshot and GitLab have, in the right phase (11)', async (t) => {
  const pair = await fenced(t, 'mirror');
  withoutWakes(pair);
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:topic');
  await pair.pass();
  await assertLevel(pair, 'main S1, topic S1');
  const back = snapshot(pair.old, pair.state);
  await pair.move('both');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main', ':topic');
  await pair.pass();
  back();
  await pair.pass();
  const asked = { path: pair.old, keep: 'gitlab', but: [], phase: 'both', reason: 'backup', who: 'ada' } as const;
  const shown = await pair.call('rejoin', { ...asked, but: [], apply: false });
  assert.match(
    shown.text,
    /heads\/main stays [0-9a-f]{8} as GitLab has it; old has [0-9a-f]{8}, which goes to the attic/,
  );
  assert.match(shown.text, /heads\/topic is deleted as GitLab has it/);
  await assertSides(pair, { old: 'main S1, topic S1', gitlab: 'main A' });
  const done = await pair.call('rejoin', { ...asked, but: ['refs/heads/topic'], apply: true });
  assert.match(done.text, /Both sides are level, in both/);
  await assertLevel(pair, 'main A, topic S1');
  assert.deepEqual(await kinds(pair), []);
  assert.equal(await attic(pair), 'heads/main S1');
  await pair.commit(clone, 'B');
  assert.match((await pair.git(clone, 'push', 'origin', 'main')).output, /GitLab has main at/);
  await pair.pass();
  await assertLevel(pair, 'main B, topic S1');
});

test('a person keeps what old has where GitLab was made anew, and a repository in order needs none', async (t) => {
  const pair = await fenced(t, 'both');
  const asked = { path: pair.old, keep: 'old', phase: null, reason: 'r', who: 'w', apply: true } as const;
  await assert.rejects(pair.call('rejoin', { ...asked, but: [] }), /where they left each other/);
  const gone = (await pair.must(pair.gitlab, 'for-each-ref', '--format=%(refname)')).trim().split('\n');
  updateRefs(
    pair.gitlab,
    gone.map((ref) => `delete ${ref}`),
  );
  await pair.pass();
  assert.deepEqual(await kinds(pair), ['travelled refs/']);
  await pair.call('rejoin', { ...asked, but: [] });
  await assertLevel(pair, 'main S1');
  assert.equal((await fencesOf(pair)).length, 1);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet');
  await untilLevel(pair, 'main A');
});

test('what a person decided stands in the book of decisions, also where GitLab let it end halfway', async (t) => {
  const pair = await fenced(t, 'both');
  const gone = (await pair.must(pair.gitlab, 'for-each-ref', '--format=%(refname)')).trim().split('\n');
  updateRefs(
    pair.gitlab,
    gone.map((ref) => `delete ${ref}`),
  );
  await pair.pass();
  const hook = path.join(pair.gitlab, 'hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\ngrep -q refs/handover && exit 1\nexit 0\n', { mode: 0o755 });
  const asked = { path: pair.old, keep: 'old', phase: null, reason: 'anew', who: 'ada', apply: true } as const;
  await assert.rejects(pair.call('rejoin', { ...asked, but: [] }));
  assert.match(readFileSync(path.join(pair.agentFolder, 'decisions'), 'utf8'), /"rejoin".*"ada".*"anew"/);
  rmSync(hook);
  await pair.call('rejoin', { ...asked, but: [] });
  await assertLevel(pair, 'main S1');
});
