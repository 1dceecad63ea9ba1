/** A judge that cannot object proves nothing: histories that it must reject, beside some that it must accept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { History, Push } from '../history/history';
import { judge } from './judge';
import { Recorder } from './recorder';
import { figuresOf } from './report';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)) as [string, string, string, string];
const main = 'refs/heads/main';

/** Pushes of one branch that begins at `a`, one after the other. */
function historyOf(steps: readonly [string | null, string | null, Push['outcome']][], last: string): History {
  const recorder = new Recorder();
  const pushes = steps.map(([before, after, outcome], index): Push => ({
    id: index + 1,
    who: 'ada',
    server: 'old',
    updates: [{ ref: main, before, after }],
    began: index * 10,
    ended: index * 10 + 5,
    outcome,
    words: '',
  }));
  const refs = new Map([[main, last]]);
  return {
    ...recorder.history(new Map([[main, a]]), {
      last: new Map([
        ['old', refs],
        ['gitlab', refs],
      ]),
      attic: new Set(),
      listed: [],
      passesToEqual: 1,
      isAncestor: () => true,
    }),
    pushes,
  };
}

function figuresFor(history: History): { p1: string | undefined; lost: number } {
  const verdicts = judge(history, { seenOnGitlab: [] });
  const { lost } = figuresOf({ history, verdicts, faults: {}, notes: [], evidence: {} });
  return { p1: verdicts.find(({ promise }) => promise === 'P1')?.answer, lost };
}

test('an acknowledged push that is gone at the end is a violation, and is counted as lost', () => {
  assert.deepEqual(
    figuresFor(
      historyOf(
        [
          [a, b, 'ok'],
          [b, c, 'ok'],
        ],
        b,
      ),
    ),
    { p1: 'invalid', lost: 1 },
  );
  assert.deepEqual(
    figuresFor(
      historyOf(
        [
          [a, b, 'ok'],
          [a, c, 'ok'],
        ],
        c,
      ),
    ),
    { p1: 'invalid', lost: 1 },
  );
});

test('a push whose outcome nobody knew may be there or not', () => {
  assert.deepEqual(
    figuresFor(
      historyOf(
        [
          [a, b, 'ok'],
          [b, c, 'info'],
        ],
        b,
      ),
    ),
    { p1: 'valid', lost: 0 },
  );
  assert.deepEqual(
    figuresFor(
      historyOf(
        [
          [a, b, 'ok'],
          [b, c, 'info'],
          [c, d, 'ok'],
        ],
        d,
      ),
    ),
    { p1: 'valid', lost: 0 },
  );
});

test('damage on old that reached GitLab is a violation', () => {
  const history = {
    ...historyOf([[a, b, 'ok']], b),
    facts: [{ kind: 'damage', at: 20, server: 'old', update: { ref: main, before: b, after: null } } as const],
  };
  const spread = {
    kind: 'applied',
    at: 30,
    server: 'gitlab',
    update: { ref: main, before: b, after: null },
    push: null,
    epoch: null,
  } as const;
  const copied = { ...spread, at: 8, update: { ref: main, before: a, after: b } };
  const answer = (...seen: (typeof spread | typeof copied)[]): string | undefined =>
    judge(history, { seenOnGitlab: seen }).find(({ promise }) => promise === 'P4')?.answer;
  assert.deepEqual([answer(copied), answer(copied, spread)], ['valid', 'invalid']);
});
