/**
 * An old server with no Node: a PATH with nothing but what the README asks for. The stack copies Node there, and the
 * migration goes to its end.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { stateName } from '../../agent/contract/statename';
import { bareFolder } from '../lab/programs';
import type { Seen } from '../lab/contract';
import { until } from '../lab/processes';
import { app, type Desk, firstHistory } from './desk';
import { expectDone, expectRefused, projectOf, startWalk, type Walk } from './walk';

const main = 'refs/heads/main';

test(
  'an old server without Node goes through every phase, and nothing is left on it',
  { timeout: 900_000 },
  async (t) => {
    const [walk, temporary] = await bareWalk(t);
    const person = walk.lab.person('ada');
    const desk = { walk, person, clone: await firstHistory(walk, person) };
    await t.test('the preview says in one line what will be copied, and leaves nothing', () =>
      previewed(desk, temporary),
    );
    await t.test('up copies it once; a second preview has nothing to say', () => copied(desk, temporary));
    await t.test('mirror, both, warn and refuse, with pushes and a resident that this Node runs', () => phases(desk));
    await t.test('a copy that is damaged or gone is said in the preview, and put back', () => putBack(desk, temporary));
    await t.test('destroy takes it away', () => destroyed(desk));
  },
);

/** Answers the folder for temporary files, too: nobody else's lie in it. */
async function bareWalk(t: TestContext): Promise<readonly [Walk, string]> {
  const own = mkdtempSync('/tmp/gh-bare-');
  t.after(() => rmSync(own, { recursive: true }));
  chmodSync(own, 0o755);
  const temporary = join(own, 'tmp');
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  const walk = await startWalk(t, {
    repositories: [app],
    people: ['ada'],
    oldPath: bareFolder(join(own, 'bin')),
    oldEnv: { TMPDIR: temporary },
  });
  walk.lab.configure((settings) => {
    delete (settings['git-handover:server'] as Record<string, unknown>)['node'];
  });
  return [walk, temporary];
}

function nodeOf({ lab }: Walk): string {
  return join(lab.agentFolder, 'node');
}

/** Pulumi shows each line twice: as it comes, behind its resource, and at the end, alone. */
function linesAboutNode({ output }: Seen): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^Node \d+\.\d+\.\d+ \(\d+ MB\)/.test(line));
}

async function nothingIn(temporary: string): Promise<void> {
  await until('folders for temporary files to be gone', () => readdirSync(temporary).length === 0, 10_000);
}

async function previewed({ walk }: Desk, temporary: string): Promise<void> {
  const seen = expectDone(await walk.preview());
  const [line = '', ...others] = linesAboutNode(seen);
  assert.deepEqual(others, []);
  assert.match(line, /Node 24\.\d+\.\d+ \(1\d\d MB\) will be copied to \S+\/node on \S+: there is none on PATH\./);
  assert.equal(existsSync(walk.lab.agentFolder), false);
  await nothingIn(temporary);
}

async function copied({ walk }: Desk, temporary: string): Promise<void> {
  expectDone(await walk.up());
  assert.match(execFileSync(nodeOf(walk), ['--version'], { encoding: 'utf8' }), /^v24\./);
  const state = join(walk.lab.agentFolder, 'repositories', stateName(walk.lab.old.repositoryPath(app)), 'state');
  assert.match(readFileSync(state, 'utf8'), new RegExp(`^node ${nodeOf(walk)}$`, 'm'));
  await nothingIn(temporary);
  const seen = expectDone(await walk.preview('--expect-no-changes'));
  assert.deepEqual(linesAboutNode(seen), []);
}

async function push({ person, clone }: Desk, message: string): Promise<Seen & { commit: string }> {
  const commit = await person.commit(clone, message);
  return { ...(await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main')), commit };
}

async function phases(desk: Desk): Promise<void> {
  const { walk, person, clone } = desk;
  await walk.moveTo('mirror');
  await walk.expectLevel(app, { [main]: expectDone(await push(desk, 'in mirror')).commit });
  await walk.moveTo('both');
  await walk.expectLevel(app, { [main]: expectDone(await push(desk, 'in both')).commit });
  // Deleting is for the agent to judge, so the hook starts Node.
  expectDone(await person.git(clone, 'push', 'origin', ':refs/heads/older'));
  await walk.lab.gitlab.webEdit(projectOf(app), 'refs/heads/web', walk.oldRefs(app)[main] ?? null, 1);
  await walk.expectLevel(app);
  assert.ok(walk.oldRefs(app)['refs/heads/web']);
  const resident = readFileSync(join(walk.lab.agentFolder, 'serve.pid'), 'utf8').split('.')[0] ?? '';
  assert.equal(execFileSync('readlink', [`/proc/${resident}/exe`], { encoding: 'utf8' }).trim(), nodeOf(walk));
  await walk.moveTo('warn');
  assert.match(expectDone(await push(desk, 'in warn')).output, /remote: .*GitLab/);
  await walk.moveTo('refuse');
  expectRefused(await push(desk, 'in refuse'), /remote: .*moved to GitLab/);
  assert.equal((await walk.script('status', app)).code, 0);
}

async function putBack({ walk }: Desk, temporary: string): Promise<void> {
  // What runs keeps the whole one.
  writeFileSync(`${nodeOf(walk)}.bad`, readFileSync(nodeOf(walk)).fill(0, 50_000_000, 50_004_096), { mode: 0o755 });
  renameSync(`${nodeOf(walk)}.bad`, nodeOf(walk));
  const damaged = expectDone(await walk.preview());
  assert.match(linesAboutNode(damaged).join('\n'), /^[^\n]* will replace what lies in \S+\/node on [^\n]*$/);
  expectDone(await walk.up());
  assert.match(execFileSync(nodeOf(walk), ['--version'], { encoding: 'utf8' }), /^v24\./);
  rmSync(nodeOf(walk));
  assert.equal(linesAboutNode(expectDone(await walk.preview())).length, 1);
  expectDone(await walk.up());
  await nothingIn(temporary);
  assert.deepEqual(linesAboutNode(expectDone(await walk.preview('--expect-no-changes'))), []);
}

async function destroyed({ walk }: Desk): Promise<void> {
  await walk.moveTo('warn');
  await walk.moveTo('mirror');
  walk.change(app, (setting) => (setting['abandon'] = true));
  await walk.moveTo('old');
  expectDone(await walk.destroy());
  assert.deepEqual(existsSync(walk.lab.agentFolder) ? readdirSync(walk.lab.agentFolder) : [], []);
}
