/** The demo's moves on an old server of a row's versions: every phase forward, and once back, with a push in each. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Seen } from '../lab/contract';
import { Letters } from '../lab/letters';
import type { LabPerson } from '../lab/person';
import { app } from '../system/desk';
import { expectDone, expectRefused, projectOf, startWalk, type Walk } from '../system/walk';
import { expectNode, expectServerGit, expectVersions, programsOf } from './programs';
import type { Row } from './rows';

/** Of one row's test. */
export const limits = {
  timeout: 600_000,
  ...(process.arch === 'x64' ? {} : { skip: 'the versions of Node are those of x64' }),
};

interface Desk {
  readonly person: LabPerson;
  readonly clone: string;
}

interface Scene {
  readonly row: Row;
  readonly walk: Walk;
  readonly letters: Letters;
  /** On old, until it refuses her. */
  readonly ada: Desk;
  /** On GitLab, wherever it is open. */
  readonly bob: Desk;
}

export async function migrate(t: TestContext, row: Row): Promise<void> {
  const oldPrograms = await programsOf(row);
  const walk = await startWalk(t, { repositories: [app], people: ['ada', 'bob'], login: 'owner', oldPrograms });
  const scene = await inOld(walk, row);
  await inMirror(scene);
  await inBoth(scene);
  await backToMirror(scene);
  await inWarn(scene);
  await inRefuse(scene);
  await inRetired(scene);
}

async function inOld(walk: Walk, row: Row): Promise<Scene> {
  const letters = new Letters();
  const ada = await deskOf(walk, 'ada');
  const first = { row, walk, letters, ada };
  await commit(first, ada, 'A');
  expectDone(await send(ada, 'HEAD:refs/heads/main', 'HEAD:refs/heads/topic', 'HEAD:refs/tags/v1'));
  expectDone(await walk.up());
  await expectVersions(walk.lab, row);
  await commit(first, ada, 'B');
  const seen = expectDone(await sendTraced(ada, 'HEAD:refs/heads/main'));
  assert.doesNotMatch(seen.output, /remote:/);
  expectServerGit(seen.output, row.release);
  const bob = await deskOf(walk, 'bob');
  await bob.person.git(bob.clone, 'remote', 'set-url', 'origin', walk.lab.gitlabUrl(projectOf(app)));
  assert.equal(drawn(letters, walk.oldRefs(app)), 'main B, topic A, tag:v1 A');
  assert.deepEqual(await walk.gitlabRefs(app), {});
  return { ...first, bob };
}

async function inMirror(scene: Scene): Promise<void> {
  const { walk, ada, bob } = scene;
  await walk.moveTo('mirror');
  await level(scene, 'main B, topic A, tag:v1 A');
  await commit(scene, ada, 'C');
  // A branch goes, one comes, and an annotated tag.
  await ada.person.git(ada.clone, 'tag', '--annotate', '--message', 'two', 'v2');
  scene.letters.give((await ada.person.git(ada.clone, 'rev-parse', 'v2')).output.trim(), 'T');
  expectDone(await send(ada, 'HEAD:refs/heads/main', ':refs/heads/topic', 'HEAD:refs/heads/next', 'v2'));
  await level(scene, 'main C, next C, tag:v1 A, tag:v2 T');
  await expectNode(walk.lab, walk.lab.old.node);
  expectRefused(await send(bob, 'HEAD:refs/heads/early'), /not allowed to push/);
}

async function inBoth(scene: Scene): Promise<void> {
  const { walk, ada, bob, letters } = scene;
  await walk.moveTo('both');
  await commit(scene, ada, 'D');
  expectDone(await send(ada, 'HEAD:refs/heads/main', '+HEAD~3:refs/heads/next'));
  // GitLab has it when ada is told ok.
  assert.equal(drawn(letters, await walk.gitlabRefs(app)), 'main D, next A, tag:v1 A, tag:v2 T');
  await catchUp(bob);
  await commit(scene, bob, 'E');
  expectDone(await send(bob, 'HEAD:refs/heads/main', ':refs/heads/next'));
  await level(scene, 'main E, tag:v1 A, tag:v2 T');
  await commit(scene, ada, 'lost');
  expectRefused(await send(ada, 'HEAD:refs/heads/main'), /fetch/);
  await ada.person.git(ada.clone, 'reset', '--quiet', '--hard', 'HEAD~1');
}

async function backToMirror(scene: Scene): Promise<void> {
  const { walk, ada, bob } = scene;
  await commit(scene, bob, 'F');
  expectDone(await send(bob, 'HEAD:refs/heads/main'));
  await walk.moveTo('mirror');
  await level(scene, 'main F, tag:v1 A, tag:v2 T');
  expectRefused(await send(bob, 'HEAD:refs/heads/late'), /not allowed to push/);
  await catchUp(ada);
  await commit(scene, ada, 'G');
  expectDone(await send(ada, 'HEAD:refs/heads/main'));
  await level(scene, 'main G, tag:v1 A, tag:v2 T');
}

async function inWarn(scene: Scene): Promise<void> {
  const { walk, ada, bob } = scene;
  await walk.moveTo('both');
  await walk.moveTo('warn');
  await commit(scene, ada, 'H');
  const seen = expectDone(await send(ada, 'HEAD:refs/heads/main'));
  assert.match(seen.output, /remote: +git remote set-url origin \S+code\/team\/app\.git/);
  await catchUp(bob);
  await commit(scene, bob, 'I');
  expectDone(await send(bob, 'HEAD:refs/heads/main'));
  await level(scene, 'main I, tag:v1 A, tag:v2 T');
}

/** ada does what the refusal says, word for word. */
async function inRefuse(scene: Scene): Promise<void> {
  const { walk, ada } = scene;
  await walk.moveTo('refuse');
  await catchUp(ada);
  await commit(scene, ada, 'J');
  const seen = await send(ada, 'HEAD:refs/heads/main');
  expectRefused(seen, /this server takes no pushes/, /Nothing was taken/);
  await level(scene, 'main I, tag:v1 A, tag:v2 T');
  const [, url = ''] = /git remote set-url origin (\S+)/.exec(seen.output) ?? [];
  expectDone(await ada.person.git(ada.clone, 'remote', 'set-url', 'origin', url));
  expectDone(await send(ada, 'HEAD:refs/heads/main'));
  await level(scene, 'main J, tag:v1 A, tag:v2 T');
}

async function inRetired(scene: Scene): Promise<void> {
  const { walk, ada, letters } = scene;
  await walk.moveTo('retired');
  expectRefused(await ada.person.git('/', 'ls-remote', walk.lab.oldUrl(app)), /does not appear to be a git repository/);
  await level(scene, 'main J, tag:v1 A, tag:v2 T');
  await commit(scene, ada, 'K');
  expectDone(await send(ada, 'HEAD:refs/heads/main'));
  assert.equal(drawn(letters, await walk.gitlabRefs(app)), 'main K, tag:v1 A, tag:v2 T');
  assert.equal(drawn(letters, walk.oldRefs(app)), 'main J, tag:v1 A, tag:v2 T');
}

async function deskOf(walk: Walk, name: string): Promise<Desk> {
  const person = walk.lab.person(name);
  return { person, clone: await person.clone(walk.lab.oldUrl(app)) };
}

async function commit({ letters }: Pick<Scene, 'letters'>, { person, clone }: Desk, letter: string): Promise<void> {
  letters.give(await person.commit(clone, letter), letter);
}

function send({ person, clone }: Desk, ...refs: readonly string[]): Promise<Seen> {
  return person.git(clone, 'push', 'origin', ...refs);
}

/** The same, with what git's two ends say to each other. */
function sendTraced({ person, clone }: Desk, ...refs: readonly string[]): Promise<Seen> {
  return person.git(clone, '-c', 'alias.traced=!GIT_TRACE_PACKET=1 git push', 'traced', 'origin', ...refs);
}

async function catchUp({ person, clone }: Desk): Promise<void> {
  expectDone(await person.git(clone, 'fetch', '--quiet', 'origin'));
  expectDone(await person.git(clone, 'reset', '--quiet', '--hard', 'origin/main'));
}

/** Both sides' complete lists, once they are equal. */
async function level({ walk, letters }: Scene, picture: string): Promise<void> {
  await walk.expectLevel(app);
  assert.equal(drawn(letters, walk.oldRefs(app)), picture);
}

function drawn(letters: Letters, refs: Readonly<Record<string, string>>): string {
  return letters.draw(
    Object.entries(refs)
      .map(([ref, oid]) => `${ref} ${oid}`)
      .join('\n'),
  );
}
