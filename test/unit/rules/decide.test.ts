import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blocksDrain,
  decideMirror,
  decideFollow,
  decidePush,
  decideStale,
  isUnhooked,
  mayHold,
  type MirrorLook,
} from '../../../agent/rules/decide';
import type { EndedRecord } from '../../../agent/rules/records';
import type { Hold, Lease, Oid, PushAnswer, RefName, Refs, State } from '../../../agent/rules/values';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40) as Oid) as [Oid, Oid, Oid];
const main = 'refs/heads/main' as RefName;
const level: MirrorLook = {
  old: a,
  gitlab: a,
  agreed: a,
  sentNow: false,
  sentLate: false,
  live: false,
  ended: [],
  forward: false,
  cameBack: false,
  lost: [],
};
const record = (before: Oid | null, after: Oid | null, confirmed = true): EndedRecord => ({
  ref: main,
  before,
  after,
  confirmed,
  boot: 'b',
});

test('mirror: level sides are at rest, but not under a live push', () => {
  assert.deepEqual(decideMirror(level), { kind: 'level', atRest: true });
  assert.deepEqual(decideMirror({ ...level, live: true }), { kind: 'level', atRest: false });
});

test('mirror: a witnessed rewind is sent, the same rewind without a witness is damage', () => {
  const rewound = { ...level, old: b };
  assert.deepEqual(decideMirror({ ...rewound, ended: [record(a, b)] }), { kind: 'send', expect: a, witnessed: true });
  assert.deepEqual(decideMirror(rewound), { kind: 'damaged', lost: [a] });
});

test('mirror: an unwitnessed deletion never reaches GitLab', () => {
  assert.deepEqual(decideMirror({ ...level, old: null }), { kind: 'damaged', lost: [a] });
  assert.deepEqual(decideMirror({ ...level, old: null, ended: [record(a, null)] }), {
    kind: 'send',
    expect: a,
    witnessed: true,
  });
});

test('mirror: creations and fast-forwards need no witness', () => {
  assert.deepEqual(decideMirror({ ...level, agreed: null, gitlab: null }), {
    kind: 'send',
    expect: null,
    witnessed: false,
  });
  assert.deepEqual(decideMirror({ ...level, old: b, forward: true }), { kind: 'send', expect: a, witnessed: false });
});

test('mirror: a deleted branch that came back is no new one, unless a push made it', () => {
  const back: MirrorLook = { ...level, agreed: null, gitlab: null, cameBack: true };
  assert.deepEqual(decideMirror(back), { kind: 'damaged', lost: [null] });
  assert.deepEqual(decideMirror({ ...back, live: true }), { kind: 'wait' });
  assert.deepEqual(decideMirror({ ...back, ended: [record(null, a)] }), {
    kind: 'send',
    expect: null,
    witnessed: true,
  });
});

test('mirror: an unexplained change under a live push waits for its end', () => {
  assert.deepEqual(decideMirror({ ...level, old: b, live: true }), { kind: 'wait' });
});

test('mirror: several pushes fold into one, and records may lead over many steps', () => {
  assert.deepEqual(decideMirror({ ...level, old: c, ended: [record(b, c), record(a, b)] }), {
    kind: 'send',
    expect: a,
    witnessed: true,
  });
});

test('mirror: our own try that landed is agreed, a late landing is sent over, anything else is a conflict', () => {
  const moved = { ...level, gitlab: b };
  assert.deepEqual(decideMirror({ ...moved, sentNow: true }), { kind: 'agree', value: b });
  assert.deepEqual(decideMirror({ ...moved, sentLate: true }), { kind: 'send', expect: b, witnessed: true });
  assert.deepEqual(decideMirror(moved), { kind: 'conflict' });
});

test('mirror: where old moved as well, a value of GitLab that is not ours is a conflict, and nothing is sent', () => {
  const both = { ...level, old: b, forward: true, gitlab: c };
  assert.deepEqual(decideMirror(both), { kind: 'conflict' });
  assert.deepEqual(decideMirror({ ...both, gitlab: null }), { kind: 'conflict' });
  assert.deepEqual(decideMirror({ ...both, sentNow: true }), { kind: 'send', expect: a, witnessed: false });
  assert.deepEqual(decideMirror({ ...both, sentLate: true }), { kind: 'send', expect: c, witnessed: false });
  assert.deepEqual(decideMirror({ ...both, gitlab: b }), { kind: 'send', expect: a, witnessed: false });
  assert.deepEqual(decideMirror({ ...both, lost: [a] }), { kind: 'damaged', lost: [a] });
});

test('mirror: an acknowledged value that old lost is damage even when both sides look level', () => {
  assert.deepEqual(decideMirror({ ...level, lost: [b] }), { kind: 'damaged', lost: [b] });
  assert.deepEqual(decideMirror({ ...level, lost: [null] }), { kind: 'damaged', lost: [null] });
  assert.deepEqual(decideMirror({ ...level, lost: [b], live: true }), { kind: 'level', atRest: false });
});

test('mirror: an acknowledged value that old lost is damage where records lead past it as well, and nothing is sent over it', () => {
  const recreated = {
    ...level,
    agreed: null,
    gitlab: null,
    old: b,
    ended: [record(null, a), record(null, b)],
    lost: [a],
  };
  assert.deepEqual(decideMirror(recreated), { kind: 'damaged', lost: [a] });
  assert.deepEqual(decideMirror({ ...recreated, live: true }), { kind: 'wait' });
  assert.deepEqual(decideMirror({ ...recreated, lost: [] }), { kind: 'send', expect: null, witnessed: true });
});

test('a stale answer is ours, for the next pass, or somebody who wrote to closed GitLab', () => {
  assert.equal(decideStale(b, a, true, false), 'agree');
  assert.equal(decideStale(a, a, false, false), 'again');
  assert.equal(decideStale(b, a, false, true), 'again');
  assert.equal(decideStale(b, a, false, false), 'conflict');
});

test('in the open phases GitLab always wins, except under a live push', () => {
  assert.equal(decideFollow(a, b, false), 'follow');
  assert.equal(decideFollow(a, b, true), 'wait');
  assert.equal(decideFollow(null, null, true), 'level');
});

const update = { ref: main, before: a, after: b };
const at = (oid: Oid | null): Refs => new Map(oid === null ? [] : [[main, oid]]);
const rejected: PushAnswer = { kind: 'rejected', refs: new Map([[main, 'declined']]), words: '' };
const silent: PushAnswer = { kind: 'no-answer', words: '' };

test('each row of a push in both', () => {
  assert.equal(decidePush([update], { kind: 'ok' }, null), 'accept');
  assert.equal(decidePush([update], silent, at(b)), 'accept');
  assert.equal(decidePush([update], rejected, at(c)), 'stale');
  assert.equal(decidePush([update], rejected, at(a)), 'declined');
  assert.equal(decidePush([update], { kind: 'not-sent', words: '' }, null), 'not-sent');
  assert.equal(decidePush([update], silent, at(a)), 'unknown');
  assert.equal(decidePush([update], silent, null), 'unknown');
  assert.equal(decidePush([update], rejected, null), 'unknown');
});

test('a push that GitLab did not let in has lost the race, where somebody else has moved its ref meanwhile', () => {
  const notSent: PushAnswer = { kind: 'not-sent', words: '' };
  assert.equal(decidePush([update], notSent, at(c)), 'stale');
  assert.equal(decidePush([update], notSent, at(null)), 'stale');
  assert.equal(decidePush([update], notSent, at(a)), 'not-sent');
});

test('old moved without a hook, unless it is where both sides were or a push that ended brought it there', () => {
  assert.equal(isUnhooked(b, a, []), true);
  assert.equal(isUnhooked(null, a, []), true);
  assert.equal(isUnhooked(a, a, []), false);
  assert.equal(isUnhooked(b, a, [record(a, b)]), false);
  assert.equal(isUnhooked(b, a, [record(a, b, false)]), false);
  assert.equal(isUnhooked(b, a, [record(b, c)]), true);
  assert.equal(isUnhooked(null, a, [record(a, null)]), false);
});

test('a push of two refs is accepted only when both arrived', () => {
  const other = { ref: 'refs/heads/other' as RefName, before: null, after: c };
  assert.equal(decidePush([update, other], silent, at(b)), 'unknown');
  assert.equal(
    decidePush(
      [update, other],
      silent,
      new Map([
        [main, b],
        [other.ref, c],
      ]),
    ),
    'accept',
  );
});

test('a deletion has arrived when the ref is gone', () => {
  assert.equal(decidePush([{ ...update, after: null }], silent, at(null)), 'accept');
});

const lease = (stage: Lease['stage'], live = true): Lease => ({
  id: '',
  stage,
  live,
  began: { boot: '', uptimeMs: 0 },
  updates: [update],
  landed: null,
  sent: null,
  answered: false,
  gone: false,
  pids: [],
});

test('drain: entering and acting pushes block, waiting and ended ones and those of the new epoch do not', () => {
  assert.equal(blocksDrain(lease({ kind: 'entering' }), 2), true);
  assert.equal(blocksDrain(lease({ kind: 'acting', epoch: 1, phase: 'mirror' }), 2), true);
  assert.equal(blocksDrain(lease({ kind: 'acting', epoch: 2, phase: 'both' }), 2), false);
  assert.equal(blocksDrain(lease({ kind: 'waiting' }), 2), false);
  assert.equal(blocksDrain(lease({ kind: 'entering' }, false), 2), false);
});

test('new pushes are held at the epoch of the change only, and not while another change holds them', () => {
  const hold: Hold = { id: 'other', boot: 'b', endUptimeMs: 1 };
  const state = (epoch: number, held: Hold | null): State => ({
    phase: 'mirror',
    epoch,
    hold: held,
    directory: '',
    identity: '',
    fence: null,
  });
  const [isOver, isNot] = [() => true, () => false];
  assert.equal(mayHold(state(3, null), 3, isNot), true);
  assert.equal(mayHold(state(4, null), 3, isNot), false);
  assert.equal(mayHold(state(3, hold), 3, isNot), false);
  assert.equal(mayHold(state(3, hold), 3, isOver), true);
  assert.equal(mayHold(state(4, hold), 3, isOver), false);
});
