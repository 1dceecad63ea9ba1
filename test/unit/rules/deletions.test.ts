import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDeletions } from '../../../agent/rules/deletions';
import type { EndedRecord } from '../../../agent/rules/records';
import type { Deleted, Oid, RefName, Refs } from '../../../agent/rules/values';

const main = 'refs/heads/main' as RefName;
const refs = (...names: string[]): Refs => new Map(names.map((name) => [name as RefName, name as Oid]));
const none = new Map<RefName, EndedRecord[]>();

test('without a deletion nobody asks what was remembered', () => {
  const never = (): Deleted => {
    throw new Error('asked');
  };
  assert.equal(withDeletions(never, { before: refs('a'), after: refs('a', 'b'), ended: none }), null);
});

test('the agreed value is remembered, and those of pushes between two passes; the newest last', () => {
  const record = (before: string | null, after: string | null): EndedRecord => ({
    ref: main,
    before: before as Oid | null,
    after: after as Oid | null,
    confirmed: true,
    boot: 'b',
  });
  const ended = new Map([[main, [record('a', 'b'), record('b', 'c'), record('c', null)]]]);
  const before = new Map([[main, 'a' as Oid]]);
  const all = withDeletions(() => new Map([[main, ['b', 'x'] as Oid[]]]), { before, after: refs(), ended });
  assert.deepEqual(all?.get(main), ['x', 'a', 'b', 'c']);
  assert.equal(
    withDeletions(() => all ?? new Map<RefName, Oid[]>(), { before: refs(), after: refs(), ended: none }),
    null,
  );
});

test('what old still has is not remembered as deleted, though GitLab has no value of it yet', () => {
  const ended = new Map([[main, [{ ref: main, before: 'a' as Oid, after: 'b' as Oid, confirmed: true, boot: 'b' }]]]);
  const old = new Map([[main, 'b' as Oid]]);
  assert.equal(
    withDeletions(() => new Map(), { before: refs(), after: refs(), ended, old }),
    null,
  );
});

test('the list is bounded: the oldest go', () => {
  const many = refs(...Array.from({ length: 1_200 }, (_none, index) => `${index}`));
  const known = (): Deleted => new Map([[main, ['a' as Oid]]]);
  const kept = withDeletions(known, { before: many, after: refs(), ended: none });
  assert.deepEqual([kept?.size, kept?.has(main), kept?.has('1199' as RefName)], [1_000, false, true]);
});
