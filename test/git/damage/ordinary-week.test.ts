/** A week of what people do on GitLab, each with one ordinary command: none may stop a repository for everybody. */
import assert from 'node:assert/strict';
import * as path from 'node:path';
import { test } from 'node:test';
import { bothSides } from '../kit/ending';
import { pairIn, type Pair } from '../kit/pair';

/** `bob` has a clone of GitLab with all branches; `push` is his to GitLab. */
interface Week {
  readonly pair: Pair;
  readonly bob: string;
  readonly push: (...args: string[]) => Promise<string>;
}

interface Row {
  readonly what: string;
  readonly does: (week: Week) => Promise<unknown>;
}

const stack = [1, 2, 3, 4, 5].map((step) => `stack-${step}`);
/** Of 33 refs. */
const merged = Array.from({ length: 20 }, (_, index) => `merged-${index}`);

const rows: readonly Row[] = [
  {
    what: 'deletes all merged branches, which are three fifths of all refs',
    does: ({ push }) => push('--delete', ...merged),
  },
  {
    what: 'amends main',
    does: async ({ pair, bob, push }) => {
      await pair.amend(bob, 'amended');
      await push('--force', 'main');
    },
  },
  { what: 'resets main by one commit', does: ({ push }) => push('--force', 'main~1:main') },
  {
    what: 'resets two branches in one push',
    does: ({ push }) => push('--force', 'topic-1~1:topic-1', 'topic-2~1:topic-2'),
  },
  {
    what: 'resets main and a branch in one push',
    does: ({ push }) => push('--force', 'main~2:main', 'topic-3~1:topic-3'),
  },
  {
    what: 'rebases a stack of five with --update-refs, and pushes it',
    does: async ({ pair, bob, push }) => {
      await pair.must(bob, 'switch', '--quiet', 'stack-5');
      await pair.must(bob, 'rebase', '--quiet', '--update-refs', 'newer');
      await push('--force', ...stack);
      for (const name of stack) await pair.name(bob, name, `${name} anew`);
    },
  },
  {
    what: 'sets staging back',
    does: async ({ pair, push }) => {
      await push('--force', 'topic-4:staging');
      assert.deepEqual((await pair.pass()).troubles, []);
      await push('--force', 'main~2:staging');
    },
  },
  { what: 'deletes two branches that nobody merged', does: ({ push }) => push('--delete', 'topic-4', 'topic-5') },
  {
    what: 'pushes with --prune from a clone that has all',
    does: ({ pair }) => withMirrorClone(pair, 'pruned', ['push', '--prune', 'origin', 'refs/heads/*', 'refs/tags/*']),
  },
  {
    what: 'pushes with --mirror from a clone that has all',
    does: ({ pair }) => withMirrorClone(pair, 'mirrored', ['push', '--mirror', 'origin']),
  },
];

/** What such a clone brings with it besides people's refs (merge requests, …) GitLab's own hooks refuse. */
async function withMirrorClone(pair: Pair, name: string, push: readonly string[]): Promise<void> {
  await pair.must(pair.folder, 'clone', '--quiet', '--mirror', pair.gitlab, name);
  const clone = path.join(pair.folder, name);
  await pair.must(clone, 'config', 'remote.origin.mirror', 'false');
  await pair.must(clone, ...push, '--quiet');
}

/** main S3; five topics, a stack of five, and twenty branches that are merged into `newer`. */
async function prepare(pair: Pair): Promise<Week> {
  const bob = await pair.clone('gitlab', 'bob');
  const branch = async (name: string, from: string): Promise<void> => {
    await pair.must(bob, 'switch', '--quiet', '--create', name, from);
    await pair.commit(bob, name);
  };
  for (const number of [1, 2, 3, 4, 5]) await branch(`topic-${number}`, 'main');
  for (const [index, name] of stack.entries()) await branch(name, index === 0 ? 'main' : (stack[index - 1] ?? ''));
  for (const name of merged) await branch(name, 'main');
  await branch('newer', 'main');
  await pair.must(bob, 'merge', '--quiet', '--no-edit', ...merged);
  await pair.name(bob, 'HEAD', 'merge');
  await pair.must(bob, 'branch', '--quiet', 'staging', 'main');
  await pair.must(bob, 'push', '--quiet', 'origin', '--all');
  await pair.must(bob, 'switch', '--quiet', 'main');
  assert.deepEqual((await pair.pass()).troubles, []);
  return { pair, bob, push: (...args) => pair.must(bob, 'push', '--quiet', 'origin', ...args) };
}

test('a week of ordinary commands, one after the other: old follows each, and none stops the repository', async (t) => {
  const week = await prepare(await pairIn(t, 'both', { commits: 3 }));
  const { pair } = week;
  for (const { what, does } of rows) {
    const before = await bothSides(pair);
    await does(week);
    assert.deepEqual((await pair.pass()).troubles, [], `somebody ${what}`);
    const { old, gitlab } = await bothSides(pair);
    assert.equal(old, gitlab, `somebody ${what}`);
    assert.equal(old === before.old, /from a clone that has all/.test(what), `somebody ${what}: seen by both`);
  }
});
