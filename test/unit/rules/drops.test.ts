import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../property';
import { bothDrops, parseDrops, printDrops, undropped } from '../../../agent/rules/drops';
import type { Drops, Lease, Oid, RefName, Update } from '../../../agent/rules/values';

const [main, next] = ['refs/heads/main', 'refs/heads/a b'] as RefName[];
const move = (ref: RefName | undefined): Update => ({
  ref: ref ?? ('' as RefName),
  before: null,
  after: 'a'.repeat(40) as Oid,
});
const lease: Lease = {
  id: 'boot.1.2.3.4',
  stage: { kind: 'entering' },
  live: false,
  began: { boot: 'boot', uptimeMs: 0 },
  updates: [move(main), move(next)],
  landed: [move(main), move(next)],
  sent: null,
  answered: false,
  gone: false,
  pids: [],
};

function dropsOf(...entries: [string, readonly (RefName | undefined)[] | 'all'][]): Drops {
  return new Map(
    entries.map(([id, refs]) => [id, refs === 'all' ? refs : new Set(refs.map((ref) => ref ?? ('' as RefName)))]),
  );
}

test('what is to be forgotten is read as it was written, with any byte in a name', () => {
  const ref = fc
    .string({
      minLength: 1,
      maxLength: 20,
      unit: fc
        .nat({ max: 255 })
        .filter((byte) => byte > 31)
        .map((byte) => String.fromCharCode(byte)),
    })
    .map((name) => `refs/heads/${name}` as RefName);
  const refs = fc.oneof(
    fc.constant<'all'>('all'),
    fc.uniqueArray(ref, { minLength: 1, maxLength: 4 }).map((names) => new Set(names)),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.stringMatching(/^[a-f0-9-]{1,36}(\.\d{1,6}){4}$/), refs), { maxLength: 6 }),
      (entries) => {
        const drops: Drops = new Map(entries);
        assert.deepEqual(parseDrops(printDrops(drops)), drops);
      },
    ),
  );
});

test('a lease keeps what is not forgotten, and goes when nothing is left', () => {
  assert.equal(undropped(lease, dropsOf(['another', 'all'])), lease);
  assert.equal(undropped(lease, dropsOf([lease.id, 'all'])), null);
  assert.equal(undropped(lease, dropsOf([lease.id, [main, next]])), null);
  const left = undropped(lease, dropsOf([lease.id, [main]]));
  assert.deepEqual([left?.updates, left?.landed], [[move(next)], [move(next)]]);
});

test('a running push keeps its records whatever is written down about it', () => {
  const running = { ...lease, live: true };
  assert.equal(undropped(running, dropsOf([lease.id, 'all'])), running);
});

test('what an earlier pass could not finish is added to, never replaced', () => {
  const earlier = dropsOf(['a', [main]], ['b', 'all'], ['c', [main]]);
  const later = dropsOf(['a', [next]], ['b', [main]], ['c', 'all'], ['d', [main]]);
  assert.deepEqual(bothDrops(earlier, later), dropsOf(['a', [main, next]], ['b', 'all'], ['c', 'all'], ['d', [main]]));
});
