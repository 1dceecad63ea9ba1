/** What people do with git against the old server, over real ssh, in `mirror` and in `both`. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Seen } from '../lab/contract';
import { app, firstHistory, type Desk } from './desk';
import { expectDone, expectRefused, startWalk, type Walk } from './walk';

const main = 'refs/heads/main';
/** Each with the project that its name becomes on GitLab. */
const oddRepositories: ReadonlyMap<string, string> = new Map([
  [`odd/it's "so" $(touch pwned) ünï.git`, 'code/odd/it-s-so-touch-pwned-uni'],
  ['-lead/--upload-pack=x.git', 'code/lead/upload-pack-x'],
]);
const oddNames = [
  `it's`,
  '"quoted"',
  '$(touch${IFS}pwned)',
  '`touch${IFS}pwned`',
  'semi;colon&pipe|',
  'ünï/ço-🎉',
  '-lead',
  '--force',
  '%s%n',
  '#hash',
  'at@home',
  'a,b=c',
];
const megabyte = 1024 * 1024;

test('whatever people do with git works against old, in mirror and in both', { timeout: 900_000 }, async (t) => {
  const walk = await startWalk(t, { repositories: [app, ...oddRepositories.keys()], people: ['ada'] });
  const person = walk.lab.person('ada');
  const desk = { walk, person, clone: await firstHistory(walk, person) };
  await fillOddRepositories(desk);
  expectDone(await walk.up());
  for (const phase of ['mirror', 'both'] as const) {
    await walk.moveTo(phase);
    await t.test(`${phase}: clone, fetch and push`, () => cloneAndPush(desk, phase));
    await t.test(`${phase}: forced pushes, deletions and moved tags`, () => rewriteAndDelete(desk, phase));
    await t.test(`${phase}: --tags, --atomic, push options and a dry run`, () => manyAtOnce(desk, phase));
    await t.test(`${phase}: an atomic push of which one ref is stale changes nothing`, () =>
      atomicRefused(desk, phase),
    );
    await t.test(`${phase}: a shallow clone, and a push from it`, () => shallow(desk, phase));
    await t.test(`${phase}: branches and tags with odd names`, () => oddRefs(desk, phase));
    await t.test(`${phase}: repositories with odd names`, () => oddPaths(desk, phase));
  }
  await t.test('a push of 200 MB goes through to GitLab', () => largePush(desk));
});

async function fillOddRepositories({ walk, person, clone }: Desk): Promise<void> {
  for (const name of oddRepositories.keys())
    expectDone(await person.git(clone, 'push', walk.lab.oldUrl(name), 'HEAD:refs/heads/main'));
}

async function push({ person, clone }: Desk, ...args: string[]): Promise<Seen> {
  return expectDone(await person.git(clone, 'push', ...args));
}

/** Where a revision of the desk's clone is. */
async function at({ person, clone }: Desk, revision: string): Promise<string> {
  return expectDone(await person.git(clone, 'rev-parse', revision)).output.trim();
}

async function cloneAndPush(desk: Desk, phase: string): Promise<void> {
  const { walk, person } = desk;
  const clone = await person.clone(walk.lab.oldUrl(app));
  const commit = await person.commit(clone, `from a fresh clone in ${phase}`);
  await push({ ...desk, clone }, 'origin', 'HEAD:main', `HEAD:refs/heads/new-${phase}`);
  expectDone(await person.git(desk.clone, 'pull', '--quiet', '--ff-only', 'origin', 'main'));
  assert.equal(await at(desk, 'HEAD'), commit);
  await walk.expectLevel(app, { [main]: commit, [`refs/heads/new-${phase}`]: commit });
}

async function rewriteAndDelete(desk: Desk, phase: string): Promise<void> {
  const { walk, person, clone } = desk;
  const topic = `refs/heads/topic-${phase}`;
  await push(desk, 'origin', `HEAD:${topic}`, `HEAD:refs/tags/moves-${phase}`);
  expectRefused(await person.git(clone, 'push', 'origin', `HEAD~1:${topic}`), /non-fast-forward/);
  await push(desk, '--force', 'origin', `HEAD~1:${topic}`);
  await push(desk, '--force', 'origin', `HEAD~2:refs/tags/moves-${phase}`);
  await push(desk, `--force-with-lease=${topic}:HEAD~1`, 'origin', `HEAD~2:${topic}`);
  const oldest = await at(desk, 'HEAD~2');
  await walk.expectLevel(app, { [topic]: oldest, [`refs/tags/moves-${phase}`]: oldest });
  await push(desk, 'origin', '--delete', topic, `refs/tags/moves-${phase}`);
  await walk.expectLevel(app);
  assert.equal(topic in walk.oldRefs(app), false);
}

async function manyAtOnce(desk: Desk, phase: string): Promise<void> {
  const { walk, person, clone } = desk;
  for (let number = 0; number < 30; number++)
    expectDone(await person.git(clone, 'tag', '--annotate', '--message', 'a release', `v-${phase}-${number}`));
  await push(desk, 'origin', '--tags');
  await push(
    desk,
    '--atomic',
    'origin',
    `HEAD:refs/heads/a-${phase}`,
    `HEAD~1:refs/heads/b-${phase}`,
    `HEAD:refs/heads/dir-${phase}/c`,
  );
  await push(desk, '--atomic', 'origin', `:refs/heads/dir-${phase}/c`, `HEAD:refs/heads/d-${phase}`);
  expectRefused(
    await person.git(clone, 'push', '--push-option=ci.skip', 'origin', 'HEAD:refs/heads/opted'),
    /does not support push options/,
  );
  walk.gitConfig(app, 'receive.advertisePushOptions', 'true');
  await push(
    desk,
    '--push-option=ci.skip',
    '--push-option=odd $(touch pwned)',
    'origin',
    `HEAD:refs/heads/opted-${phase}`,
  );
  walk.gitConfig(app, '--unset', 'receive.advertisePushOptions');
  await push(desk, '--dry-run', 'origin', 'HEAD:refs/heads/never');
  const tip = await at(desk, 'HEAD');
  await walk.expectLevel(app, {
    [`refs/heads/a-${phase}`]: tip,
    [`refs/heads/b-${phase}`]: await at(desk, 'HEAD~1'),
    [`refs/heads/d-${phase}`]: tip,
    [`refs/heads/opted-${phase}`]: tip,
  });
  assert.equal('refs/heads/never' in walk.oldRefs(app), false);
}

async function atomicRefused({ walk, person, clone }: Desk, phase: string): Promise<void> {
  const before = walk.oldRefs(app);
  expectRefused(
    await person.git(clone, 'push', '--atomic', 'origin', 'HEAD~2:refs/heads/main', `HEAD:refs/heads/with-it-${phase}`),
    /atomic push failed/,
  );
  assert.deepEqual(walk.oldRefs(app), before);
  await walk.expectLevel(app);
}

async function shallow(desk: Desk, phase: string): Promise<void> {
  const { walk, person } = desk;
  const clone = join(person.env['HOME'] ?? '/', `shallow-${phase}`);
  expectDone(await person.git('/', 'clone', '--quiet', '--depth', '1', walk.lab.oldUrl(app), clone));
  const tip = await person.commit(clone, `from a shallow clone in ${phase}`);
  await push({ ...desk, clone }, 'origin', 'HEAD:main');
  expectDone(await person.git(desk.clone, 'pull', '--quiet', '--ff-only', 'origin', 'main'));
  await walk.expectLevel(app, { [main]: tip });
}

async function oddRefs(desk: Desk, phase: string): Promise<void> {
  const { walk } = desk;
  const specs = oddNames.flatMap((name) => [`HEAD:refs/heads/${phase}/${name}`, `HEAD~1:refs/tags/${phase}/${name}`]);
  await push(desk, 'origin', ...specs);
  for (const name of oddNames.slice(0, 4)) await push(desk, 'origin', `HEAD~1:refs/heads/${name}-alone-${phase}`);
  const [tip, before] = [await at(desk, 'HEAD'), await at(desk, 'HEAD~1')];
  const pushed = oddNames.flatMap((name) => [
    [`refs/heads/${phase}/${name}`, tip],
    [`refs/tags/${phase}/${name}`, before],
  ]);
  await walk.expectLevel(app, Object.fromEntries(pushed) as Record<string, string>);
  await push(desk, 'origin', ...specs.slice(0, 8).map((spec) => spec.replace(/^[^:]*/, '')));
  await walk.expectLevel(app);
  assertNothingRan(walk);
}

async function oddPaths(desk: Desk, phase: string): Promise<void> {
  const { walk, person } = desk;
  for (const [name, project] of oddRepositories) {
    const clone = await person.clone(
      walk.lab.oldUrl(name),
      join(person.env['HOME'] ?? '/', `odd-${phase}-${project.length}`),
    );
    const tip = await person.commit(clone, `odd in ${phase}`);
    const seen = await push({ ...desk, clone }, 'origin', 'HEAD:refs/heads/main');
    assert.equal(/GitLab has main/.test(seen.output), phase === 'both', seen.output);
    await walk.expectLevel(name, { [main]: tip }, project);
  }
  assertNothingRan(walk);
}

/** No name was taken for a command, wherever it was used. */
function assertNothingRan({ lab }: Walk): void {
  const places = [
    '/',
    lab.old.home,
    lab.agentFolder,
    lab.old.root,
    lab.project,
    lab.old.repositoryPath(app),
    ...[...oddRepositories.keys()].map((name) => lab.old.repositoryPath(name)),
  ];
  assert.deepEqual(
    places.filter((place) => existsSync(join(place, 'pwned'))),
    [],
  );
}

async function largePush({ walk, person, clone }: Desk): Promise<void> {
  const files = Array.from({ length: 200 }, (_, number) => `large-${number}.bin`);
  for (const file of files) writeFileSync(join(clone, file), randomBytes(megabyte));
  // What is random has no deltas and does not get smaller: looking for both would take most of the time.
  const plain = ['-c', 'core.compression=0', '-c', 'pack.window=0'];
  expectDone(await person.git(clone, ...plain, 'add', ...files));
  expectDone(await person.git(clone, 'commit', '--quiet', '--message', '200 MB'));
  const seen = expectDone(await person.git(clone, ...plain, 'push', 'origin', 'HEAD:refs/heads/large'));
  assert.match(seen.output, /GitLab has large at/);
  await walk.expectLevel(app, { 'refs/heads/large': await at({ walk, person, clone }, 'HEAD') });
}
