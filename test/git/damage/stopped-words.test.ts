/** What people read while a pass is stopped: who pushes, who looks at `status`, and who gives something back. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RefTrouble } from '../../../agent/contract/views';
import { assertSides } from '../kit/ending';
import { updateRefs } from '../kit/manyrefs';
import { pairIn, type Pair } from '../kit/pair';

/** Eight branches that both sides have; then GitLab is taken back by a commit on two of them. */
async function stoppedPair(t: TestContext): Promise<{ pair: Pair; clone: string }> {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('old', 'ada');
  const names = [1, 2, 3, 4, 5, 6, 7].map((index) => `main:t${index}`);
  await pair.must(clone, 'push', '--quiet', 'origin', ...names);
  await pair.pass();
  updateRefs(
    pair.gitlab,
    ['main', 't1', 't2', 't3', 't4', 't5', 't6', 't7'].map((name) => `update refs/heads/${name} main~1`),
  );
  return { pair, clone };
}

async function stop(pair: Pair): Promise<RefTrouble> {
  const [trouble, ...others] = (await pair.pass()).troubles;
  assert.ok(trouble !== undefined && others.length === 0);
  assert.equal(trouble.kind, 'stopped');
  return trouble;
}

test('whoever pushes while a pass is stopped reads that GitLab lost commits, and never to put theirs on top of it', async (t) => {
  const { pair, clone } = await stoppedPair(t);
  await stop(pair);
  await pair.commit(clone, 'A');
  const seen = await pair.git(clone, 'push', 'origin', 'main');
  assert.match(seen.output, /GitLab no longer has commits that this server has/);
  assert.match(seen.output, /Keep your commits, and ask the administrator/);
  assert.doesNotMatch(seen.output, /newer commits|rebase|set-url/);
});

test('the words of a stop are those of today, and it names the refs that it holds back', async (t) => {
  const { pair } = await stoppedPair(t);
  const first = await stop(pair);
  assert.match(first.words, /take 8 of 8 refs back/);
  const refs = (trouble: RefTrouble): string | undefined => trouble.held?.refs.map(({ ref }) => ref).join(' ');
  assert.equal(first.held?.count, 8);
  const whole = (await pair.must(pair.old, 'rev-parse', 'main')).trim();
  for (const name of ['main', 't2', 't3', 't4', 't5', 't6', 't7'])
    await pair.must(pair.gitlab, 'update-ref', `refs/heads/${name}`, whole);
  const left = await stop(pair);
  assert.match(left.words, /still delete or rewind 1 of 8 refs/);
  assert.equal(refs(left), 'refs/heads/t1');
  assert.equal(left.since, first.since);
  await pair.must(pair.gitlab, 'update-ref', 'refs/heads/t1', whole);
  assert.deepEqual((await pair.pass()).troubles, []);
});

test('what a give-back set back is not offered to be given back', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('gitlab', 'bob');
  await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main~1:main');
  const [lost] = (await pair.pass()).taken ?? [];
  assert.ok(lost !== undefined);
  const request = { path: pair.old, attic: lost.attic, reason: 'rewound by mistake', who: 'ada', apply: true };
  await pair.must(clone, 'switch', '--quiet', '--detach', 'main~1');
  await pair.commit(clone, 'W');
  await pair.must(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  await pair.pass();
  await pair.call('giveback', request);
  await assertSides(pair, { old: 'main S2', gitlab: 'main S2' });
  assert.deepEqual((await pair.pass()).taken, []);
});

test("while a pass is stopped old's HEAD stays, and follows once it goes on", async (t) => {
  const { pair } = await stoppedPair(t);
  await pair.must(pair.gitlab, 'symbolic-ref', 'HEAD', 'refs/heads/t1');
  await stop(pair);
  const head = async (): Promise<string> => (await pair.must(pair.old, 'symbolic-ref', 'HEAD')).trim();
  assert.equal(await head(), 'refs/heads/main');
  const settle = { path: pair.old, ref: 'refs/', reason: 'r', who: 'w', apply: true };
  await pair.call('resolve', { ...settle, keep: 'gitlab' });
  assert.equal(await head(), 'refs/heads/t1');
});
