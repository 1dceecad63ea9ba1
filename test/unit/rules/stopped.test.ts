import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allRefs, planGiveBack, type Missed } from '../../../agent/rules/stopped';
import type { Oid, RefName } from '../../../agent/rules/values';

const [a, b] = ['a', 'b'].map((letter) => letter.repeat(40) as Oid) as [Oid, Oid];

function missed(name: string, more: Partial<Missed> = {}): Missed {
  return { ref: `refs/heads/${name}` as RefName, lost: a, gitlab: b, isOnlyOnGitlab: false, leftOut: null, ...more };
}

const back = missed('back');
const gone = missed('gone', { gitlab: null });
const theirs = missed('theirs', { isOnlyOnGitlab: true });
const busy = missed('busy', { leftOut: 'a push is moving it' });
const all = [back, gone, theirs, busy];

/** The plan in words: `send back gone, later busy`. */
function planned(named: readonly string[], of: readonly Missed[] = all): string {
  const refs = named.map((name) => (name === 'all' ? allRefs : (`refs/heads/${name}` as RefName)));
  const plan = planGiveBack(of, new Set(refs));
  const short = (many: readonly { readonly ref: RefName }[]): string =>
    many.map(({ ref }) => ref.slice('refs/heads/'.length)).join(' ');
  if (plan.kind === 'unknown') return `unknown ${short([plan])}`;
  if (plan.kind === 'unnamed') return `unnamed ${short(plan.refs.map((ref) => ({ ref })))}`;
  return `send ${short(plan.send)}, later ${short(plan.leftOut)}`;
}

const rows: readonly (readonly [what: string, named: readonly string[], plan: string])[] = [
  ['commits that only GitLab has are not taken off it unasked', ['all'], 'unnamed theirs'],
  ['all, and that one by its name, goes', ['all', 'theirs'], 'send back gone theirs, later busy'],
  ['one by its name goes alone', ['theirs'], 'send theirs, later '],
  ['of what is not named nothing is asked', ['back', 'gone'], 'send back gone, later '],
  ['what a push is moving has to wait', ['busy'], 'send , later busy'],
  ['a ref of which GitLab lost nothing is no part of it', ['back', 'other'], 'unknown other'],
];

for (const [what, named, plan] of rows)
  test(`a stopped pass is settled: ${what}`, () => assert.equal(planned(named), plan));

test('GitLab gets what it lost in the place of what it shows', () => {
  const plan = planGiveBack([back, gone], new Set([allRefs]));
  assert.deepEqual(plan.kind === 'send' ? plan.send : [], [
    { ref: back.ref, before: b, after: a },
    { ref: gone.ref, before: null, after: a },
  ]);
  assert.equal(planned(['all'], []), 'send , later ');
});
