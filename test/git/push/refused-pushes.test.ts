/** Pushes that GitLab refuses one after the other: whoever runs the servers sees it, not only those who push. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { RepositoryStatus } from '../../../agent/contract/views';
import { pairIn, type Pair } from '../kit/pair';

interface Seen {
  readonly count: number | undefined;
  readonly words: string | undefined;
  readonly faults: string[];
}

async function seen(pair: Pair): Promise<Seen> {
  const { repositories, faults } = await pair.call('status', { paths: [] });
  const { refused }: Partial<RepositoryStatus> = repositories[0] ?? {};
  return {
    count: refused?.count,
    words: refused?.words,
    faults: faults.filter(({ code }) => code === 'pushes-refused').map(({ message }) => message),
  };
}

test('pushes that GitLab refuses one after the other are counted in status with its words, until it takes one', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const hook = path.join(pair.gitlab, 'hooks', 'pre-receive');
  const none = { count: undefined, words: undefined, faults: [] };
  assert.deepEqual(await seen(pair), none);
  fs.writeFileSync(hook, '#!/bin/sh\necho "not on a Friday, früh" >&2\nexit 1\n', { mode: 0o755 });
  await pair.commit(clone, 'A');
  const push = (): Promise<{ code: number; output: string }> => pair.git(clone, 'push', 'origin', 'main');
  for (let turn = 0; turn < 2; turn++) assert.match((await push()).output, /not on a Friday/);
  const twice = await seen(pair);
  assert.deepEqual([twice.count, twice.faults], [2, []], 'one person who tries again is no alarm');
  assert.match(twice.words ?? '', /not on a Friday/);
  await push();
  const [fault = '', ...more] = (await seen(pair)).faults;
  assert.match(
    fault,
    /^Cannot bring pushes to \S+ to GitLab: since \S+Z it refused 3 one after the other, and said: .*not on a Friday, früh/s,
  );
  assert.deepEqual(more, []);
  fs.rmSync(hook);
  assert.equal((await push()).code, 0);
  assert.deepEqual(await seen(pair), none);
});

test('a refusal that was counted before a change of phase is none of the phase after', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const hook = path.join(pair.gitlab, 'hooks', 'pre-receive');
  fs.writeFileSync(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await pair.commit(clone, 'A');
  await pair.git(clone, 'push', 'origin', 'main');
  assert.equal((await seen(pair)).count, 1);
  fs.rmSync(hook);
  await pair.move('warn');
  assert.equal((await seen(pair)).count, undefined);
});
