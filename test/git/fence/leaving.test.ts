/** Who leaves a repository alone takes its mark at GitLab away, or says that it stays. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Line } from '../../../agent/contract/verbs';
import { run } from '../kit/command';
import { noConsent, type Pair } from '../kit/pair';
import { fenced, fencesOf } from './kit';

/** Warnings of one call, as `pulumi` hears them. */
async function warnings(pair: Pair, verb: 'detach' | 'move', request: unknown): Promise<string[]> {
  const words = [path.join(pair.agentFolder, 'agent.cjs'), 'call', verb];
  const env = { ...process.env, HOME: path.join(pair.folder, 'home') };
  const { output } = await run(process.execPath, words, { cwd: '/', env, input: JSON.stringify(request) });
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const said = lines.map((line) => JSON.parse(line) as Line<unknown>);
  assert.equal(said.at(-1)?.kind, 'result', output);
  return said.flatMap((line) => (line.kind === 'warning' ? [line.text] : []));
}

function detach(pair: Pair): Promise<string[]> {
  return warnings(pair, 'detach', { path: pair.old });
}

/** GitLab takes its refs, and nothing of ours. */
function declineFence(pair: Pair): void {
  fs.writeFileSync(
    path.join(pair.gitlab, 'hooks/pre-receive'),
    '#!/bin/sh\ngrep -q refs/handover && exit 1\nexit 0\n',
    { mode: 0o755 },
  );
}

async function retired(t: TestContext): Promise<{ pair: Pair; ref: string }> {
  const pair = await fenced(t, 'mirror');
  await pair.move('refuse');
  await pair.move('retired');
  const [id = ''] = (await fencesOf(pair)).join().split(' ');
  return { pair, ref: `refs/handover/fence/${id}` };
}

test('a retired repository that is let go of leaves no mark at GitLab', async (t) => {
  const { pair } = await retired(t);
  assert.deepEqual(await detach(pair), []);
  assert.deepEqual(await fencesOf(pair), []);
});

test('a mark that GitLab does not let go of is named, with the command that takes it away', async (t) => {
  const { pair, ref } = await retired(t);
  declineFence(pair);
  const [words = '', ...more] = await detach(pair);
  assert.deepEqual(more, []);
  assert.match(words, /its mark stays at GitLab \(error: failed to push/);
  assert.ok(words.endsWith(`take it away: \`git push ${pair.config.peopleUrl} :${ref}\`.`), words);
});

test('where GitLab is away a repository is let go of all the same, and its mark is named', async (t) => {
  const { pair } = await retired(t);
  await pair.sshd.stop();
  assert.match((await detach(pair)).join(), /its mark stays at GitLab \(Cannot ask GitLab.* take it away: /s);
  assert.deepEqual(await detach(pair), []);
});

test('a mark that a copy of this server moved on stays', async (t) => {
  const { pair, ref } = await retired(t);
  const blob = (await pair.must(pair.gitlab, 'hash-object', '-w', '-t', 'blob', '/dev/null')).trim();
  await pair.must(pair.gitlab, 'update-ref', ref, blob);
  assert.match((await detach(pair)).join(), /it has another value than this server gave it/);
  assert.equal((await fencesOf(pair)).length, 1);
});

test('a repository that is abandoned leaves no mark, or one that is named', async (t) => {
  const pair = await fenced(t, 'mirror');
  declineFence(pair);
  const abandon = { config: pair.config, to: 'old', consent: { ...noConsent, abandon: true } };
  assert.match((await warnings(pair, 'move', abandon)).join(), /its mark stays at GitLab/);
});
