/** A repository that two agents, or one agent by two paths, would bring after two phases. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import type { RepositoryConfig } from '../../../agent/contract/configs';
import type { Verbs } from '../../../agent/contract/verbs';
import { callAgent, installAgent } from '../kit/agent';
import { assertLevel, assertSides } from '../kit/ending';
import { noConsent, pairIn, type Pair } from '../kit/pair';

interface Agent {
  readonly folder: string;
  call<V extends keyof Verbs>(verb: V, request: Verbs[V]['request']): Promise<Verbs[V]['result']>;
}

/** As a stack that names another folder sets it up on the same server. */
async function secondAgent(pair: Pair): Promise<Agent> {
  const folder = path.join(pair.folder, 'agent2');
  const env = { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home') };
  installAgent(folder);
  const call: Agent['call'] = (verb, request) => callAgent(folder, verb, request, env);
  const installed = await pair.call('installed', {});
  assert.ok(installed);
  await call('setup', { config: installed.config });
  return { folder, call };
}

async function refusals(agent: Pick<Agent, 'call'>, config: RepositoryConfig): Promise<string> {
  const { repositories } = await agent.call('inspect', {
    repositories: [{ config, to: 'mirror', consent: noConsent }],
  });
  return repositories.flatMap((view) => view.refusals.map(({ code, message }) => `${code}: ${message}`)).join('\n');
}

const hooksOf = ({ old }: Pair): string =>
  ['where', 'hooks/pre-receive'].map((name) => fs.readFileSync(path.join(old, 'git-handover', name), 'utf8')).join();

for (const phase of ['old', 'both'] as const) {
  test(`a second stack with another folder does not take a repository that the first has in ${phase}`, async (t) => {
    const pair = await pairIn(t, phase);
    const second = await secondAgent(pair);
    const before = hooksOf(pair);
    const said = new RegExp(`other-master: .*its hooks are those of ${pair.state} \\(phase ${phase}\\)`);
    assert.match(await refusals(second, pair.config), said);
    await assert.rejects(second.call('attach', { config: pair.config }), said);
    await assert.rejects(
      second.call('move', { config: pair.config, to: 'mirror', consent: noConsent }),
      /other-master: Cannot attach/,
    );
    assert.equal(hooksOf(pair), before);
    assert.deepEqual((await second.call('status', { paths: [] })).repositories, []);
    const clone = await pair.clone('old', 'ada');
    await pair.commit(clone, 'A');
    await pair.must(clone, 'push', '--quiet', 'origin', 'main');
    await assertSides(pair, { old: 'main A', gitlab: phase === 'both' ? 'main A' : '' });
  });
}

test('one that the first let go of is taken, and one whose agent nobody uses any more as well, once its state is moved away', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const second = await secondAgent(pair);
  fs.renameSync(pair.state, path.join(pair.folder, 'left'));
  assert.equal(await refusals(second, pair.config), '');
  await second.call('attach', { config: pair.config });
  await second.call('detach', { path: pair.old });
  await pair.call('attach', { config: pair.config });
  await pair.call('detach', { path: pair.old });
  await second.call('attach', { config: pair.config });
});

test("an agent whose folder was moved keeps its repositories: a place that is gone is nobody's", async (t) => {
  const pair = await pairIn(t, 'mirror');
  const moved = path.join(pair.folder, 'agent3');
  fs.renameSync(pair.agentFolder, moved);
  const env = { PATH: process.env['PATH'], HOME: path.join(pair.folder, 'home') };
  const { phase } = await callAgent(moved, 'attach', { config: pair.config }, env);
  assert.equal(phase, 'mirror');
});

test("a copy is none of the original's: it takes no lease there, and is attached like any other", async (t) => {
  const pair = await pairIn(t, 'both');
  const second = await secondAgent(pair);
  const clone = await pair.clone('old', 'ada');
  await pair.commit(clone, 'A');
  for (const [name, agent] of [
    ['copy.git', pair],
    ['copy2.git', second],
  ] as const) {
    const copy = path.join(path.dirname(pair.old), name);
    execFileSync('cp', ['-a', pair.old, copy]);
    const touched = (): number => fs.statSync(path.join(pair.state, 'pushes')).mtimeMs;
    const before = touched();
    assert.match((await pair.git(clone, 'push', copy, 'main')).output, /this repository is a copy/);
    assert.equal(touched(), before);
    const config = { ...pair.config, path: copy };
    assert.equal(await refusals(agent, config), '');
    await agent.call('attach', { config });
    await pair.must(clone, 'push', '--quiet', copy, 'main');
    await agent.call('detach', { path: copy });
  }
  await pair.must(clone, 'push', '--quiet', 'origin', 'main');
  await assertLevel(pair, 'main A');
});

test('one that somebody renamed is not begun anew under its new name, whichever agent is asked', async (t) => {
  const pair = await pairIn(t, 'both');
  const second = await secondAgent(pair);
  const config = { ...pair.config, path: `${pair.old}.new` };
  fs.renameSync(pair.old, config.path);
  for (const agent of [pair, second])
    await assert.rejects(agent.call('attach', { config }), /other-master: .*\(phase both\)/);
  fs.renameSync(config.path, pair.old);
  await pair.pass();
});

test('where two have it already, neither takes the hooks from the other: it is a trouble of who has them not, until one lets go', async (t) => {
  const pair = await pairIn(t, 'old');
  const second = await secondAgent(pair);
  const away = path.join(pair.folder, 'away');
  fs.renameSync(pair.state, away);
  await second.call('attach', { config: pair.config });
  fs.renameSync(away, pair.state);
  const before = hooksOf(pair);
  const said = /another agent has it, its hooks are those of \S+agent2\S+ \(phase old\)/;
  const troubles = async (): Promise<string> =>
    (await pair.pass()).troubles.map(({ kind, words }) => `${kind}: ${words}`).join();
  assert.match(await troubles(), /^hookless: /);
  assert.match(await troubles(), said);
  await assert.rejects(pair.call('attach', { config: pair.config }), said);
  await assert.rejects(pair.move('mirror'), said);
  await assert.rejects(pair.call('detach', { path: pair.old }), said);
  assert.equal(hooksOf(pair), before);
  await second.call('detach', { path: pair.old });
  assert.equal(await troubles(), '');
  await pair.move('mirror');
});

test('another state that cannot be read is nobody to be passed over', async (t) => {
  const pair = await pairIn(t, 'both');
  const second = await secondAgent(pair);
  fs.appendFileSync(path.join(pair.state, 'state'), 'spoilt');
  await assert.rejects(
    second.call('attach', { config: pair.config }),
    /other-master: .*\(whose state cannot be read\)/,
  );
});

test('the preview of a step back tells what it would undo, since when it is so, and who did it; a step on has nothing to tell', async (t) => {
  const pair = await pairIn(t, 'mirror');
  const warnings = async (to: 'mirror' | 'both' | 'old'): Promise<string> => {
    const consent = { ...noConsent, abandon: to === 'old' };
    const { repositories } = await pair.call('inspect', { repositories: [{ config: pair.config, to, consent }] });
    return repositories.flatMap((view) => view.warnings).join('\n');
  };
  assert.equal(await warnings('both'), '');
  const began = new Date().toISOString();
  await pair.call('move', { config: pair.config, to: 'both', consent: noConsent, who: 'ada@desk' });
  const [, since = '', rest = ''] = / is both since (\S+), by (.*)$/.exec(await warnings('mirror')) ?? [];
  assert.equal(rest, 'ada@desk; this takes it back to mirror: people can no longer push to GitLab');
  assert.ok(since > began && since < new Date().toISOString(), since);
  // Repeating the move of before changes nothing, so whose it was stays.
  await pair.move('both');
  assert.match(await warnings('old'), /by ada@desk; this takes it back to old: people can no longer push to GitLab$/);
  fs.rmSync(path.join(pair.state, 'moved'));
  assert.match(await warnings('mirror'), / is both; this takes it back to mirror: /);
});
