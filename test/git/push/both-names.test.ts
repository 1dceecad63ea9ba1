/** Names and numbers of refs in one push to old in `both`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLevel } from '../kit/ending';
import { pairIn } from '../kit/pair';

test('both: odd names of branches and tags go through unharmed', async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  const names = [
    'refs/heads/-dash',
    "refs/heads/it's",
    'refs/heads/$(touch pwned)'.replace(' ', '_'),
    'refs/heads/grüße',
    'refs/heads/a"b',
    'refs/tags/`id`',
    'refs/heads/feature/#12',
    'refs/heads/a;b&c|d',
  ];
  await pair.commit(clone, 'A');
  for (const name of names) await pair.must(clone, 'push', '--quiet', 'origin', `HEAD:${name}`);
  const heads = `$(touch_pwned) A, -dash A, a"b A, a;b&c|d A, feature/#12 A, grüße A, it's A, main S1`;
  await assertLevel(pair, `${heads}, tag:\`id\` A`);
});

test("both: many refs in one push go through in one piece, and the pusher reads one short line and nothing of git's own", async (t) => {
  const pair = await pairIn(t, 'both');
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  for (const count of [7, 300]) {
    const seen = await pair.must(
      clone,
      'push',
      'origin',
      ...Array.from({ length: count }, (_, index) => `main:refs/heads/of${count}/${index}`),
    );
    const said = seen
      .split('\n')
      .filter((line) => line.startsWith('remote: ') && !/^remote: waiting for GitLab \.\.\. \d+ s\s*$/.test(line));
    assert.equal(said.length, 1, seen);
    assert.match(said[0] ?? '', new RegExp(`of${count}/4 at [0-9a-f]{8} and ${count - 5} more`));
  }
  const made = [7, 300].flatMap((count) => Array.from({ length: count }, (_, index) => `of${count}/${index}`));
  await assertLevel(pair, ['main S1', ...made.sort().map((name) => `${name} A`)].join(', '));
});
