/**
 * What the push of a mirror pass does to one ref at GitLab, for each value that GitLab may have there: only the
 * expected one is ever replaced.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Git } from '../../../agent/rules/ports';
import type { Oid, PushAnswer, RefName } from '../../../agent/rules/values';
import { updateRefs } from '../kit/manyrefs';
import { gitOf } from '../kit/agentgit';
import { startPair, type Pair } from '../kit/pair';

type Value = 'older' | 'newer' | 'other' | 'absent';
type Row = readonly [expected: Value, sent: Value, gitlab: Value, answer: 'ok' | 'stale'];

const rows: readonly Row[] = [
  ['absent', 'newer', 'absent', 'ok'],
  ['absent', 'newer', 'newer', 'ok'],
  // Without a lease git would go forward here.
  ['absent', 'newer', 'older', 'stale'],
  ['absent', 'newer', 'other', 'stale'],
  ['older', 'newer', 'older', 'ok'],
  ['older', 'newer', 'newer', 'ok'],
  ['other', 'newer', 'older', 'stale'],
  ['older', 'newer', 'absent', 'stale'],
  ['newer', 'older', 'newer', 'ok'],
  ['older', 'other', 'older', 'ok'],
  ['newer', 'older', 'other', 'stale'],
  ['older', 'absent', 'older', 'ok'],
  ['older', 'absent', 'newer', 'stale'],
];

async function startSides(t: {
  after: (work: () => Promise<void>) => void;
}): Promise<{ pair: Pair; git: Git; values: Record<Value, Oid | null> }> {
  const pair = await startPair({ commits: 2 });
  t.after(() => pair.close());
  const clone = await pair.clone('old', 'ada');
  const [newer, older] = (await pair.must(clone, 'rev-list', 'HEAD')).trim().split('\n');
  await pair.must(clone, 'checkout', '--quiet', '--orphan', 'other');
  const other = await pair.commit(clone, 'other');
  for (const side of [pair.old, pair.gitlab])
    await pair.must(clone, 'push', '--quiet', side, 'other', `${newer}:refs/heads/main`);
  const git = gitOf(pair);
  return { pair, git, values: { older: older as Oid, newer: newer as Oid, other: other as Oid, absent: null } };
}

function outcomeOf(answer: PushAnswer, ref: RefName): string {
  if (answer.kind === 'rejected') return answer.refs.get(ref) ?? 'ok';
  return answer.kind;
}

for (const kind of ['heads', 'tags'] as const) {
  for (const form of ['each alone', 'all in one push', 'those that are made in one push'] as const) {
    test(`a value of refs/${kind} on GitLab is replaced only where it is the expected one: ${form}`, async (t) => {
      const { pair, git, values } = await startSides(t);
      const chosen = rows.filter(([expected]) => form !== 'those that are made in one push' || expected === 'absent');
      const cases = chosen.map((row, index) => ({
        row,
        update: { ref: `refs/${kind}/x/r${index}` as RefName, before: values[row[0]], after: values[row[1]] },
      }));
      updateRefs(
        pair.gitlab,
        cases.flatMap(({ row, update }) =>
          row[2] === 'absent' ? [] : [`create ${update.ref} ${values[row[2]] ?? ''}`],
        ),
      );
      const whole =
        form === 'each alone'
          ? null
          : await git.push(
              cases.map(({ update }) => update),
              { atomic: false, lock: null },
            );
      for (const { row, update } of cases) {
        const answer = whole ?? (await git.push([update], { atomic: false, lock: null }));
        assert.equal(outcomeOf(answer, update.ref), row[3], row.join(' '));
        const now = (await pair.git(pair.gitlab, 'rev-parse', '--verify', '--quiet', update.ref)).output.trim();
        assert.equal(now, values[row[3] === 'ok' ? row[1] : row[2]] ?? '', row.join(' '));
      }
    });
  }
}

test('settings of the repository that came later change neither where a push goes nor what it may replace', async (t) => {
  const { pair, git, values } = await startSides(t);
  for (const [key, value] of [
    ['push.useForceIfIncludes', 'true'],
    ['push.followTags', 'true'],
    ['core.logAllRefUpdates', 'always'],
    ['remote.pushDefault', 'elsewhere'],
    ['remote.elsewhere.url', '/nowhere'],
    ['remote.elsewhere.fetch', '+refs/*:refs/expected/*'],
  ] as const)
    await pair.must(pair.old, 'config', key, value);
  updateRefs(pair.gitlab, [`create refs/heads/a ${values.older}`, `create refs/heads/b ${values.older}`]);
  const answer = await git.push(
    [
      { ref: 'refs/heads/a' as RefName, before: values.older, after: values.other },
      { ref: 'refs/heads/b' as RefName, before: values.newer, after: values.other },
      { ref: 'refs/heads/c' as RefName, before: null, after: values.newer },
    ],
    { atomic: false, lock: null },
  );
  assert.deepEqual(answer.kind === 'rejected' ? [...answer.refs] : answer, [['refs/heads/b', 'stale']]);
  assert.match(
    await pair.refs('gitlab'),
    new RegExp(`refs/heads/a ${values.other}\nrefs/heads/b ${values.older}\nrefs/heads/c ${values.newer}`),
  );
});

test('a ref that git cannot read here is not taken for sent, and the others are', async (t) => {
  const { pair, git, values } = await startSides(t);
  const missing = '1234567890123456789012345678901234567890' as Oid;
  const good = { ref: 'refs/heads/good' as RefName, before: null, after: values.newer };
  const answer = await git.push([good, { ref: 'refs/heads/lost' as RefName, before: null, after: missing }], {
    atomic: false,
    lock: null,
  });
  assert.notEqual(answer.kind, 'ok');
  assert.equal((await pair.git(pair.gitlab, 'rev-parse', '--verify', '--quiet', 'refs/heads/lost')).code, 1);
});
