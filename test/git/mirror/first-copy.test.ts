import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { kill, putGate, startMove } from '../kit/gate';
import { pairIn } from '../kit/pair';

test('a first copy cut off before it noted what GitLab took: a forced push in old is neither damage nor a writer without hooks later', async (t) => {
  const pair = await pairIn(t, 'old', { commits: 2 });
  const gate = putGate(pair, path.join(pair.gitlab, 'hooks'), 'post-receive', 'copy');
  const move = startMove(pair, 'mirror');
  await gate.arrived();
  kill(move.child.pid ?? 0);
  await move.ended;
  gate.open();
  const clone = await pair.clone('old', 'ada');
  await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  await pair.commit(clone, 'A');
  await pair.must(clone, 'push', '--force', 'origin', 'main');
  await pair.pass();
  assert.equal((await pair.move('mirror')).phase, 'mirror');
  assert.deepEqual((await pair.pass()).troubles, []);
  assert.equal(fs.existsSync(path.join(pair.state, 'unhooked')), false);
  await assertLevel(pair, 'main A');
});
