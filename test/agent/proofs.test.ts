import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { newChallenge, prove, proverOf } from '../../agent/hook/proofs';
import { proofFolder } from '../../agent/repository/sharing';
import { labFolder } from '../lab/folder';

test('proofs of hooks that were killed go, also those from a time when the clock stood ahead', (t) => {
  const lab = labFolder();
  t.after(() => fs.rmSync(lab.path, { recursive: true, force: true }));
  const folder = path.join(lab.path, proofFolder);
  fs.mkdirSync(folder, { recursive: true });
  const now = Date.now() / 1000;
  for (const [name, ago] of Object.entries({ old: 3600, ahead: -3600, young: 10 })) {
    fs.writeFileSync(path.join(folder, name), 'x');
    fs.utimesSync(path.join(folder, name), now - ago, now - ago);
  }
  const challenge = newChallenge();
  prove(lab.path, challenge);
  assert.equal(proverOf(lab.path, challenge), process.getuid?.());
  assert.deepEqual(fs.readdirSync(folder), ['young']);
});
