/** What is made from the code is on the pages as it is made. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fill, openingMarker, stalePages, table } from './docs/page';
import { parts } from './docs/parts';

const read = (page: string): string => readFileSync(join(__dirname, '..', page), 'utf8');

test('no page is stale: else run `npm run docs`', () => {
  const stale = stalePages(parts, read);
  assert.deepEqual(
    stale.map(({ path }) => path),
    [],
  );
});

test('a page that was edited between the markers is stale, and what stands around them stays', () => {
  for (const { page, from } of parts) {
    const edited = read(page).replace(openingMarker({ from }), (marker) => `${marker}\n\nby hand\n`);
    const [stale] = stalePages(parts, (path) => (path === page ? edited : read(path)));
    assert.deepEqual(stale, { path: page, text: read(page) });
  }
});

test('a page without a place for its part is an error that names both markers', () => {
  const part = { page: 'a.md', from: 'b.ts', make: () => [] };
  assert.throws(() => fill('# A', part), /Cannot fill a\.md: it has no <!-- made from b\.ts by .* with a <!-- end -->/);
});

test('a cell may hold what a table is made of', () => {
  const [, , row] = table(['a', 'b'], [['one | two\nthree', '<x> and `<y>`']]);
  assert.equal(row, '| one \\| two<br>three | &lt;x> and `<y>` |');
});
