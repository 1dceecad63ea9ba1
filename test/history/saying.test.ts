/** What `status` said is judged: histories in which it lied, beside those in which it did not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact, History, Oid, Quiet, Update } from './history';
import { checkGivenBack, checkNothingTakenSilently, checkStatusSays } from './saying';

const main = 'refs/heads/main';

/** a, then b on top of it. */
function isAncestor(ancestor: Oid, descendant: Oid): boolean {
  return ancestor === descendant || (ancestor === 'a' && descendant === 'b');
}

function history(parts: Partial<History>): History {
  const last = new Map([
    ['gitlab', new Map<string, Oid>()],
    ['old', new Map<string, Oid>()],
  ]);
  const first = new Map([[main, 'a']]);
  const nothing = { pushes: [], facts: [], attic: new Set<Oid>(), listed: [], waits: [], passesToEqual: 0 };
  return { ...nothing, first, last, isAncestor, ...parts };
}

function quiet(parts: Partial<Quiet>): Quiet {
  const level = { old: 'a', gitlab: 'a', elsewhere: [], exit: 0, debts: 0, listed: [] };
  return { at: 100, server: 'old', ref: main, ...level, ...parts };
}

function liesIn(parts: Partial<History>): string[] {
  return [checkStatusSays, checkNothingTakenSilently, checkGivenBack].flatMap((checker) =>
    checker(history(parts)).map(({ promise }) => promise),
  );
}

const unset = [{ server: 'old', ref: main, kind: 'unset' }] as const;
const differs = { gitlab: 'b', exit: 2, listed: unset };

test('sides that differ after two passes are a trouble, or a debt; else status lies', () => {
  assert.deepEqual(liesIn({ quiet: [quiet({})] }), []);
  assert.deepEqual(liesIn({ quiet: [quiet(differs)] }), []);
  assert.deepEqual(liesIn({ quiet: [quiet({ old: 'b', debts: 1 })] }), []);
  assert.deepEqual(liesIn({ quiet: [quiet({ gitlab: 'b' })] }), ['P3']);
});

test('a trouble that the exit code does not tell of is a lie, and so is one of another server', () => {
  assert.deepEqual(liesIn({ quiet: [quiet({ ...differs, exit: 0 })] }), ['P3']);
  assert.deepEqual(liesIn({ quiet: [quiet({ ...differs, server: 'old2' })] }), ['P3']);
  assert.deepEqual(liesIn({ quiet: [quiet({ ...differs, listed: [{ ...unset[0], ref: 'refs/heads/b' }] })] }), ['P3']);
});

const push = {
  id: 1,
  who: 'ada',
  server: 'old',
  updates: [{ ref: main, before: 'a', after: 'b' }],
  began: 10,
  ended: 20,
  outcome: 'ok',
  words: '',
} as const;

test('an acknowledged value that is gone while status says nothing is a lie, also where a person settles it later', () => {
  const settled: Fact = { kind: 'settled', at: 200, ref: main, value: 'a', done: true };
  const facts = [settled];
  assert.deepEqual(liesIn({ pushes: [push], facts, quiet: [quiet({})] }), ['P1']);
  assert.deepEqual(liesIn({ pushes: [push], facts, quiet: [quiet({ at: 15 })] }), [], 'nobody was told of it yet');
  assert.deepEqual(liesIn({ pushes: [push], facts, quiet: [quiet({ elsewhere: ['b'] })] }), []);
  const damaged = [{ server: 'old', ref: main, kind: 'damaged' }] as const;
  assert.deepEqual(liesIn({ pushes: [push], facts, quiet: [quiet({ listed: damaged, exit: 2 })] }), []);
});

const both: Fact = { kind: 'phase', at: 0, server: 'old', phase: 'both', epoch: 3 };
const loss: Update = { ref: main, before: 'b', after: 'a' };
const followed: Fact = { kind: 'applied', at: 50, server: 'old', update: loss, push: null, epoch: null };
const noted: Fact = { kind: 'taken-over', at: 40, server: 'old', taken: loss, attic: 'refs/handover/attic/1/main' };

test('what old lost by following GitLab is noted before it goes; else it was taken over silently', () => {
  assert.deepEqual(liesIn({ facts: [both, noted, followed] }), []);
  assert.deepEqual(liesIn({ facts: [both, followed] }), ['P4']);
  assert.deepEqual(liesIn({ facts: [both, followed, { ...noted, at: 60 }] }), ['P4']);
  assert.deepEqual(liesIn({ facts: [both, { ...noted, server: 'old2' }, followed] }), ['P4']);
  assert.deepEqual(liesIn({ facts: [both, { ...noted, taken: { ...loss, before: 'c' } }, followed] }), ['P4']);
});

test('what a writer without hooks left on old is no value of GitLab, and is listed as such', () => {
  const wrote: Fact = { kind: 'wrote', at: 30, server: 'old', update: { ref: main, before: 'a', after: 'b' } };
  const alarm: Fact = { kind: 'alarm', at: 51, server: 'old', ref: main, trouble: 'unhooked' };
  assert.deepEqual(liesIn({ facts: [both, wrote, followed, alarm] }), []);
  assert.deepEqual(liesIn({ facts: [both, wrote, followed] }), ['P4']);
  assert.deepEqual(liesIn({ facts: [both, followed, alarm] }), ['P4']);
});

test('what was said to be given back is what GitLab got meanwhile', () => {
  const given: Fact = { kind: 'settled', at: 60, ref: main, value: 'b', done: true, givenSince: 55 };
  const sent: Fact = { ...followed, at: 58, server: 'gitlab', update: { ref: main, before: 'a', after: 'b' } };
  assert.deepEqual(liesIn({ facts: [sent, given] }), []);
  assert.deepEqual(liesIn({ facts: [given] }), ['P1']);
  assert.deepEqual(liesIn({ facts: [{ ...sent, at: 50 }, given] }), ['P1']);
  assert.deepEqual(liesIn({ facts: [{ ...given, done: false }] }), []);
});
