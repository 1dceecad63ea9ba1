/** One migration, forward and back, by real `pulumi up`; after each step both sides' refs are compared. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rest } from '../lab/gitlab/restclient';
import type { LabPerson } from '../lab/person';
import { until } from '../lab/processes';
import { expectDone, expectRefused, projectOf, rootId, startWalk, type Walk } from './walk';

const app = 'team/app.git';
const tool = 'team/tool.git';
const main = 'refs/heads/main';

interface Desk {
  readonly person: LabPerson;
  readonly clone: string;
}

/** What ada (on old) and bob (on GitLab) work with. */
interface Cast {
  readonly walk: Walk;
  readonly ada: Desk;
  readonly bob: Desk;
}

test(
  'a repository goes through every phase, forward and back, and each refusal says what to do',
  { timeout: 900_000 },
  async (t) => {
    const walk = await startWalk(t, { repositories: [app, tool], people: ['ada', 'bob'] });
    const cast = { walk, ada: await atOld(walk), bob: await atGitlab(walk) };
    await t.test('old: nobody sees anything, and a second `up` has nothing to do', () => inOld(cast));
    await t.test('a jump from old to both is refused in the preview, and the legal move is named', () =>
      jumpRefused(cast),
    );
    await t.test('those who can push to closed GitLab by an inherited role are named in the preview', () =>
      writersNamed(cast),
    );
    await t.test('mirror: old takes pushes, GitLab follows and takes none', () => inMirror(cast));
    await t.test('what an administrator wrote to closed GitLab refuses the move in the preview, with what to do', () =>
      conflictRefused(cast),
    );
    await t.test('the preview shows the move as phase: mirror => both', () => moveShown(cast));
    await t.test('both: each side shows what was pushed to the other; a repository with a phase of its own stays', () =>
      inBoth(cast),
    );
    await t.test('an archived project is told where nothing moves, and is no change', () => archivedTold(cast));
    await t.test('a push that loses the race is told to fetch, and the winner is there to fetch', () => raceLost(cast));
    await t.test('`status` and `verify` end with 0 when all is well', () => commandsContent(cast));
    await t.test('back to mirror: what was pushed to GitLab comes along, and GitLab is closed again', () =>
      backToMirror(cast),
    );
    await t.test('warn, by way of both: pushes work, and the pusher reads where to go', () => inWarn(cast));
    await t.test('refuse: a push to old changes nothing and reads what to type, which works', () => inRefuse(cast));
    await t.test('retired: old has no such repository any more, GitLab works', () => inRetired(cast));
    await t.test('retired to refuse: the repository is back to be read', () => backToRefuse(cast));
  },
);

async function atOld(walk: Walk): Promise<Desk> {
  const person = walk.lab.person('ada');
  const clone = await person.clone(walk.lab.oldUrl(app));
  await person.commit(clone, 'first');
  await person.git(clone, 'tag', 'v1');
  expectDone(await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main', 'HEAD:refs/heads/release/1', 'v1'));
  return { person, clone };
}

/** bob's remote is on GitLab from the start, long before he may push there. */
async function atGitlab(walk: Walk): Promise<Desk> {
  const person = walk.lab.person('bob');
  const clone = await person.clone(walk.lab.oldUrl(app));
  await person.git(clone, 'remote', 'set-url', 'origin', walk.lab.gitlabUrl(projectOf(app)));
  return { person, clone };
}

async function push(
  { person, clone }: Desk,
  message: string,
): Promise<{ code: number; output: string; ms: number; commit: string }> {
  const commit = await person.commit(clone, message);
  return { ...(await person.git(clone, 'push', 'origin', 'HEAD:refs/heads/main')), commit };
}

/** As people do after somebody else was faster. */
async function catchUp({ person, clone }: Desk): Promise<void> {
  expectDone(await person.git(clone, 'fetch', 'origin'));
  expectDone(await person.git(clone, 'rebase', '--quiet', 'origin/main'));
}

async function inOld({ walk, ada }: Cast): Promise<void> {
  expectDone(await walk.up());
  const seen = expectDone(await push(ada, 'in old'));
  assert.doesNotMatch(seen.output, /remote:/);
  assert.deepEqual(await walk.gitlabRefs(app), {});
  const words = ['--yes', '--expect-no-changes', '--stack', 'lab', '--non-interactive', '--color', 'never'];
  expectDone(await walk.lab.pulumi('up', ...words));
}

async function jumpRefused({ walk }: Cast): Promise<void> {
  walk.choose('both');
  expectRefused(await walk.preview(), /Cannot move \S+app\.git from old to both/, /from old it is mirror\./);
}

async function writersNamed({ walk }: Cast): Promise<void> {
  const { id } = await walk.lab.gitlab.addUser({ username: 'olga' });
  await rest(walk.lab.gitlab, 'POST /groups/code/members', { user_id: id, access_level: 50 });
  walk.choose('mirror');
  const seen = expectDone(await walk.preview());
  assert.match(seen.output, /can push to app though it is closed.*olga/);
}

async function inMirror({ walk, ada, bob }: Cast): Promise<void> {
  await walk.moveTo('mirror');
  await walk.expectLevel(app);
  const seen = expectDone(await push(ada, 'in mirror'));
  assert.doesNotMatch(seen.output, /remote:/);
  await walk.expectLevel(app, { [main]: seen.commit });
  await catchUp(bob);
  expectRefused(await push(bob, 'too early'), /not allowed to push/);
  await bob.person.git(bob.clone, 'reset', '--quiet', '--hard', 'origin/main');
  await walk.expectLevel(app, { [main]: seen.commit });
}

async function conflictRefused({ walk }: Cast): Promise<void> {
  const before = walk.oldRefs(app);
  await walk.lab.gitlab.webEdit(projectOf(app), 'refs/heads/stray', before[main] ?? null, rootId);
  await until(
    'status to list the conflict',
    async () =>
      (await walk.status(app)).troubles.some(({ ref, kind }) => ref === 'refs/heads/stray' && kind === 'conflict'),
    150_000,
  );
  assert.equal((await walk.script('status', app)).code, 2);
  assert.equal((await walk.script('verify', app)).code, 2);
  walk.choose('both');
  expectRefused(await walk.preview(), /refs\/heads\/stray is in conflict/, /npm run resolve/);
  assert.deepEqual(walk.oldRefs(app), before);
  expectDone(
    await walk.script('resolve', app, 'refs/heads/stray', '--keep', 'old', '--reason', 'nobody asked for it', '--yes'),
  );
  await walk.expectLevel(app, before);
}

async function moveShown({ walk }: Cast): Promise<void> {
  walk.choose('mirror', tool);
  const seen = expectDone(await walk.preview('--diff'));
  assert.equal(seen.output.match(/phase\s*: "mirror" => "both"/g)?.length, 1, seen.output);
}

async function inBoth({ walk, ada, bob }: Cast): Promise<void> {
  await walk.moveTo('both');
  assert.equal((await walk.status(app)).phase, 'both');
  assert.equal((await walk.status(tool)).phase, 'mirror');
  const mine = expectDone(await push(ada, 'to old in both'));
  assert.match(mine.output, new RegExp(`remote: GitLab has main at ${mine.commit.slice(0, 7)}`));
  assert.equal((await walk.gitlabRefs(app))[main], mine.commit, 'GitLab has it when the pusher is told ok');
  await catchUp(bob);
  const his = expectDone(await push(bob, 'to GitLab in both'));
  await walk.expectLevel(app, { [main]: his.commit });
}

async function archivedTold({ walk }: Cast): Promise<void> {
  const project = `POST /projects/${encodeURIComponent(projectOf(app))}`;
  await rest(walk.lab.gitlab, `${project}/archive`);
  const seen = expectDone(await walk.preview('--expect-no-changes'));
  assert.match(seen.output, /Cannot push to code\/team\/app: the project is archived/);
  await rest(walk.lab.gitlab, `${project}/unarchive`);
}

async function raceLost({ walk, ada, bob }: Cast): Promise<void> {
  await catchUp(ada);
  const winner = expectDone(await push(bob, 'the winner'));
  const loser = await push(ada, 'the loser');
  // A pass of the timer may have been faster: then it is git that says so, and the advice is the same.
  expectRefused(loser, /GitLab has newer commits on main|fetch first/);
  await catchUp(ada);
  expectDone(await ada.person.git(ada.clone, 'merge-base', '--is-ancestor', winner.commit, 'HEAD'));
  const again = expectDone(await ada.person.git(ada.clone, 'rev-parse', 'HEAD')).output.trim();
  expectDone(await ada.person.git(ada.clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  await walk.expectLevel(app, { [main]: again });
}

async function commandsContent({ walk }: Cast): Promise<void> {
  const status = expectDone(await walk.script('status'));
  assert.match(status.output, /team\/app\.git\s+both/);
  assert.match(expectDone(await walk.script('verify')).output, /team\/app\.git.*equal/);
}

async function backToMirror({ walk, ada, bob }: Cast): Promise<void> {
  await catchUp(bob);
  const last = expectDone(await push(bob, 'last before closing'));
  await walk.moveTo('mirror');
  assert.equal(walk.oldRefs(app)[main], last.commit);
  expectRefused(await push(bob, 'after closing'), /not allowed to push/);
  await bob.person.git(bob.clone, 'reset', '--quiet', '--hard', 'origin/main');
  await catchUp(ada);
  const { commit } = expectDone(await push(ada, 'in mirror again'));
  await walk.expectLevel(app, { [main]: commit });
}

async function inWarn({ walk, ada, bob }: Cast): Promise<void> {
  await walk.moveTo('both');
  await walk.moveTo('warn');
  const seen = expectDone(await push(ada, 'in warn'));
  assert.match(seen.output, /remote: This repository has moved to GitLab/);
  assert.match(seen.output, /remote: +git remote set-url origin \S+code\/team\/app\.git/);
  await catchUp(bob);
  const { commit } = expectDone(await push(bob, 'to GitLab in warn'));
  await walk.expectLevel(app, { [main]: commit });
}

async function inRefuse({ walk, ada }: Cast): Promise<void> {
  await walk.moveTo('refuse');
  await catchUp(ada);
  const before = walk.oldRefs(app);
  const seen = await push(ada, 'in refuse');
  expectRefused(seen, /this server takes no pushes/, /Nothing was taken/);
  assert.deepEqual(walk.oldRefs(app), before);
  const [, url = ''] = /git remote set-url origin (\S+)/.exec(seen.output) ?? [];
  expectDone(await ada.person.git(ada.clone, 'remote', 'set-url', 'origin', url));
  expectDone(await ada.person.git(ada.clone, 'push', 'origin', 'HEAD:refs/heads/main'));
  await walk.expectLevel(app, { [main]: seen.commit });
}

async function inRetired({ walk, ada }: Cast): Promise<void> {
  await walk.moveTo('retired');
  expectRefused(await ada.person.git('/', 'ls-remote', walk.lab.oldUrl(app)), /does not appear to be a git repository/);
  assert.deepEqual(walk.oldRefs(app), await walk.gitlabRefs(app));
  expectDone(await push(ada, 'on GitLab, after'));
  walk.choose('both');
  expectRefused(await walk.preview(), /Cannot move \S+app\.git from retired to both/, /from retired it is refuse\./);
}

async function backToRefuse({ walk, ada }: Cast): Promise<void> {
  await walk.moveTo('refuse');
  expectDone(await ada.person.git('/', 'ls-remote', walk.lab.oldUrl(app)));
  expectRefused(
    await ada.person.git(ada.clone, 'push', walk.lab.oldUrl(app), 'HEAD:refs/heads/late'),
    /git remote set-url origin/,
  );
  await walk.expectLevel(app);
}
