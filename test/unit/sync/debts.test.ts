import assert from 'node:assert/strict';
import { test } from 'node:test';
import { owedTo, type Ledger } from '../../../agent/sync/debts';
import type { Lease, Oid, OldSide, RefName, State } from '../../../agent/rules/values';

const count = 40_000;
const one = 'a'.repeat(40) as Oid;

function names(folder: string): RefName[] {
  return Array.from({ length: count }, (_, index) => `refs/heads/${folder}/${index}` as RefName);
}

test('what is owed is told at once, however many refs are owed and however many a push brought', async () => {
  const now = { boot: 'b', uptimeMs: 1_000 };
  const changes = names('brought').map((ref) => ({ ref, before: null, after: one }));
  const lease: Partial<Lease> = {
    id: 'l',
    live: false,
    began: { boot: 'b', uptimeMs: 100 },
    updates: changes,
    landed: null,
  };
  const old: OldSide = { refs: new Map(names('owed').map((ref) => [ref, one])), broken: [], head: null };
  const ledger: Ledger = {
    config: { namespaces: [] },
    clock: { now: () => now, wall: () => '2030-01-31T09:00:00Z', sleep: () => Promise.resolve() },
    journal: {
      state: () => ({ phase: 'mirror' }) as State,
      agreed: () => new Map(),
      leases: () => [lease as Lease],
      lastPass: () => ({ wall: '2030-01-31T09:00:00Z', at: { boot: 'b', uptimeMs: 900 } }),
    },
    git: { oldSide: () => Promise.resolve(old) },
  };
  const start = performance.now();
  assert.deepEqual(await owedTo(ledger), { debts: count, lagMs: 100 });
  const ms = performance.now() - start;
  assert.ok(ms < 2_000, `it took ${ms} ms`);
});
