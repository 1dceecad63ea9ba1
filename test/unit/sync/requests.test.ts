/** Until when a request that GitLab never answered may still land there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteGoneClients, ownMayLand, pushMayLand } from '../../../agent/sync/requests';
import type { Lease, Tries } from '../../../agent/rules/values';

const at = (uptimeMs: number): { boot: string; uptimeMs: number } => ({ boot: 'b', uptimeMs });
const silent: Lease = {
  id: 'silent',
  stage: { kind: 'acting', epoch: 1, phase: 'both' },
  live: false,
  began: at(0),
  updates: [],
  landed: null,
  sent: at(1_000),
  answered: false,
  gone: true,
  pids: [],
};

/** GitLab's longest push takes 5 s here. */
function timed(uptimeMs: number, unanswered: Tries['unanswered'] = null): Parameters<typeof ownMayLand>[0] {
  return {
    clock: { now: () => at(uptimeMs), wall: () => '', sleep: () => Promise.resolve() },
    limits: { longestGitlabPushMs: 5_000 },
    journal: { tries: () => ({ sent: new Map(), late: new Map(), unanswered }) },
  };
}

test('a push without an answer may land until the longest push is over, counted from the end of its client', () => {
  assert.equal(pushMayLand(timed(5_999), silent), true);
  assert.equal(pushMayLand(timed(6_000), silent), false);
  assert.equal(pushMayLand(timed(60_000), { ...silent, gone: false }), true);
});

test('a push that was answered, was never sent, landed or still runs is nothing to wait for', () => {
  for (const known of [{ answered: true }, { sent: null }, { landed: [] }, { live: true }])
    assert.equal(pushMayLand(timed(1_000), { ...silent, ...known }), false, JSON.stringify(known));
});

test('a request of our own may land while it runs, and until the longest push is over', () => {
  assert.equal(ownMayLand(timed(60_000, 'running')), true);
  assert.equal(ownMayLand(timed(5_999, at(1_000))), true);
  assert.equal(ownMayLand(timed(6_000, at(1_000))), false);
  assert.equal(ownMayLand(timed(0)), false);
});

test('the end of a client is written down once, by the look that finds it gone', () => {
  const noted: string[] = [];
  const leases = [
    { ...silent, id: 'gone before' },
    { ...silent, id: 'gone now', gone: false },
    { ...silent, id: 'sending', gone: false },
    { ...silent, id: 'answered', gone: false, answered: true },
    { ...silent, id: 'alive', gone: false, live: true },
  ];
  const isSending = ({ id }: Lease): boolean => id === 'sending';
  noteGoneClients({ isSending, noteGone: ({ id }) => void noted.push(id) }, leases);
  assert.deepEqual(noted, ['gone now']);
});
