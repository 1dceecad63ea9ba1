/**
 * The repository's own hooks, which run for what came from GitLab: what one that hangs, fails or is killed may not do
 * to passes, pushes and moves, and that each change is heard, in order.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RepositoryStatus } from '../../../agent/contract/views';
import { openByPath } from '../../../agent/repository/open';
import { parseUpdate } from '../../../agent/rules/refs';
import { until } from '../../lab/processes';
import { running } from '../../lab/processtree';
import { assertLevel } from '../kit/ending';
import { kill } from '../kit/gate';
import { pairIn, type Pair, type PairOptions } from '../kit/pair';

const withinMs = 30_000;

interface Heard {
  readonly pair: Pair;
  /** A clone of GitLab. */
  readonly clone: string;
  /** What post-receive was given, in order: `main A, deploy B`. */
  readonly heard: () => string;
  /** Branches whose post-receive hangs. */
  readonly hanging: (...branches: readonly string[]) => void;
  /** Processes in which one hangs now. */
  readonly hung: () => number[];
}

/** In `both`, with a post-receive that hangs, as a deploy may whose server is away. */
async function withHook(t: TestContext, options: PairOptions = {}): Promise<Heard> {
  const pair = await pairIn(t, 'both', options);
  const [note, hangs] = [path.join(pair.folder, 'heard'), path.join(pair.folder, 'hangs')];
  // No other process sleeps for exactly so long.
  const sleep = `sleep 300.${process.pid}`;
  const hung = (): number[] => running(sleep);
  t.after(() => kill(...hung()));
  const lines = [
    '#!/bin/sh',
    'while read -r before after ref; do',
    `  echo "$ref $after" >>${note}`,
    `  if grep -qx "\${ref#refs/heads/}" ${hangs}; then echo "deploying \${ref#refs/heads/}"; ${sleep}; fi`,
    'done',
    'exit 0',
  ];
  fs.writeFileSync(hangs, '');
  fs.writeFileSync(path.join(pair.old, 'hooks/post-receive'), `${lines.join('\n')}\n`, { mode: 0o755 });
  return {
    pair,
    clone: await pair.clone('gitlab', 'ada'),
    heard: () => pair.letters.draw(fs.existsSync(note) ? fs.readFileSync(note, 'utf8') : ''),
    hanging: (...branches) => fs.writeFileSync(hangs, branches.map((branch) => `${branch}\n`).join('')),
    hung,
  };
}

async function statusOf(pair: Pair): Promise<RepositoryStatus> {
  const [one] = (await pair.call('status', { paths: [pair.old] })).repositories;
  if (one === undefined) throw new Error(`Cannot tell the status of ${pair.old}: expected one repository.`);
  return one;
}

test('an own post-receive that hangs keeps nobody waiting: passes, pushes and a move go on, and it is shown and ended at its limit', async (t) => {
  const { pair, clone, hanging, hung } = await withHook(t, { limits: { leaseMs: 15_000 } });
  hanging('deploy', 'again');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:deploy');
  await pair.pass();
  await until('the hook to hang', () => hung().length > 0, withinMs);
  const first = hung();
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:again');
  await pair.pass();
  await pair.commit(clone, 'B');
  await pair.must(clone, 'push', '--quiet', pair.old, 'main');
  await pair.move('warn');
  await assertLevel(pair, 'again A, deploy A, main B');
  assert.deepEqual(hung(), first);
  first.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  await until('status to show it', async () => (await statusOf(pair)).troubles.length > 0, withinMs);
  assert.ok(!hung().some((pid) => first.includes(pid)));
  const [trouble] = (await statusOf(pair)).troubles;
  assert.deepEqual([trouble?.kind, trouble?.ref], ['failing', 'post-receive']);
  assert.match(trouble?.words ?? '', /longer than 15 s and was ended\. It printed last:\ndeploying \w+$/);
  hanging();
  kill(...hung());
  await until('status to be well', async () => (await statusOf(pair)).troubles.length === 0, withinMs);
});

test('a killed runner leaves its hook to end alone: it is not run twice at once, and every change is heard, in order', async (t) => {
  const { pair, clone, hanging, hung, heard } = await withHook(t);
  hanging('deploy');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:deploy');
  await pair.pass();
  await until('the hook to hang', () => hung().length === 1, withinMs);
  for (const name of ['B', 'C']) {
    await pair.commit(clone, name);
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await pair.pass();
  }
  const runner = path.join(pair.state, 'own-hooks/runner');
  kill(parseInt(fs.readFileSync(runner, 'utf8'), 10));
  await pair.pass();
  await pair.must(clone, 'push', '--quiet', 'origin', 'main:more');
  await pair.pass();
  assert.equal(heard(), 'deploy A');
  hanging();
  kill(...hung());
  await until(
    'every change to be heard',
    async () => {
      await pair.pass();
      return heard().endsWith('more C');
    },
    withinMs,
  );
  assert.equal(heard(), 'deploy A, deploy A, main B, main C, more C');
});

test('a pass that was killed while it set refs: what it had set is heard, and what it had not is not', async (t) => {
  const { pair, clone, heard } = await withHook(t);
  const oid = await pair.commit(clone, 'A');
  const zeros = '0'.repeat(40);
  await pair.must(clone, 'push', '--quiet', pair.gitlab, 'main:done');
  await pair.must(pair.old, 'fetch', '--quiet', pair.gitlab, 'done:done');
  const { world } = openByPath(pair.agentFolder, pair.old);
  world.ownHooks.plan([`${zeros} ${oid} refs/heads/done`, `${zeros} ${oid} refs/heads/undone`].map(parseUpdate));
  await pair.pass();
  await until('the change to be heard', () => heard() !== '', withinMs);
  await pair.pass();
  assert.equal(heard(), 'done A');
  assert.equal(world.ownHooks.planned(), null);
});

test('a hook that fails is shown with what it printed until it ends well, or is taken away', async (t) => {
  const { pair, clone } = await withHook(t);
  const hook = path.join(pair.old, 'hooks/post-update');
  fs.writeFileSync(hook, '#!/bin/sh\necho "no such host: $1" >&2\nexit 3\n', { mode: 0o755 });
  const troubles = async (): Promise<string[]> =>
    (await statusOf(pair)).troubles.map(({ kind, ref, words }) => `${ref} is ${kind}: ${words}`);
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await pair.pass();
  await until('status to show it', async () => (await troubles()).length > 0, withinMs);
  assert.deepEqual(await troubles(), [
    'post-update is failing: It failed. It printed last:\nno such host: refs/heads/main',
  ]);
  fs.chmodSync(hook, 0o644);
  assert.deepEqual(await troubles(), []);
});
