/** Whose push it is, is not for who asks to say: the kernel says it, by the owner of the lease and of the proof. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { admit, type Admitted } from '../../agent/hook/admit';
import { startOf } from '../../agent/machine/processes';
import { createJournal } from '../../agent/repository/journal';
import { labFolder } from '../lab/folder';
import { facts } from './statefacts';

const self = process.getuid?.() ?? 0;

const living = `abc-1.${process.pid}.${startOf(process.pid) ?? ''}.1.1`;
/** No process has this id. */
const dead = 'abc-1.4194305.1.4194305.1';

/** A shared repository in `both`; `pushes` holds its leases. */
function shared(t: TestContext): {
  pushes: string;
  ask: (lease: string, prover: number | null, what?: 'push' | 'look') => Admitted | string;
} {
  const lab = labFolder();
  t.after(() => fs.rmSync(lab.path, { recursive: true, force: true }));
  const [directory, state] = [path.join(lab.path, 'a.git'), path.join(lab.path, 'repositories', 'a-0')];
  fs.mkdirSync(path.join(directory, 'objects'), { recursive: true });
  createJournal(state, { phase: 'both', epoch: 3, hold: null, fence: null, directory, identity: '1:2' }, facts);
  fs.chmodSync(state, 0o2750);
  fs.writeFileSync(path.join(state, 'config.json'), '{}');
  return {
    pushes: path.join(state, 'pushes'),
    ask: (lease, prover, what = 'push') =>
      admit(lab.path, { state: 'a-0', lease, what, quarantine: null }, () => prover),
  };
}

function wordsOf(answer: Admitted | string): string {
  return typeof answer === 'string' ? answer : `admitted as ${answer.uid}`;
}

const strange = /^Cannot take this push: its hook did not prove whose it is\.\nNothing was taken\./;

test('who proves to be the owner of a lease may ask for its push, and nobody else may', (t) => {
  const { pushes, ask } = shared(t);
  fs.writeFileSync(path.join(pushes, living), '');
  const admitted = ask(living, self);
  assert.ok(typeof admitted !== 'string', wordsOf(admitted));
  assert.deepEqual([admitted.uid, path.basename(admitted.file)], [self, living]);
  for (const prover of [null, self + 1]) assert.match(wordsOf(ask(living, prover)), strange);
});

test('a lease that is not there, whose push is over, or that is a link gives nobody a push', (t) => {
  const { pushes, ask } = shared(t);
  assert.match(wordsOf(ask(living, self)), strange);
  fs.writeFileSync(path.join(pushes, dead), '');
  assert.match(wordsOf(ask(dead, self)), strange);
  fs.symlinkSync(path.join(pushes, dead), path.join(pushes, living));
  assert.match(wordsOf(ask(living, self)), strange);
  fs.rmSync(path.join(pushes, living));
  fs.linkSync(path.join(pushes, dead), path.join(pushes, living));
  assert.match(wordsOf(ask(living, self)), strange);
});

test('of a push that was asked for before nobody says that it was not taken, unless its lease is gone', (t) => {
  const { pushes, ask } = shared(t);
  assert.match(wordsOf(ask(living, self, 'look')), /^GitLab did not take this push/);
  fs.writeFileSync(path.join(pushes, living), '');
  assert.match(wordsOf(ask(living, null, 'look')), /^Whether GitLab took this push is unknown/);
  fs.writeFileSync(path.join(path.dirname(pushes), 'state'), 'git-handover-state 1\n');
  assert.match(wordsOf(ask(living, self, 'look')), /^Whether GitLab took this push is unknown/);
});
