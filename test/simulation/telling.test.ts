/** What a person reads of a failing seed: the lines around the moment, and one spelling of a commit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Commits, short, spelled } from './commits';
import { runSeed } from './run';
import { aroundMoment } from './telling';

const story = Array.from({ length: 200 }, (_, second) => `${String(second).padStart(8)}.000 s  push #${second} of ada`);

test('the lines around the moment are shown, and those of a push that the verdict names', () => {
  const lines = aroundMoment(story, {
    promise: 'P6',
    answer: 'invalid',
    story: 'push #3 was refused, and main became c2 on old1',
    at: 100_000,
  });
  const marked = lines.filter((line) => line.startsWith('>')).map((line) => line.slice(-13));
  assert.deepEqual(
    marked,
    ['push #3 of ada', 'push #100 of ada'].map((words) => words.slice(-13)),
  );
  assert.equal(lines.filter((line) => line === '  …').length, 2);
  assert.ok(lines.length > 30 && lines.length < 60, `${lines.length} lines`);
});

test('without a moment the end is shown', () => {
  const lines = aroundMoment(story, { promise: 'P3', answer: 'invalid', story: 'main is c1 on old1' });
  assert.ok(lines.at(-1)?.endsWith('push #199 of ada'));
});

test('long ids, shortened ones and absent ones are spelled alike', () => {
  const commits = new Commits();
  const oids = Array.from({ length: 300 }, () => commits.make([]));
  const last = oids.at(-1) ?? '';
  assert.equal(short(last), 'c12c');
  assert.equal(
    spelled(`main ${last} is at ${last.slice(0, 8)}, not ${'0'.repeat(40)}`),
    'main c12c is at c12c, not absent',
  );
  assert.equal(new Set(oids.map(short)).size, oids.length);
});

test('no line of a seed holds an id in another spelling', async () => {
  const lines = (await runSeed(4)).story.filter((line) => /\b[0-9a-f]{8,}\b/.test(line));
  assert.deepEqual(lines, []);
});
