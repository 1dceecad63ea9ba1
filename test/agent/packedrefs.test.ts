import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { countPackedRefs, packedBytes } from '../../agent/git/packedrefs';
import { labFolder } from '../lab/folder';

test('packed refs are counted without what annotated tags point to, over any number of chunks', async (t) => {
  const lab = labFolder();
  t.after(() => lab.close());
  const oid = 'a'.repeat(40);
  assert.equal(countPackedRefs(lab.path), 0, 'no file');
  const lines = Array.from({ length: 30_000 }, (_, index) => `${oid} refs/tags/t${index}\n^${oid}\n`);
  const text = `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`;
  fs.writeFileSync(path.join(lab.path, 'packed-refs'), text);
  assert.equal(countPackedRefs(lab.path), 30_000);
  assert.equal(packedBytes(lab.path), text.length);
});
