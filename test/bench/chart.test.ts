/** Pictures of figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { svg } from './chart';

test('a chart scales to its longest whisker, and words in it cannot become markup', () => {
  const text = svg({
    name: 'x',
    title: 'a < b & "c"',
    unit: 'ms',
    bars: [
      { label: 'half', value: 50 },
      { label: 'all', value: 80, high: 100 },
    ],
  });
  assert.ok(text.includes('a &lt; b &amp; &quot;c&quot;'));
  assert.ok(!text.includes('a < b'));
  const widths = [...text.matchAll(/<rect x="260" y="\d+" width="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.deepEqual(widths, [185, 296]);
});

test('a chart without a number is still a picture', () => {
  assert.ok(!svg({ name: 'x', title: 't', unit: 'ms', bars: [{ label: 'none', value: NaN }] }).includes('NaN'));
});
