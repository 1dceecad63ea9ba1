/**
 * A checker that cannot object proves nothing: each gets histories that it must reject, beside one that it must accept.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check';
import type { Fact, History, Oid, PromiseName, Push, Update } from './history';

const main = 'refs/heads/main';
const parents: Readonly<Record<string, string>> = { b: 'a', c: 'b', d: 'a', x: '' };

function isAncestor(ancestor: Oid, descendant: Oid): boolean {
  return ancestor === descendant || (parents[descendant] !== undefined && isAncestor(ancestor, parents[descendant]));
}

function move(before: Oid | null, after: Oid | null, ref = main): Update {
  return { ref, before, after };
}

let clock = 0;
function push(id: number, outcome: Push['outcome'], update: Update, more: Partial<Push> = {}): Push {
  clock += 10;
  return {
    id,
    who: 'ada',
    server: 'old',
    updates: [update],
    began: clock,
    ended: outcome === 'info' ? null : clock + 5,
    outcome,
    words: outcome === 'fail' ? 'Nothing was taken. Push again.' : '',
    ...more,
  };
}

function applied(server: string, update: Update, more: Partial<Extract<Fact, { kind: 'applied' }>> = {}): Fact {
  return { kind: 'applied', at: (clock += 1), server, update, push: null, epoch: null, ...more };
}

/** Both sides end at `value`. */
function history(value: Oid | null, parts: Partial<History>): History {
  const refs = new Map(value === null ? [] : [[main, value]]);
  return {
    pushes: [],
    facts: [],
    first: new Map([[main, 'a']]),
    last: new Map([
      ['gitlab', refs],
      ['old', refs],
    ]),
    attic: new Set(),
    listed: [],
    waits: [],
    passesToEqual: 0,
    isAncestor,
    ...parts,
  };
}

const inMirror: Fact = { kind: 'phase', at: 0, server: 'old', phase: 'mirror', epoch: 2 };

function broken(one: History): PromiseName[] {
  return [
    ...new Set(
      check(one)
        .filter(({ answer }) => answer === 'invalid')
        .map(({ promise }) => promise),
    ),
  ].sort();
}

test('a plain history keeps every promise', () => {
  const pushes = [push(1, 'ok', move('a', 'b')), push(2, 'info', move('b', 'c')), push(3, 'fail', move('b', 'd'))];
  const facts = [inMirror, applied('old', move('a', 'b'), { push: 1, epoch: 2 })];
  assert.deepEqual(broken(history('b', { pushes, facts })), []);
  assert.deepEqual(broken(history('c', { pushes, facts })), [], 'what nobody was told of may have happened');
});

test('P1: an acknowledged push that is at no end was lost', () => {
  assert.deepEqual(broken(history('a', { pushes: [push(1, 'ok', move('a', 'b'))] })), ['P1']);
  assert.deepEqual(broken(history(null, { pushes: [push(1, 'ok', move('a', 'b'))] })), ['P1']);
});

test('P1: what a person settled, or is asked about, is no loss', () => {
  const pushes = [push(1, 'ok', move('a', 'b'))];
  assert.deepEqual(
    broken(history('a', { pushes, facts: [{ kind: 'settled', at: clock + 50, ref: main, value: 'a', done: true }] })),
    [],
  );
  assert.deepEqual(broken(history('a', { pushes, listed: [{ server: 'old', ref: main, kind: 'damaged' }] })), []);
});

test('P1: a deletion is lost when the ref comes back by itself, unless somebody then pushes on top of it', () => {
  const damage: Fact = { kind: 'damage', at: clock + 50, server: 'old', update: move(null, 'a') };
  const pushes = [push(1, 'ok', move('a', null))];
  assert.deepEqual(broken(history('a', { pushes, facts: [damage] })), ['P1']);
  const later = { ...push(2, 'ok', move('a', 'b')), began: clock + 60, ended: clock + 70 };
  assert.deepEqual(broken(history('b', { pushes: [...pushes, later], facts: [damage] })), []);
});

test('P1 and P2: two acknowledged pushes from one value are two histories', () => {
  assert.deepEqual(broken(history('d', { pushes: [push(1, 'ok', move('a', 'b')), push(2, 'ok', move('a', 'd'))] })), [
    'P1',
    'P2',
  ]);
});

test('P1: real time counts: a push that ended before another began does not come after it', () => {
  const pushes = [push(1, 'ok', move('b', 'c')), push(2, 'ok', move('a', 'b'))];
  assert.deepEqual(broken(history('c', { pushes })), ['P1', 'P2']);
});

test('P2: what somebody wrote to closed GitLab is not overwritten unasked', () => {
  const facts: Fact[] = [
    inMirror,
    { kind: 'wrote', at: 1, server: 'gitlab', update: move('a', 'x') },
    applied('gitlab', move('x', 'a')),
  ];
  assert.ok(broken(history('a', { facts })).includes('P2'));
});

test('P3: sides that differ, too many passes, a false alarm and a written symbolic ref are found', () => {
  const last = new Map([
    ['gitlab', new Map([[main, 'a']])],
    ['old', new Map<string, string>()],
  ]);
  assert.deepEqual(broken(history('a', { last, facts: [inMirror] })), ['P3']);
  assert.deepEqual(
    broken(history('a', { last, facts: [inMirror], listed: [{ server: 'old', ref: main, kind: 'declined' }] })),
    [],
  );
  assert.deepEqual(broken(history('a', { passesToEqual: 4 })), ['P3']);
  const stop: Fact = { kind: 'alarm', at: 1, server: 'old', ref: 'refs/', trouble: 'stopped' };
  assert.deepEqual(broken(history('a', { facts: [{ ...stop, ref: main, trouble: 'conflict' }] })), ['P3']);
  assert.deepEqual(broken(history('a', { facts: [{ kind: 'gitlab-broke', at: 1, updates: [] }, stop] })), []);
  const back = [...'xyz'].map((ref) => applied('gitlab', move('b', 'a', ref), { at: 0, push: 1 }));
  assert.deepEqual(broken(history('a', { facts: [...back.slice(1), stop] })), ['P3']);
  assert.deepEqual(broken(history('a', { facts: [...back, stop] })), []);
  assert.deepEqual(broken(history('a', { symbolic: [main], facts: [applied('old', move('a', 'a'))] })), ['P3']);
});

test('P4: damage that reaches GitLab, a tip that no attic keeps and an emptied GitLab that old follows are found', () => {
  const damage: Fact = { kind: 'damage', at: 1, server: 'old', update: move('b', 'a') };
  const first = new Map([[main, 'b']]);
  assert.ok(
    broken(history('a', { first, facts: [inMirror, damage, applied('gitlab', move('b', 'a'))] })).includes('P4'),
  );
  assert.ok(
    broken(
      history('d', {
        facts: [{ kind: 'wrote', at: 1, server: 'gitlab', update: move('b', 'd') }, applied('old', move('b', 'd'))],
      }),
    ).includes('P4'),
  );
  assert.ok(!broken(history('d', { attic: new Set(['b']), facts: [applied('old', move('b', 'd'))] })).includes('P4'));
  const gone: Fact = { kind: 'gitlab-broke', at: 1, updates: [move('a', null)] };
  assert.ok(
    broken(
      history(null, { attic: new Set(['a']), facts: [gone, applied('old', move('a', null), { at: 2 })] }),
    ).includes('P4'),
  );
});

test('P5: a push by the rules of an epoch that is over, and one to GitLab after the switch to mirror, are found', () => {
  const one = push(1, 'ok', move('a', 'b'));
  assert.deepEqual(
    broken(history('b', { pushes: [one], facts: [inMirror, applied('old', move('a', 'b'), { push: 1, epoch: 1 })] })),
    ['P5'],
  );
  const other = push(2, 'ok', move('a', 'b'), { server: 'gitlab' });
  assert.deepEqual(
    broken(history('b', { pushes: [other], facts: [inMirror, applied('gitlab', move('a', 'b'), { push: 2 })] })),
    ['P5'],
  );
});

test('P6: a mute refusal, one that was taken after all and a fetch that brings nothing are found', () => {
  assert.deepEqual(broken(history('a', { pushes: [push(1, 'fail', move('a', 'b'), { words: 'no' })] })), ['P6']);
  const refused = push(2, 'fail', move('a', 'a'));
  assert.deepEqual(
    broken(history('a', { pushes: [refused], facts: [applied('gitlab', move('a', 'a'), { push: 2 })] })),
    ['P6'],
  );
  assert.deepEqual(
    broken(
      history('a', {
        pushes: [push(3, 'fail', move('a', 'b'), { words: 'They are here to be fetched: git pull' })],
        facts: [applied('old', move('a', 'a'), { at: 0 })],
      }),
    ),
    ['P6'],
  );
});

test('P6: who lost a race and is told that GitLab declined, and nothing else, is found', () => {
  const won = applied('gitlab', move('a', 'd'), { push: 9 });
  const words = 'GitLab declined this push; nothing was taken. GitLab says:\n';
  const told = push(4, 'fail', move('a', 'b'), { words, began: clock + 5 });
  const winner = push(9, 'ok', move('a', 'd'), { server: 'gitlab', began: 0 });
  assert.ok(broken(history('d', { pushes: [winner, told], facts: [won] })).includes('P6'));
  assert.ok(
    !broken(history('d', { pushes: [winner, { ...told, updates: [move('d', 'b')] }], facts: [won] })).includes('P6'),
  );
});

test('P7, and P8 of a move: who never got an end, or got it too late, is found', () => {
  const late = [null, 11].map((ended) => ({ what: '', began: 0, ended, limitMs: 10 }));
  for (const wait of late) assert.deepEqual(broken(history('a', { waits: [wait] })), ['P7']);
  for (const wait of late) assert.deepEqual(broken(history('a', { waits: [{ ...wait, isMove: true }] })), ['P8']);
});

test('where not every change of a ref was seen, P4 and P5 say that they do not know', () => {
  const facts: Fact[] = [{ kind: 'damage', at: 1, server: 'old', update: move('b', 'a') }];
  const unknown = check(history('a', { facts }))
    .filter(({ answer }) => answer === 'unknown')
    .map(({ promise }) => promise);
  assert.deepEqual(unknown, ['P4', 'P5']);
});

test('a long history in which many pushes of unknown outcome would have led back is judged, and not given up', () => {
  const value = (index: number): Oid => `v${index}`;
  const pushes = Array.from({ length: 200 }, (_, index) => index).flatMap((index) => {
    const forth = push(index, 'ok', move(value(index), value(index + 1)));
    return [
      forth,
      ...[3, 5, 7].map((steps) =>
        push(1000 * steps + index, 'info', move(value(index), value(Math.max(0, index - steps))), {
          began: forth.began + 1,
        }),
      ),
    ];
  });
  const answers = check(
    history(value(200), { pushes, facts: [applied('old', move(null, 'z'))], first: new Map([[main, value(0)]]) }),
  );
  const [first] = answers.filter(({ promise }) => promise === 'P1');
  assert.equal(first?.answer, 'valid');
});

test('an end that only pushes of unknown outcome lead to is found among many ways', () => {
  const value = (index: number): Oid => `v${index}`;
  const pushes = Array.from({ length: 60 }, (_, index) => index).flatMap((index) =>
    [1, 2, 3].map((steps) => push(100 * steps + index, 'info', move(value(index), value(index + steps)))),
  );
  const answers = (end: Oid): string[] =>
    check(history(end, { pushes, facts: [applied('old', move(null, 'z'))], first: new Map([[main, value(0)]]) }))
      .filter(({ promise }) => promise === 'P1')
      .map(({ answer }) => answer);
  assert.deepEqual(answers(value(31)), ['valid']);
});
