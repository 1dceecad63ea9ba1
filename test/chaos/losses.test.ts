/** What GitLab lost must be there, or kept and told: histories to be rejected, beside some to be accepted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact, History, Listed, Oid, Push } from '../history/history';
import { judge } from './judge';
import { checkLosses } from './losses';
import { Recorder } from './recorder';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const main = 'refs/heads/main';

interface Ended {
  readonly last?: Oid | null;
  readonly attic?: readonly Oid[];
  readonly taken?: readonly Oid[];
  readonly listed?: readonly Listed[];
  readonly facts?: readonly Fact[];
  readonly pushed?: Push['updates'];
  /** What old had when GitLab lost `b`. */
  readonly held?: Oid | null;
}

/** Old and GitLab had main at `b`, on top of `a`; then GitLab lost it. */
function p4Of({ last = null, attic = [], taken = [], listed = [], facts = [], pushed = [], held = b }: Ended): string {
  const recorder = new Recorder();
  recorder.gitlabLost([{ ref: main, before: b, after: null }], new Map(held === null ? [] : [[main, held]]));
  if (pushed.length > 0)
    recorder.push({ who: 'ada', server: 'old', began: 0, ended: 1, words: '' }, new Map([['ok', pushed]]));
  const refs = new Map(last === null ? [] : [[main, last]]);
  const order = [a, b, c];
  const history: History = {
    ...recorder.history(new Map([[main, b]]), {
      last: new Map([
        ['old', refs],
        ['gitlab', refs],
      ]),
      attic: new Set(attic),
      listed,
      passesToEqual: 1,
      isAncestor: (one, other) => order.indexOf(one) <= order.indexOf(other),
    }),
  };
  const update = { ref: main, before: a, after: b };
  const copied: Fact = { kind: 'applied', at: 0, server: 'gitlab', update, push: null, epoch: null };
  const verdicts = judge(
    { ...history, facts: [...history.facts, ...facts] },
    { seenOnGitlab: [copied], losses: recorder.losses, taken: timed(taken) },
  );
  return verdicts.find(({ promise }) => promise === 'P4')?.answer ?? 'not judged';
}

function timed(taken: readonly Oid[]): ReadonlyMap<Oid, number> {
  return new Map(taken.map((value) => [value, 2_000_000]));
}

const stopped: Listed = { server: 'old', ref: 'refs/', kind: 'stopped' };
const letThrough: Fact = { kind: 'settled', at: 1_000_000, ref: 'refs/', value: null, done: true };
const settled: Fact = { ...letThrough, ref: main };

for (const [words, ended, answer] of [
  ['is nowhere any more', {}, 'invalid'],
  ['is in the attic, and nothing lists it', { attic: [b] }, 'invalid'],
  ['is listed as taken over, and in no attic', { taken: [b] }, 'invalid'],
  ['went back to an older one on both sides, unseen', { last: a, attic: [b] }, 'invalid'],
  ['is in the attic, and listed as taken over', { attic: [b], taken: [b] }, 'valid'],
  ['is in the attic, and a person let some stopped pass through', { attic: [b], facts: [letThrough] }, 'invalid'],
  ['is in the attic, and a person settled its ref', { attic: [b], facts: [settled] }, 'valid'],
  ['is gone though a person let the stopped pass through', { facts: [letThrough] }, 'invalid'],
  ['is on old, where a pass stopped', { last: b, listed: [stopped] }, 'valid'],
  ['is there again, with more on top', { last: c }, 'valid'],
  ['was deleted by somebody who had seen it', { pushed: [{ ref: main, before: b, after: null }] }, 'valid'],
  ['had not come to old yet', { held: a }, 'valid'],
] as const) {
  test(`a value that GitLab lost and that ${words}: ${answer}`, () => assert.equal(p4Of(ended), answer));
}

for (const [words, facts, answer] of [
  ['unasked', [], 'invalid'],
  ['after a person let the stopped pass through', [letThrough], 'valid'],
] as const) {
  test(`GitLab lost all refs, and old followed ${words}: ${answer}`, () => {
    const recorder = new Recorder();
    const values = [...'abcdef'].map((letter) => letter.repeat(40));
    const refs = values.map((value, index): [string, Oid] => [`refs/heads/${index}`, value]);
    recorder.gitlabLost(
      refs.map(([ref, before]) => ({ ref, before, after: null })),
      new Map(refs),
    );
    const history = recorder.history(new Map(refs), {
      last: new Map([
        ['old', new Map()],
        ['gitlab', new Map()],
      ]),
      attic: new Set(values),
      listed: [],
      passesToEqual: 1,
      isAncestor: (one, other) => one === other,
    });
    const verdicts = checkLosses({ ...history, facts: [...history.facts, ...facts] }, recorder.losses, timed(values));
    assert.equal(verdicts.length === 0 ? 'valid' : 'invalid', answer);
  });
}
