import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../property';
import { Lanes } from '../../agent/resident/lanes';
import { isLively, nextLookMs, type Pace } from '../../agent/resident/pace';
import { Rounds } from '../../agent/resident/rounds';

test('every repository has its turn, the one that waits longest first', () => {
  const rounds = new Rounds();
  rounds.keep(['a', 'b'], 0);
  assert.equal(rounds.take(0), 'a');
  assert.equal(rounds.take(0), 'b');
  assert.equal(rounds.take(1_000), null, 'both are under way');
  rounds.done('a', 500);
  rounds.done('b', 400);
  assert.equal(rounds.take(300), null, 'not yet due');
  assert.equal(rounds.take(600), 'b');
});

test('any number of wake-ups during a look fold into one more look', () => {
  const rounds = new Rounds();
  rounds.keep(['a'], 0);
  assert.equal(rounds.take(0), 'a');
  for (let index = 0; index < 100; index += 1) assert.equal(rounds.wake('a', 10), true);
  rounds.done('a', 60_000);
  assert.equal(rounds.take(10), 'a');
  rounds.done('a', 60_000);
  assert.equal(rounds.take(59_999), null);
  assert.equal(rounds.nextDueMs(), 60_000);
});

test('an unknown name wakes nobody, and a repository that is gone has no turn', () => {
  const rounds = new Rounds();
  assert.equal(rounds.wake('nobody', 0), false);
  rounds.keep(['a'], 0);
  assert.equal(rounds.take(0), 'a');
  rounds.keep([], 0);
  rounds.done('a', 0);
  assert.equal(rounds.take(1_000), null);
});

test('no wake-up is lost, and no repository is looked at twice at once, in any order of events', () => {
  const event = fc.record({ kind: fc.constantFrom('wake', 'take', 'done'), name: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const rounds = new Rounds();
      rounds.keep(['a', 'b', 'c'], 0);
      const running = new Set<string>();
      const owed = new Set(['a', 'b', 'c']);
      events.forEach(({ kind, name }, at) => {
        if (kind === 'wake' && rounds.wake(name, at)) owed.add(name);
        if (kind === 'done' && running.delete(name)) rounds.done(name, Infinity);
        const taken = kind === 'take' ? rounds.take(at) : null;
        if (taken === null) return;
        assert.ok(!running.has(taken));
        running.add(taken);
        owed.delete(taken);
      });
      for (const name of running) rounds.done(name, Infinity);
      const left = new Set<string>();
      for (let name = rounds.take(1_000); name !== null; name = rounds.take(1_000)) left.add(name);
      assert.deepEqual([...left].sort(), [...owed].sort());
    }),
  );
});

const calm: Pace = { phase: 'both', quiet: 0, failed: 0, open: false };
const deaf = { webhooks: false, lively: 1 };
const hearing = { webhooks: true, lively: 1 };

test('without webhooks GitLab is asked soon after something moved, and less and less often, never more than once in two seconds', () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((quiet) => nextLookMs({ ...calm, quiet }, deaf));
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('with webhooks GitLab is asked once a minute, in case one was lost; mirror and old wait for their hooks', () => {
  assert.equal(nextLookMs(calm, hearing), 60_000);
  assert.equal(nextLookMs({ ...calm, phase: 'mirror' }, deaf), 60_000);
  assert.equal(nextLookMs({ ...calm, phase: 'old' }, deaf), 600_000);
  assert.equal(nextLookMs({ ...calm, phase: 'retired' }, hearing), 600_000);
});

test('what waits for a push is looked at again at once; what fails, less and less often', () => {
  assert.equal(nextLookMs({ ...calm, open: true, quiet: 9 }, hearing), 2_000);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 9].map((failed) => nextLookMs({ ...calm, failed }, hearing)),
    [5_000, 10_000, 20_000, 40_000, 60_000, 60_000],
  );
});

test('however many repositories move at once or fail, no more than five are looked at in a second, and each within a minute', () => {
  const waits = (pace: Pace): number[] =>
    [1, 10, 50, 100, 300, 5_000].map((lively) => nextLookMs(pace, { webhooks: false, lively }));
  assert.deepEqual(waits(calm), [2_000, 2_000, 10_000, 20_000, 60_000, 60_000]);
  assert.deepEqual(waits({ ...calm, failed: 1 }), [5_000, 5_000, 10_000, 20_000, 60_000, 60_000]);
  assert.deepEqual(waits({ ...calm, quiet: 4 }), [32_000, 32_000, 32_000, 32_000, 60_000, 60_000]);
  assert.deepEqual(
    waits({ ...calm, open: true }),
    [2_000, 2_000, 2_000, 2_000, 2_000, 2_000],
    'a push may wait for it',
  );
  assert.deepEqual(
    waits({ ...calm, phase: 'old' }),
    Array.from({ length: 6 }, () => 600_000),
  );
});

test('only what is due oftener than once a minute counts among those that share', () => {
  const counts = (pace: Pace, webhooks = false): boolean => isLively(pace, webhooks);
  assert.deepEqual([counts(calm), counts({ ...calm, failed: 2 }), counts({ ...calm, quiet: 4 })], [true, true, true]);
  assert.deepEqual(
    [
      counts({ ...calm, quiet: 5 }),
      counts(calm, true),
      counts({ ...calm, phase: 'mirror' }),
      counts({ ...calm, phase: 'old' }),
    ],
    [false, false, false, false],
  );
});

test('large repositories take no room of the others, and one at a time', () => {
  const lanes = new Lanes();
  const forever = new Promise<void>(() => undefined);
  lanes.noteLarge('large', 0);
  lanes.noteLarge('larger', 0);
  assert.equal(lanes.laneOf('large', 0), 'alone');
  lanes.enter('alone', forever);
  assert.deepEqual([lanes.hasRoom('larger', 0), lanes.hasRoom('small', 0)], [false, true]);
  for (let count = 0; count < 4; count += 1) lanes.enter('beside', forever);
  assert.equal(lanes.hasRoom('small', 0), false);
  assert.equal(lanes.laneOf('large', 3_600_000), 'beside', 'after an hour it may have become smaller');
});

test('what there is no room for is neither taken nor waited for', () => {
  const rounds = new Rounds();
  rounds.keep(['large', 'small'], 0);
  const hasRoom = (name: string): boolean => name !== 'large';
  assert.equal(rounds.take(0, hasRoom), 'small');
  assert.equal(rounds.take(0, hasRoom), null);
  assert.equal(rounds.nextDueMs(hasRoom), Infinity);
  assert.equal(rounds.take(0), 'large');
});
