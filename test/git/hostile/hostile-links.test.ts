/**
 * Who may write into a repository's folder may put links there. What the agent changes in the repository must not be
 * what such a link leads to: another repository, the agent's own folder, the account's home.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { newChallenge, proverOf } from '../../../agent/hook/proofs';
import { assertSides, bothSides } from '../kit/ending';
import { otherRepository, passes, picture, plant } from '../kit/links';
import { pairIn, type Pair } from '../kit/pair';

async function startPair(t: TestContext): Promise<{ pair: Pair; other: string; clone: string }> {
  const pair = await pairIn(t, 'both', { commits: 2 });
  return { pair, other: await otherRepository(pair), clone: await pair.clone('gitlab', 'ada') };
}

test("a link below refs/ to the agent's keys moves none of them aside", async (t) => {
  const { pair } = await startPair(t);
  const before = picture(path.join(pair.agentFolder, 'ssh'));
  plant(pair, 'refs/heads/evil', path.join(pair.agentFolder, 'ssh'));
  assert.match(await passes(pair), /refs\/heads\/evil is a symbolic link.*Remove the link/);
  assert.deepEqual(picture(path.join(pair.agentFolder, 'ssh')), before);
  assert.deepEqual(picture(path.join(pair.state, 'aside')), {});
});

for (const [link, target] of [
  ['refs/heads/evil', 'refs/heads'],
  ['refs/evil', 'refs/heads'],
  ['packed-refs', 'packed-refs'],
  ['refs/handover', 'refs'],
] as const)
  test(`a link at ${link} to another repository takes no ref of that one away, and puts none there`, async (t) => {
    const { pair, other, clone } = await startPair(t);
    const before = picture(other);
    plant(pair, link, path.join(other, target));
    // Something to keep in the attic.
    await pair.must(clone, 'reset', '--quiet', '--hard', 'HEAD~1');
    await pair.must(clone, 'push', '--quiet', '--force', 'origin', 'main');
    await passes(pair);
    assert.deepEqual(picture(other), before);
  });

for (const [name, target] of [
  ['git-handover', '.'],
  ['git-handover/asks', '.'],
  ['git-handover/asks', 'refs/heads'],
] as const)
  test(`a proof that is looked for where ${name} leads to another repository (${target}) removes nothing there`, async (t) => {
    const { pair, other } = await startPair(t);
    if (name === 'git-handover') fs.mkdirSync(path.join(other, 'asks'));
    if (name === 'git-handover') fs.writeFileSync(path.join(other, 'asks/theirs'), 'theirs');
    const past = new Date(Date.now() - 3600_000);
    for (const file of Object.keys(picture(other))) fs.lutimesSync(path.join(other, file), past, past);
    const before = picture(other);
    plant(pair, name, path.join(other, target));
    assert.equal(proverOf(pair.old, newChallenge()), null);
    assert.deepEqual(picture(other), before);
  });

for (const phase of ['mirror', 'both'] as const)
  test(`${phase}: another repository's policy stays where git-handover leads to that one, and the link is listed`, async (t) => {
    const pair = await pairIn(t, phase);
    const other = await otherRepository(pair);
    const before = picture(other);
    fs.renameSync(path.join(pair.old, 'git-handover'), path.join(pair.old, 'before'));
    plant(pair, 'git-handover', other);
    assert.match(await passes(pair), /git-handover in .* is a symbolic link.*and remove it/s);
    await assert.rejects(pair.call('attach', { config: pair.config }), /symbolic link/);
    assert.deepEqual(picture(other), before);
    fs.rmSync(path.join(pair.old, 'git-handover'));
    fs.renameSync(path.join(pair.old, 'before'), path.join(pair.old, 'git-handover'));
    await passes(pair);
    const clone = await pair.clone('old', 'bob');
    await pair.commit(clone, 'B');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await passes(pair);
    await assertSides(pair, { old: 'main B', gitlab: 'main B' });
  });

for (const [what, link, target] of [
  ['a log', 'logs/refs/heads/main', 'rc'],
  ["HEAD's log", 'logs/HEAD', 'rc'],
  ['a folder of logs', 'logs/refs/heads', '.'],
] as const)
  test(`a change that the agent makes writes no line where ${what} leads to (${link})`, async (t) => {
    const { pair, clone } = await startPair(t);
    const home = path.join(pair.folder, 'login');
    fs.mkdirSync(home);
    if (target === 'rc') fs.writeFileSync(path.join(home, target), 'true\n');
    await pair.must(pair.old, 'config', 'core.logAllRefUpdates', 'always');
    await pair.must(pair.old, 'config', 'user.name', 'x; printed at the next login');
    const before = picture(home);
    plant(pair, link, path.join(home, target));
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main', 'main:rc');
    await passes(pair);
    assert.deepEqual(picture(home), before, JSON.stringify(await bothSides(pair)));
  });
