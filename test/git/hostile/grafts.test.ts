/**
 * Grafts and replacements tell git another history than the objects have, here and not at GitLab: what is decided by
 * history is decided by the objects.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { openGit } from '../../../agent/git/git';
import type { Git } from '../../../agent/rules/ports';
import type { Oid } from '../../../agent/rules/values';
import { assertLevel, assertSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** Three commits, one on top of the other, and one beside them. */
interface Commits {
  readonly first: Oid;
  readonly second: Oid;
  readonly third: Oid;
  readonly other: Oid;
}

async function commitsOf(pair: Pair): Promise<Commits> {
  const [third, second, first] = (await pair.must(pair.old, 'rev-list', 'main')).trim().split('\n') as Oid[];
  const other = (await pair.must(pair.old, 'commit-tree', '-m', 'other', 'main^{tree}')).trim() as Oid;
  await pair.must(pair.old, 'update-ref', 'refs/heads/other', other);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three commits were made');
  return { first, second, third, other };
}

function doorOf(pair: Pair): Git {
  return openGit({
    directory: pair.old,
    folder: pair.agentFolder,
    quarantine: {},
    url: pair.config.gitlabUrl,
    ciSkip: true,
    askMs: 60_000,
    silentMs: 60_000,
    asideFolder: path.join(pair.state, 'aside'),
    networkFolder: path.join(pair.state, 'network'),
    sendFolder: path.join(pair.state, 'sending'),
  });
}

/** Everything that is decided by history. */
async function answers(git: Git, { first, second, third, other }: Commits): Promise<unknown[]> {
  const moves = [
    { before: first, after: third },
    { before: other, after: third },
    { before: third, after: first },
  ];
  return [
    await git.isAncestor(first, third),
    await git.isAncestor(other, third),
    await git.forward(moves),
    await git.isRelated(first, third),
    await git.isRelated(other, third),
    [...(await git.uncontained([first, second, other], [third]))],
    await git.complete([third]),
    await git.connected([third]),
    (await git.commitsBeyond(third, [first], 5)).count,
  ];
}

/** `third` comes after `other`, and no longer after `second`. */
const lies: Readonly<Record<string, (pair: Pair, commits: Commits) => Promise<unknown>>> = {
  'a graft': async (pair, { third, other }) =>
    fs.writeFileSync(path.join(pair.old, 'info/grafts'), `${third} ${other}\n`),
  'a replacement': (pair, { third, other }) => pair.must(pair.old, 'replace', '--graft', third, other),
};

for (const [name, lie] of Object.entries(lies))
  test(`${name} changes no answer about history`, async (t) => {
    const pair = await pairIn(t, 'old', { commits: 3 });
    const commits = await commitsOf(pair);
    const honest = await answers(doorOf(pair), commits);
    await lie(pair, commits);
    assert.equal((await pair.git(pair.old, 'merge-base', '--is-ancestor', commits.other, commits.third)).code, 0);
    assert.deepEqual(await answers(doorOf(pair), commits), honest);
    // What the history lost, and only a graft hides.
    fs.rmSync(path.join(pair.old, 'objects', commits.second.slice(0, 2), commits.second.slice(2)));
    assert.equal(await doorOf(pair).complete([commits.third]), false);
  });

test('a branch that moved aside in mirror is damaged, also where a graft says that it went forward', async (t) => {
  const pair = await pairIn(t, 'mirror', { commits: 2 });
  const [agreed] = (await pair.must(pair.old, 'rev-list', 'main')).trim().split('\n');
  const made = (await pair.must(pair.old, 'commit-tree', '-m', 'stray', 'main^{tree}')).trim();
  const stray = await pair.name(pair.old, made, 'A');
  fs.writeFileSync(path.join(pair.old, 'info/grafts'), `${stray} ${String(agreed)}\n`);
  await pair.must(pair.old, 'update-ref', 'refs/heads/main', stray);
  assert.deepEqual(
    (await pair.pass()).troubles.map(({ kind, ref }) => `${kind} ${ref}`),
    ['damaged refs/heads/main'],
  );
  await assertSides(pair, { old: 'main A', gitlab: 'main S2' });
});

test('beside a graft a push in both is taken, and git says nothing of it', async (t) => {
  const pair = await pairIn(t, 'both', { commits: 2 });
  const clone = await pair.clone('old', 'ada');
  const made = (await pair.must(pair.old, 'commit-tree', '-m', 'stray', 'main^{tree}')).trim();
  fs.writeFileSync(path.join(pair.old, 'info/grafts'), `${made}\n`);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
});
