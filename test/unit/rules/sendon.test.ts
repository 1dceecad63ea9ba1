import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideSendOn, whyNotSent, type Answers, type Unseen } from '../../../agent/rules/sendon';
import type { Oid, RefName } from '../../../agent/rules/values';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40) as Oid) as [Oid, Oid, Oid];

const unseen: Unseen = {
  ref: 'refs/heads/main' as RefName,
  old: b,
  gitlab: a,
  agreed: a,
  live: false,
  ended: [],
  sent: [],
  late: [],
  mayLand: false,
};

const told = (changes: Partial<Unseen>): string => {
  const verdict = decideSendOn({ ...unseen, ...changes });
  return verdict === null ? 'nothing' : verdict.kind === 'set-aside' ? verdict.why : verdict.kind;
};

test('each condition alone keeps a push that no hook saw from GitLab', () => {
  assert.equal(told({}), 'ask');
  assert.equal(told({ old: a }), 'nothing');
  assert.equal(told({ live: true }), 'nothing');
  assert.equal(told({ ended: [{ ref: unseen.ref, before: a, after: b, confirmed: true, boot: '1' }] }), 'nothing');
  assert.equal(told({ ref: 'refs/tags/v1' as RefName }), 'it is no branch');
  assert.equal(told({ old: null }), 'it is a deletion');
  assert.equal(told({ gitlab: c }), 'GitLab had changed as well');
  assert.equal(told({ gitlab: null, agreed: null }), 'GitLab has no such branch');
  assert.match(told({ sent: [b] }), /it was sent, or about to be/);
  assert.equal(told({ sent: [b], mayLand: true }), 'wait');
  // A request that is under way now brings nothing of before.
  assert.match(told({ late: [b], mayLand: true }), /it was sent, or about to be/);
  assert.equal(told({ sent: [c], mayLand: true }), 'ask');
});

test('git and own hooks are asked in order, and none after the first no', async () => {
  const asked: string[] = [];
  const ask = (no: keyof Answers | null): Answers => {
    const say =
      <T>(name: keyof Answers, good: T, bad: T) =>
      (): Promise<T> => {
        asked.push(name);
        return Promise.resolve(name === no ? bad : good);
      };
    return {
      name: say<string | null>('name', null, 'a bad name'),
      forward: say('forward', true, false),
      complete: say('complete', true, false),
      cameBack: say('cameBack', false, true),
      declined: say<string | null>('declined', null, 'declined'),
    };
  };
  assert.equal(await whyNotSent(ask(null)), null);
  const all = asked.splice(0);
  for (const [index, name] of all.entries()) {
    assert.notEqual(await whyNotSent(ask(name as keyof Answers)), null, name);
    assert.deepEqual(asked.splice(0), all.slice(0, index + 1));
  }
});
