/**
 * People with accounts of their own on old, and an agent with another one: their hooks may not use its key, and ask it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import type { LabPerson } from '../lab/person';
import { startProcess, until } from '../lab/processes';
import { running } from '../lab/processtree';
import { askAs } from './asking';
import { expectDone, expectRefused, projectOf, startWalk, type Walk } from './walk';

const app = 'team/app.git';
const needsRoot = { skip: process.getuid?.() !== 0 && 'only root can log in others', timeout: 600_000 };
const silent = /^(?!.*remote:)/s;

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
  await t.test('old: nothing is said', () => pushes(desk, silent));
  await walk.moveTo('mirror');
  await t.test('mirror: a pass brings it over, by force too', () => pushes(desk, silent));
  await walk.moveTo('both');
  await t.test('both: GitLab has it before the answer, by force too', () => pushes(desk, /GitLab has main at/));
  await t.test('both: stale, declined and unreachable say so, and nothing is taken', () => refusals(desk));
  await t.test('the resident is killed while it sends: the push is not lost, and not sent twice', () =>
    killedWhileSending(desk, () => residentPid(desk)),
  );
  await t.test('so is the process that sends for it', () => killedWhileSending(desk, () => senderPid(desk)));
  await t.test('without a resident the push is told in bounded time that nothing was taken', () => residentAway(desk));
  await t.test('nobody asks for another, without a proof, or with a false one', () => forged(desk));
  await walk.moveTo('warn');
  await t.test('warn: the push is taken, with a warning', () => pushes(desk, /soon this server takes no pushes/));
  await walk.moveTo('refuse');
  await t.test('refuse: told what to type', async () => {
    await ada.commit(clone, 'too late');
    expectRefused(await push(desk), /takes no pushes/);
  });
  await t.test('let go of when it is retired, where only their owner may write its hooks: it still refuses', () =>
    letGo(walk),
  );
});

async function letGo(walk: Walk): Promise<void> {
  const repository = walk.lab.old.repositoryPath(app);
  chmodSync(join(repository, 'hooks'), 0o2755);
  await walk.moveTo('retired');
  expectDone(await walk.destroy());
  const config = execFileSync('git', ['config', '--file', join(`${repository}.retired`, 'config'), 'core.hooksPath'], {
    encoding: 'utf8',
  });
  assert.match(
    readFileSync(join(`${repository}.retired`, config.trim(), 'pre-receive'), 'utf8'),
    /has moved to GitLab and was retired here[^]*exit 1/,
  );
}

function push({ ada, clone }: Desk, ...options: string[]): ReturnType<LabPerson['git']> {
  return ada.git(clone, 'push', ...options, 'origin', 'HEAD:refs/heads/main');
}

/** In `old` GitLab has nothing yet. */
async function pushes(desk: Desk, words: RegExp): Promise<void> {
  const { walk, ada, clone } = desk;
  await ada.commit(clone, 'one more');
  assert.match(expectDone(await push(desk)).output, words);
  await ada.git(clone, 'commit', '--amend', '--quiet', '--message', 'another');
  assert.match(expectDone(await push(desk, '--force')).output, words);
  expectDone(await ada.git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/side', 'HEAD:refs/tags/v1'));
  expectDone(await ada.git(clone, 'push', '--quiet', 'origin', ':refs/heads/side', ':refs/tags/v1'));
  if ((await walk.status(app)).phase !== 'old') await walk.expectLevel(app);
}

/** Refused pushes leave both sides as they were. */
async function refusals(desk: Desk): Promise<void> {
  const { walk, ada, bob, clone } = desk;
  const { gitlab } = walk.lab;
  await ada.commit(clone, 'refused at first');
  const heals: [() => () => void, RegExp][] = [
    [() => gitlab.misbehave({ kind: 'declined', refs: 'refs/heads/*', text: 'not on a Friday' }), /not on a Friday/],
    [() => gitlab.misbehave({ kind: 'gone', api: false }), /GitLab cannot be reached[^]*Nothing was taken/],
  ];
  for (const [strike, words] of heals) {
    const before = walk.oldRefs(app);
    const heal = strike();
    expectRefused(await push(desk).finally(heal), words);
    assert.deepEqual(walk.oldRefs(app), before);
  }
  const theirs = await bob.clone(walk.lab.gitlabUrl(projectOf(app)));
  await bob.commit(theirs, 'on GitLab first');
  expectDone(await bob.git(theirs, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main'));
  expectRefused(await push(desk), /GitLab has newer commits on main|fetch first|non-fast-forward/);
  await walk.expectLevel(app);
  expectDone(await ada.git(clone, 'pull', '--quiet', '--rebase', 'origin', 'main'));
  expectDone(await push(desk));
}

function residentPid({ walk }: Desk): number {
  return Number(readFileSync(join(walk.lab.agentFolder, 'serve.pid'), 'utf8').split('.')[0]);
}

/** The only lease that runs: its file. */
function lease({ walk }: Desk): string | null {
  const state = join(walk.lab.agentFolder, 'repositories');
  const pushes = readdirSync(state).map((name) => join(state, name, 'pushes'))[0] ?? '';
  const name = readdirSync(pushes)
    .filter((found) => /^[0-9a-f-]+(\.\d+){4}$/.test(found))
    .find((found) => existsSync(`/proc/${found.split('.')[3] ?? ''}`));
  return name === undefined ? null : join(pushes, name);
}

function leaseSays(desk: Desk, words: string): boolean {
  const file = lease(desk);
  return file !== null && readFileSync(file, 'utf8').includes(words);
}

/** The resident's child that does what the only running push asked for. */
function senderPid(desk: Desk): number {
  const file = lease(desk) ?? '';
  const asked = `/agent.cjs push ${dirname(dirname(file))} ${basename(file)} `;
  return running(asked)[0] ?? assert.fail(`nobody runs${asked}`);
}

async function killedWhileSending(desk: Desk, victim: () => number): Promise<void> {
  const { walk, ada, clone } = desk;
  await ada.commit(clone, 'in the middle');
  const heal = walk.lab.gitlab.misbehave({ kind: 'slow', stage: 'answer', delayMs: 3_000 });
  const pushing = push(desk);
  await until('the push to be sent', () => leaseSays(desk, '\nsent '));
  process.kill(victim(), 'SIGKILL');
  const seen = await pushing.finally(heal);
  // What GitLab took before the kill is accepted; what it had not, nobody sends again.
  if (seen.code !== 0) assert.match(seen.output, /unknown|Nothing was taken/);
  await walk.expectLevel(app);
  if (seen.code === 0)
    assert.equal(walk.oldRefs(app)['refs/heads/main'], (await ada.git(clone, 'rev-parse', 'HEAD')).output.trim());
  else expectDone(await ada.git(clone, 'reset', '--quiet', '--hard', walk.oldRefs(app)['refs/heads/main'] ?? ''));
}

/** Whoever keeps `serve.lock` keeps the next one from serving. */
async function residentAway(desk: Desk): Promise<void> {
  const { walk, ada, clone } = desk;
  await ada.commit(clone, 'nobody there');
  const before = walk.oldRefs(app);
  const keeper = startProcess('flock', ['--no-fork', join(walk.lab.agentFolder, 'serve.lock'), 'sleep', '1000'], {
    env: walk.lab.env,
  });
  await until('the keeper to wait for the lock', () =>
    new RegExp(`FLOCK .* ${keeper.pid} `).test(readFileSync('/proc/locks', 'latin1')),
  );
  process.kill(residentPid(desk), 'SIGKILL');
  const seen = await push(desk).finally(() => keeper.stop());
  expectRefused(seen, /the agent of git-handover on this server[^]*does not answer/, /Nothing was taken/);
  assert.ok(seen.ms < 25_000, `told after ${seen.ms} ms`);
  assert.deepEqual(walk.oldRefs(app), before);
  await until('the push to be taken', async () => (await push(desk)).code === 0, 60_000, 1_000);
}

/** Of the group that shares the repositories. */
function onlySocket({ lab }: Walk): string {
  const [name = 'none', ...others] = readdirSync(join(lab.agentFolder, 'sockets'));
  assert.deepEqual(others, []);
  return join(lab.agentFolder, 'sockets', name);
}

/** While ada's push hangs in a hook of the repository its lease lives. */
async function forged(desk: Desk): Promise<void> {
  const { walk, ada, clone } = desk;
  const [hers, his] = [walk.lab.old.accountOf('ada'), walk.lab.old.accountOf('bob')];
  assert.ok(hers !== null && his !== null);
  const [go, hook] = [join(walk.lab.old.root, 'go'), join(walk.lab.old.repositoryPath(app), 'hooks/pre-receive')];
  writeFileSync(hook, `#!/bin/sh\nwhile [ ! -e ${go} ]; do sleep 0.1; done\n`, { mode: 0o755 });
  await ada.commit(clone, 'hangs for a while');
  const pushing = push(desk);
  await until('the push to act', () => leaseSays(desk, '\nact '));
  const file = lease(desk) ?? '';
  const ask = {
    socket: onlySocket(walk),
    lease: file,
    repository: walk.lab.old.repositoryPath(app),
  };
  const answers = {
    hers: await askAs(hers, ask),
    his: await askAs(his, ask),
    nobody: await askAs({ uid: 65_534, gid: 65_534 }, ask),
    content: await askAs(hers, { ...ask, content: '0'.repeat(32) }),
    mode: await askAs(hers, { ...ask, mode: 0o644 }),
    quarantine: await askAs(hers, { ...ask, quarantine: '/etc' }),
    other: await askAs(hers, { ...ask, lease: `${file}0` }),
    garbage: await askAs(hers, { ...ask, garbage: true }),
  };
  writeFileSync(go, '');
  expectDone(await pushing);
  writeFileSync(hook, '#!/bin/sh\n');
  assert.match(answers.hers, /"kind":"done","code":0/);
  assert.match(answers.nobody, /EACCES/);
  for (const [name, answer] of Object.entries(answers))
    if (name !== 'hers' && name !== 'nobody') assert.match(answer, /"kind":"refused"/, name);
}
