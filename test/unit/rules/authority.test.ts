/** What the agent asks of the state before it sends for whoever shows a lease. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phases, type Phase } from '../../../agent/contract/phase';
import { isLetIn, stopOf, type Stop } from '../../../agent/rules/authority';
import type { Fence, State } from '../../../agent/rules/values';

const noon = Date.parse('2026-01-01T12:00:00Z');
const state: State = { phase: 'both', epoch: 7, hold: null, fence: null, directory: '/srv/a.git', identity: '1:2' };
const fence: Fence = {
  id: 'f',
  last: null,
  proof: 'sure',
  next: null,
  former: [],
  seen: null,
  gate: false,
  stopped: false,
};

test('nothing is sent in a phase that does not send, nor by the rules of another epoch', () => {
  const stops = (phase: Phase, epoch: number | null): Stop | null =>
    stopOf({ state: { ...state, phase }, wallMs: noon, brownouts: [] }, epoch);
  assert.deepEqual(
    phases.map((phase) => [phase, stops(phase, 7)]),
    [
      ['old', 'moved'],
      ['mirror', 'moved'],
      ['both', null],
      ['warn', null],
      ['refuse', 'closed'],
      ['retired', 'closed'],
    ],
  );
  for (const epoch of [null, 6, 8, Number.NaN]) assert.equal(stops('both', epoch), 'moved');
});

test('a brownout is from its first moment to before its last, and in `warn` only', () => {
  const brownouts = [{ from: '2026-01-01T12:00:00Z', to: '2026-01-01T13:00:00Z' }];
  const stops = (phase: Phase, wallMs: number): Stop | null =>
    stopOf({ state: { ...state, phase }, wallMs, brownouts }, 7);
  assert.deepEqual(
    [noon - 1, noon, noon + 3_599_999, noon + 3_600_000].map((wallMs) => stops('warn', wallMs)),
    [null, 'brownout', 'brownout', null],
  );
  assert.equal(stops('both', noon), null);
});

test('nobody is let in under a hold, or before GitLab has the fence of a change of phase', () => {
  assert.equal(isLetIn(state), true);
  assert.equal(isLetIn({ ...state, fence }), true);
  assert.equal(isLetIn({ ...state, fence: { ...fence, gate: true } }), false);
  assert.equal(isLetIn({ ...state, hold: { id: '1.2.x', boot: 'b', endUptimeMs: 1 } }), false);
});
