/** Each error of the catalogue is a sentence that says what is so, and a next step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, shelves } from '../../../agent/contract/faults';
import { asFault } from '../../../agent/contract/errors';

const all = Object.entries(faults);
const examples = all.map(([, entry]) => entry.example());

/** What a sentence was like that reads as "in the role of". */
const inTheRoleOf = /^Cannot .* as .* must /;

test('a code is the name that throws it, with dashes, and has one meaning', () => {
  for (const [name, entry] of all) {
    assert.equal(
      entry.code,
      name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    assert.equal(entry.example().code, entry.code);
  }
  assert.equal(new Set(examples.map(({ code }) => code)).size, all.length);
});

test('every error is on one shelf of the page', () => {
  const shelved = shelves.flatMap((shelf) => Object.keys(shelf.faults));
  assert.deepEqual([...shelved].sort(), all.map(([name]) => name).sort());
});

test('a message says what cannot be done and ends with a full stop; what is needless says that instead', () => {
  for (const { code, exit, message } of examples) {
    assert.equal(message.startsWith('Cannot '), exit !== 4, `${code}: ${message}`);
    assert.match(message, /[.]$/, code);
    assert.doesNotMatch(message, inTheRoleOf, code);
    assert.doesNotMatch(message, /\.\.$|undefined|null|\[object/, code);
  }
});

test('the old form of a sentence is recognised', () => {
  assert.match('Cannot level /srv/a.git as its lock must be free: a pass keeps it.', inTheRoleOf);
});

test('every error has a next step and one of the four exit codes', () => {
  for (const { code, exit, next } of examples) {
    assert.match(next, /\S/, code);
    assert.ok([1, 2, 3, 4].includes(exit), code);
  }
});

test('a full disk is no bug of ours, and is told with what to do', () => {
  for (const words of ['ENOSPC', 'EDQUOT']) {
    const { code, exit, next } = asFault(Object.assign(new Error(`${words}: write`), { code: words }));
    assert.deepEqual([code, exit], ['disk-full', 3]);
    assert.match(next, /Make room/);
  }
});

test('what nobody foresaw is our bug, with its trace', () => {
  const { code, exit, message } = asFault(new TypeError('refs is not iterable'));
  assert.deepEqual([code, exit], ['bug', 1]);
  assert.match(message, /^Cannot go on: something unexpected happened: TypeError: refs is not iterable\n {4}at /);
});
