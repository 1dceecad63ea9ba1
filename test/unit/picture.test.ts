import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picture } from '../docs/picture';

test('what a terminal printed is text in the picture, whatever signs it has', () => {
  const svg = picture('npm run x -- --y', 'a <b> & "c"\n  -- d\n');
  assert.ok(svg.includes('a &lt;b&gt; &amp; "c"'));
  assert.match(svg, /y="68" xml:space="preserve">  &#45;&#45; d</);
  const [, comment = ''] = /<!--(.*)-->/.exec(svg) ?? [];
  assert.ok(comment.includes('npm run x') && !comment.includes('--'), 'two dashes would end the comment');
});
