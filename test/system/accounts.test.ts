/** People with accounts of their own on old, and an agent with another one: their hooks may not use its key, and ask it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../agent/phase';
import type { LabPerson } from '../lab/person';
import { expectDone, startWalk, type Walk } from './walk';

const app = 'team/app.git';
const needsRoot = { skip: process.getuid?.() !== 0 && 'only root can log in others', timeout: 600_000 };

interface Desk {
  readonly walk: Walk;
  readonly ada: LabPerson;
  readonly bob: LabPerson;
  /** Of ada. */
  readonly clone: string;
}

test('each pushes with an account of their own, in every phase', needsRoot, async (t) => {
  const walk = await startWalk(t, { repositories: [app], people: ['ada', 'bob'], login: 'accounts' });
  const [ada, bob] = [walk.lab.person('ada'), walk.lab.person('bob')];
  const clone = await ada.clone(walk.lab.oldUrl(app));
  await ada.commit(clone, 'first');
  expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  const desk: Desk = { walk, ada, bob, clone };
  expectDone(await walk.up());
  await t.test('old: nothing is said', () => pushes(desk, 'old', /^(?!.*remote:)/s));
  await walk.moveTo('mirror');
  await t.test('mirror: the worker brings it over', () => pushes(desk, 'mirror', /^(?!.*remote:)/s));
  await walk.moveTo('both');
  await t.test('both: GitLab has it before the answer', () => pushes(desk, 'both', /GitLab has main at/));
});

async function pushes({ walk, ada, clone }: Desk, phase: Phase, words: RegExp): Promise<void> {
  await ada.commit(clone, `in ${phase}`);
  const seen = expectDone(await ada.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  assert.match(seen.output, words);
  if (phase !== 'old') await walk.expectLevel(app);
}
