import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aroundTests } from '../lab/around';
import { type LabFolder, labFolder } from '../lab/folder';
import { startGitlab } from '../lab/gitlab/gitlab';
import type { GitlabStandIn } from '../lab/gitlab/standin';
import { rest, restAnswer } from '../lab/gitlab/restclient';
import { makePulumiProject, type PulumiProject } from '../lab/gitlab-provider/pulumiproject';
import { startProcess, until } from '../lab/processes';
import { isAlive } from '../lab/processtree';
import { everything, KEY } from './everything';

let folder: LabFolder;
let lab: GitlabStandIn;
let stack: PulumiProject;

const before1 = { level: 'developer', canPush: true, description: 'one' };
const after1 = { level: 'maintainer', canPush: false, description: 'two' };

/** The calls that this work made, numbers left out: `POST projects/N/share`. */
async function calls(work: () => Promise<unknown>): Promise<string[]> {
  const from = lab.audit.length;
  await work();
  return lab.audit
    .slice(from)
    .flatMap((entry) =>
      entry.kind === 'rest' ? [`${entry.method} ${entry.path.replace('/api/v4/', '').replace(/\/\d+/g, '/N')}`] : [],
    );
}

function writes(made: readonly string[]): string[] {
  return made.filter((line) => !line.startsWith('GET') && !line.includes('graphql')).sort();
}

aroundTests(async () => {
  folder = labFolder();
  lab = await startGitlab();
  stack = await makePulumiProject(folder.path, { TRIAL_TOKEN: lab.adminToken });
  await stack.expectPulumi('config', 'set', 'gitlab:baseUrl', lab.url);
  await stack.expectPulumi('config', 'set', '--secret', 'gitlab:token', lab.adminToken);
  return async () => {
    await lab.stop();
    await folder.close();
  };
});

test('pulumi up makes one of everything, and a second one changes nothing', async () => {
  stack.program(everything(before1));
  const made = writes(await calls(() => stack.expectPulumi('up', '--yes')));
  assert.deepEqual(made, [
    'POST groups',
    'POST groups',
    'POST groups/N/members',
    'POST groups/N/share',
    'POST projects',
    'POST projects',
    'POST projects/N/deploy_keys',
    'POST projects/N/deploy_keys/N/enable',
    'POST projects/N/members',
    'POST projects/N/protected_branches',
    'POST projects/N/protected_tags',
    'POST projects/N/share',
    'POST users',
    'POST users/N/keys',
    'PUT projects/N/deploy_keys/N',
  ]);
  assert.match(await stack.expectPulumi('stack', 'output'), /me +root[^]*path +team\/app[^]*version +18\.10\.1/);
  const again = await calls(() => stack.expectPulumi('up', '--yes', '--skip-preview', '--expect-no-changes'));
  assert.deepEqual(writes(again), []);
});

test('GitLab has what the program says, and nothing is secret in plain', async () => {
  const project = await rest(lab, 'GET /projects/team%2Fapp');
  assert.deepEqual([project['description'], project['printing_merge_request_link_enabled']], ['one', false]);
  const group = await rest(lab, 'GET /groups/team');
  assert.equal(group['default_branch_protection'], 0);
  const members = await rest(lab, `GET /projects/${String(project['id'])}/members/all`);
  assert.ok(
    (members as unknown as { username: string; access_level: number }[]).some(
      ({ username, access_level }) => username === 'ann' && access_level === 30,
    ),
  );
  const exported = await stack.expectPulumi('stack', 'export');
  assert.ok(
    !exported.includes('correct horse') && !exported.includes(lab.adminToken),
    'a secret lies open in the state',
  );
  const key = (await stack.resources()).find(({ type }) => type === 'gitlab:index/deployKey:DeployKey');
  assert.equal(key?.outputs?.['key'], `${KEY} agent\n`);
});

test('what can be updated is updated, what cannot is replaced, and preview says which', async () => {
  stack.program(everything(after1));
  const preview = await stack.expectPulumi('preview', '--diff');
  assert.match(
    preview,
    /~ gitlab:index\/projectMembership:ProjectMembership: \(update\)[^]*?accessLevel: "developer" => "maintainer"/,
  );
  assert.match(
    preview,
    /\+-gitlab:index\/projectShareGroup:ProjectShareGroup: \(replace\)[^]*?groupAccess: "developer" => "maintainer"/,
  );
  const made = await calls(() => stack.expectPulumi('up', '--yes', '--skip-preview'));
  assert.deepEqual(writes(made), [
    'DELETE projects/N/deploy_keys/N',
    'DELETE projects/N/deploy_keys/N',
    'DELETE projects/N/protected_branches/release%2F1%2E%2A',
    'DELETE projects/N/share/N',
    'POST projects/N/deploy_keys',
    'POST projects/N/deploy_keys/N/enable',
    'POST projects/N/protected_branches',
    'POST projects/N/share',
    'PUT projects/N',
    'PUT projects/N/deploy_keys/N',
    'PUT projects/N/members/N',
  ]);
  assert.ok(
    made.indexOf('DELETE projects/N/share/N') < made.indexOf('POST projects/N/share'),
    'the share was made anew before the old one had gone',
  );
});

test('what went behind our back is seen by refresh and made again', async () => {
  const { id } = await rest(lab, 'GET /projects/team%2Fapp');
  const people = await rest(lab, 'GET /groups/people');
  await restAnswer(lab, { method: 'DELETE', path: `/projects/${String(id)}/share/${String(people['id'])}` });
  await rest(lab, `PUT /projects/${String(id)}`, { description: 'theirs' });
  const made = await calls(() => stack.expectPulumi('up', '--yes', '--skip-preview', '--refresh'));
  assert.deepEqual(writes(made), ['POST projects/N/share', 'PUT projects/N']);
});

test('a project that GitLab made but could not finish is kept, and finished by the next run', async () => {
  stack.program(`${everything(after1)}
new gitlab.Project('half', { name: 'half', namespaceId: new gitlab.Group('strict', { path: 'strict', name: 'strict' }).id.apply(Number) });`);
  const mend = lab.misbehave({
    kind: 'rest',
    method: 'GET',
    path: /\/repository\/branches\//,
    status: 501,
    afterWork: false,
    times: 100,
  });
  const failed = await stack.pulumi('up', '--yes', '--skip-preview');
  mend();
  assert.notEqual(failed.code, 0);
  assert.match(
    failed.output,
    /Cannot create Project half: GitLab answered 501 to GET \/api\/v4\/projects\/\d+\/repository\/branches\/main/,
  );
  const made = await calls(() => stack.expectPulumi('up', '--yes', '--skip-preview'));
  assert.ok(!made.includes('POST projects'), 'the project was made a second time');
  assert.equal((await rest(lab, 'GET /projects/strict%2Fhalf'))['path'], 'half');
});

test('mistakes in the program are all named before anything is done', async () => {
  stack.program(`import * as gitlab from '@pulumi/gitlab';
new gitlab.Project('app', { name: 'app', topics: 'one', visibilityLevel: 3 } as never);`);
  const { code, output } = await stack.pulumi('preview');
  assert.notEqual(code, 0);
  assert.match(output, /Cannot use 'topics' as it must be of type string\[\]: got string\./);
  assert.match(output, /Cannot use 'visibilityLevel' as it must be of type string: got number\./);
});

test('a token that GitLab refuses and an answer of GitLab reach the user in one line', async () => {
  stack.program(`import * as gitlab from '@pulumi/gitlab';
const wrong = new gitlab.Provider('wrong', { baseUrl: '${lab.url}', token: 'nobody' });
new gitlab.Group('mine', { path: 'mine' }, { provider: wrong });`);
  const refused = await stack.pulumi('preview');
  assert.match(
    refused.output,
    /Cannot use GitLab: GitLab answered 401 to GET \/api\/v4\/user: 401 Unauthorized\. Check gitlab:token\./,
  );
  stack.program(`import * as gitlab from '@pulumi/gitlab';
new gitlab.Group('taken', { path: 'team', name: 'taken' });`);
  const taken = await stack.pulumi('up', '--yes', '--skip-preview', '--target', '**taken');
  assert.match(
    taken.output,
    /Cannot create Group taken: GitLab answered 400 to POST \/api\/v4\/groups: .*has already been taken/,
  );
});

test('a project that is there already is imported, with only what it has', async () => {
  const { id } = await rest(lab, 'POST /projects', {
    name: 'older',
    namespace_id: (await rest(lab, 'GET /groups/team'))['id'],
  });
  await stack.expectPulumi(
    'import',
    'gitlab:index/project:Project',
    'older',
    String(id),
    '--yes',
    '--skip-preview',
    '--generate-code=false',
    '--protect=false',
  );
  const imported = (await stack.resources()).find(({ urn }) => urn.endsWith('::older'));
  assert.equal(imported?.outputs?.['pathWithNamespace'], 'team/older');
  assert.deepEqual(
    Object.entries(imported?.inputs ?? {}).filter(([, value]) => value === '' || value === 0),
    [],
  );
});

test('pulumi destroy removes everything', async () => {
  stack.program(everything(after1));
  await stack.expectPulumi('destroy', '--yes', '--skip-preview');
  assert.deepEqual(
    (await stack.resources()).filter(({ type }) => type.startsWith('gitlab:')),
    [],
  );
  assert.equal((await restAnswer(lab, { method: 'GET', path: '/projects/team%2Fapp' })).status, 404);
});

test('the plugin ends when the engine that started it is killed', async () => {
  const plugin = `${folder.path}/home/plugins/resource-gitlab-v10.1.1/pulumi-resource-gitlab`;
  const engine = startProcess('sh', ['-c', `'${plugin}' & echo "pid $!"; wait`], {
    env: { PATH: process.env['PATH'] },
  });
  await until('the plugin to name its port', () => /^\d+$/m.test(engine.output()));
  const pid = Number(/^pid (\d+)$/m.exec(engine.output())?.[1]);
  assert.equal(isAlive(pid), true);
  await engine.stop(0);
  await until('the plugin to end', () => !isAlive(pid));
});
