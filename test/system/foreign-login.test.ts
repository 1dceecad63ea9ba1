/** People whose login on the old server is not the agent's account. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app, firstHistory, type Desk } from './desk';
import { expectDone, expectRefused, startWalk, type Walk } from './walk';

test(
  "a login that is not the agent's account: pushes pass in old, and are refused with a sentence from mirror on",
  { skip: process.getuid?.() !== 0 && 'only root can log in others', timeout: 600_000 },
  async (t) => {
    const walk = await startWalk(t, { repositories: [app], people: ['ada'], login: 'other' });
    // Writable for all, and its configuration does not say so: the agent opens nothing to others.
    walk.gitConfig(app, '--unset', 'core.sharedRepository');
    const person = walk.lab.person('ada');
    const desk = { walk, person, clone: await firstHistory(walk, person) };
    await t.test('the preview says that the agent must be the owner', () => ownerWanted(walk));
    await t.test('old: the push passes', () => foreignPasses(desk));
    await t.test('mirror and both: the push is refused, and nothing is taken', () => foreignRefused(desk));
  },
);

async function ownerWanted(walk: Walk): Promise<void> {
  expectRefused(await walk.preview(), /neither to the account of the agent/);
  walk.lab.configure((settings) => ((settings['git-handover:server'] as Record<string, unknown>)['user'] = 'root'));
}

async function foreignPasses({ walk, person, clone }: Desk): Promise<void> {
  expectDone(await walk.up());
  await person.commit(clone, 'in old');
  const seen = expectDone(await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  assert.doesNotMatch(seen.output, /remote:/);
}

async function foreignRefused({ walk, person, clone }: Desk): Promise<void> {
  await person.commit(clone, 'too late');
  for (const phase of ['mirror', 'both'] as const) {
    await walk.moveTo(phase);
    const before = walk.oldRefs(app);
    const seen = await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main');
    expectRefused(seen, /it does not come from the account of the agent of[^]*git-handover/, /Nothing was taken/);
    assert.deepEqual(walk.oldRefs(app), before);
    await walk.expectLevel(app);
  }
}
