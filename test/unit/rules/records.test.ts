/** What the records of pushes say about a ref: what was lost, what leads on, what moves just now. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../property';
import { areOrdered, isLive, leads, lostValues, movingRefs, type EndedRecord } from '../../../agent/rules/records';
import type { Lease, Oid, RefName } from '../../../agent/rules/values';

const ref = (name: string): RefName => name as RefName;
const oid = (letter: string): Oid => letter.repeat(40) as Oid;

function lost(
  records: readonly EndedRecord[],
  present: Oid | null,
  listed: readonly (Oid | null)[] = [],
): (Oid | null)[] {
  return lostValues(records, present, areOrdered(records, 'b'), listed);
}

test('records lead over cycles without end', () => {
  const record = (before: Oid | null, after: Oid | null): EndedRecord => ({
    ref: ref('refs/heads/x'),
    before,
    after,
    confirmed: true,
    boot: 'b',
  });
  const cycle = [record(oid('a'), oid('b')), record(oid('b'), oid('a'))];
  assert.equal(leads(cycle, oid('a'), oid('c')), false);
  assert.equal(leads(cycle, oid('a'), oid('a')), true);
  assert.deepEqual(lost(cycle, oid('a')), []);
  assert.deepEqual(lost(cycle, oid('c')), [oid('b'), oid('a')]);
});

/** Records of pushes that took a ref through these values, one after the other. */
function walk(values: readonly (Oid | null)[]): EndedRecord[] {
  return values.slice(1).map((after, index) => ({
    ref: ref('refs/heads/x'),
    before: values[index] ?? null,
    after,
    confirmed: true,
    boot: 'b',
  }));
}

test('whatever way pushes took, also where some were cut off after git had applied them, nothing is lost', () => {
  const value = fc.constantFrom(null, oid('a'), oid('b'), oid('c'));
  const way = fc
    .array(fc.record({ to: value, isTold: fc.boolean() }), { minLength: 1, maxLength: 14 })
    .map((steps) => steps.filter(({ to }, index) => to !== steps[index - 1]?.to));
  fc.assert(
    fc.property(way, (steps) => {
      const records = walk(steps.map(({ to }) => to)).map((record, index) => ({
        ...record,
        confirmed: steps[index]?.isTold === true,
      }));
      assert.deepEqual(lost(records, steps.at(-1)?.to ?? null), []);
    }),
    { numRuns: 1_000 },
  );
});

test('a value that old lost is seen although an earlier push had gone on from the same value', () => {
  const [a, b, c, d, z] = ['a', 'b', 'c', 'd', 'e'].map(oid) as [Oid, Oid, Oid, Oid, Oid];
  // Old went to b each time without a push.
  const after = walk([b, c, null, d]);
  assert.deepEqual(lost([...walk([null, a, null, a]), ...after], d), [a]);
  assert.deepEqual(lost([...walk([a, null, a]), ...after], d), [a]);
  assert.deepEqual(lost([...walk([a, b, a]), ...walk([b, c])], c), [a]);
  const dead: EndedRecord = { ref: ref('refs/heads/x'), before: a, after: z, confirmed: false, boot: 'b' };
  assert.deepEqual(lost([...walk([null, a, null, a]), dead, ...after], d), [a]);
});

test('a value that old lost and that was pushed again is not lost when people go on from it', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(oid) as [Oid, Oid, Oid];
  assert.deepEqual(lost([...walk([a, b]), ...walk([a, b, c])], c), []);
  assert.deepEqual(lost([...walk([null, a]), ...walk([null, a, null])], null), []);
  assert.deepEqual(lost([...walk([a, b]), ...walk([a, c])], c), [b]);
});

test('the present boot is the last one; of several earlier boots nobody knows the order, and what leads on is not lost', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(oid) as [Oid, Oid, Oid];
  const of = (boot: string, values: readonly (Oid | null)[]): EndedRecord[] =>
    walk(values).map((record) => ({ ...record, boot }));
  // The present value was come to before, and lost when the machine went down.
  assert.deepEqual(lost([...of('earlier', [c, a, b, a]), ...walk([b, c])], c), [a]);
  assert.deepEqual(lost([...of('earlier', [c, a, b]), ...walk([b, c])], c), []);
  assert.deepEqual(lost([...of('one', [b, c]), ...of('two', [a, b])], c), []);
  assert.deepEqual(lost([...walk([b, c]), ...walk([a, b])], c), [b]);
});

test('a value that was listed as lost stays so where the order of its records is not known any more, until it is there again', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(oid) as [Oid, Oid, Oid];
  const records = [
    ...walk([c, a, b, a]).map((record) => ({ ...record, boot: 'one' })),
    ...walk([b, c]).map((record) => ({ ...record, boot: 'two' })),
  ];
  assert.deepEqual(lost(records, c), []);
  assert.deepEqual(lost(records, c, [a]), [a]);
  assert.deepEqual(lost(records, a, [a]), []);
  assert.deepEqual(lost(walk([b, c]), c, [a]), []);
});

test('only a value whose pusher read "ok" can be lost, and none that records lead on from', () => {
  const record = (before: Oid | null, after: Oid | null, confirmed = true): EndedRecord => ({
    ref: ref('refs/heads/x'),
    before,
    after,
    confirmed,
    boot: 'b',
  });
  assert.deepEqual(lost([record(oid('a'), oid('b'))], oid('a')), [oid('b')]);
  assert.deepEqual(lost([record(oid('a'), oid('b'), false)], oid('a')), []);
  assert.deepEqual(lost([record(oid('a'), null)], oid('a')), [null]);
});

test('a push that began and ended while both sides were read is neither damage nor a writer without hooks', () => {
  const update = { ref: ref('refs/heads/x'), before: oid('a'), after: oid('b') };
  const ended: Lease = {
    id: '1',
    stage: { kind: 'acting', epoch: 1, phase: 'mirror' },
    live: false,
    began: { boot: '', uptimeMs: 0 },
    updates: [update],
    landed: [update],
    sent: null,
    answered: false,
    gone: false,
    pids: [],
  };
  assert.equal(isLive(movingRefs([], [ended]), update.ref), true);
  assert.equal(isLive(movingRefs([{ ...ended, live: true, landed: null }], [ended]), update.ref), true);
  assert.equal(isLive(movingRefs([ended], [ended]), update.ref), false);
  assert.equal(
    isLive(movingRefs([], [{ ...ended, live: true, landed: null, stage: { kind: 'waiting' } }]), update.ref),
    false,
  );
});
