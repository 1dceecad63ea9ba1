/** What stays listed from one pass of `mirror` to the next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withListed } from '../../../agent/sync/mirrortroubles';
import type { MirrorAction } from '../../../agent/rules/decide';
import type { World } from '../../../agent/rules/ports';
import type { RefName, Trouble } from '../../../agent/rules/values';

const ref = 'refs/heads/main' as RefName;
const damaged: Trouble = { ref, kind: 'damaged', old: null, gitlab: null, agreed: null, since: 'then', words: 'lost' };

function listedAfter(action: MirrorAction, before: Trouble, found: readonly Trouble[]): readonly Trouble[] {
  const world = { journal: { troubles: () => [before] } } as unknown as World;
  return withListed(world, new Map([[ref, action]]), found);
}

test('damage stays listed while a push is on its ref: such a look has not found out that it is over', () => {
  assert.deepEqual(listedAfter({ kind: 'wait' }, damaged, []), [damaged]);
  assert.deepEqual(listedAfter({ kind: 'level', atRest: false }, damaged, []), [damaged]);
});

test('damage that a look at rest does not find is over, and other troubles are found anew by each look', () => {
  assert.deepEqual(listedAfter({ kind: 'level', atRest: true }, damaged, []), []);
  assert.deepEqual(listedAfter({ kind: 'send', expect: null, witnessed: true }, damaged, []), []);
  assert.deepEqual(listedAfter({ kind: 'wait' }, { ...damaged, kind: 'conflict' }, []), []);
});

test('a trouble that is found again keeps its date', () => {
  const again = { ...damaged, since: 'now', words: 'lost more' };
  const action: MirrorAction = { kind: 'damaged', lost: [null] };
  assert.deepEqual(listedAfter(action, damaged, [again]), [{ ...again, since: 'then' }]);
});
