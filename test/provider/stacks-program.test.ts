import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phases } from '../../agent/contract/phase';
import { declareStack } from '../../stacks/stack';
import { withoutTraces } from '../../stacks/traces';
import { asked, declare, hostKey, plain, registered, resource, waitsFor } from './program';

test('into a closed phase, access is lowered to reading before old switches', async () => {
  for (const phase of ['old', 'mirror']) {
    await declare({ 'app.git': { phase } });
    assert.ok(waitsFor('Repository app.git', 'ProjectShareGroup app.git developers'));
    assert.ok(waitsFor('Repository app.git', 'ProjectMembership app.git alice'));
    assert.equal(resource('ProjectShareGroup app.git developers').inputs['groupAccess'], 'reporter');
    assert.equal(resource('ProjectMembership app.git alice').inputs['accessLevel'], 'reporter');
  }
});

test('into an open phase, old switches before people get their write access', async () => {
  for (const phase of ['both', 'warn', 'refuse', 'retired']) {
    await declare({ 'app.git': { phase } });
    assert.ok(waitsFor('ProjectShareGroup app.git developers', 'Repository app.git'), phase);
    assert.equal(waitsFor('Repository app.git', 'ProjectShareGroup app.git developers'), false);
    assert.equal(resource('ProjectShareGroup app.git developers').inputs['groupAccess'], 'developer');
    assert.equal(resource('ProjectMembership app.git alice').inputs['accessLevel'], 'maintainer');
  }
});

test('a share is lowered by deleting it first, while reading on the group stays', async () => {
  await declare({ 'app.git': { phase: 'mirror' } });
  assert.equal(resource('ProjectShareGroup app.git developers').deletesFirst, true);
  assert.equal(resource('ProjectShareGroup app.git developers').retained, false);
  assert.equal(resource('GroupShareGroup developers').inputs['groupAccess'], 'reporter');
});

test('what holds code, and the access to a retired repository, survives destroy', async () => {
  await declare({ 'team/app.git': { phase: 'retired' }, 'lib.git': { phase: 'both' } });
  for (const name of [
    'Group code',
    'Group code/team',
    'Project team/app.git',
    'Project lib.git',
    'ProjectShareGroup team/app.git developers',
    'ProjectMembership team/app.git alice',
    'GroupShareGroup developers',
    'GroupMembership alice',
  ])
    assert.equal(resource(name).retained, true, name);
  assert.equal(resource('ProjectShareGroup lib.git developers').retained, false);
});

test('nothing protects refs while they are copied: groups are made without, and protections come with refuse', async () => {
  const protections = { branches: [{ name: 'main' }], tags: [{ name: 'v*' }] };
  await declare({ 'a.git': { phase: 'warn' }, 'b.git': { phase: 'refuse' } }, { protections });
  assert.deepEqual(resource('Group code').inputs['defaultBranchProtectionDefaults'], {
    allowForcePush: true,
    allowedToPushes: ['developer'],
    allowedToMerges: ['developer'],
  });
  assert.ok(registered.has('BranchProtection b.git main') && registered.has('TagProtection b.git v*'));
  assert.equal(
    [...registered.keys()].some((name) => name.includes('Protection a.git')),
    false,
  );
});

test('protections are made after old switched, and go with the gate before refs are copied again', async () => {
  const protections = { branches: [{ name: 'main' }], tags: [] };
  await declare({ 'a.git': { phase: 'refuse' } }, { protections });
  assert.ok(waitsFor('BranchProtection a.git main', 'Gate a.git'));
  assert.ok(waitsFor('Gate a.git', 'Repository a.git'));
  await declare({ 'a.git': { phase: 'both' } }, { protections });
  assert.ok(waitsFor('Repository a.git', 'Gate a.git'));
  assert.equal(resource('Gate a.git').inputs['copying'], true);
});

test('each project holds the deploy key by itself, one after the other, so that none depends on another being listed', async () => {
  await declare({ 'a.git': { phase: 'mirror' }, 'b.git': { phase: 'mirror' } });
  assert.equal(resource('DeployKey b.git').inputs['key'], 'ssh-ed25519 AAAA');
  assert.ok(waitsFor('DeployKey b.git', 'DeployKey a.git'));
  assert.equal(waitsFor('DeployKey b.git', 'Repository a.git'), false);
  assert.ok(waitsFor('Repository b.git', 'DeployKey b.git'));
});

test('a service user with a token of its own owns the key and is Maintainer where it pushes', async () => {
  await declare(
    { 'a.git': {} },
    {
      gitlab: {
        url: 'https://gitlab.test',
        sshHostKeys: [hostKey],
        group: { path: 'code', create: true },
        keyToken: 'glpat-key',
      },
    },
  );
  assert.deepEqual(
    [
      resource('ProjectMembership a.git key owner').inputs['userId'],
      resource('ProjectMembership a.git key owner').inputs['accessLevel'],
    ],
    [9, 'maintainer'],
  );
  assert.ok(waitsFor('DeployKey a.git', 'ProjectMembership a.git key owner'));
});

const webhook = { listen: '0.0.0.0:8443', url: 'https://old.test:8443/hooks/', verifyCertificate: false };

test('a webhook exists where something comes from GitLab, and shows the secret that was made on old', async () => {
  const repositories = Object.fromEntries(phases.map((phase) => [`${phase}.git`, { phase }]));
  await declare(repositories, { agent: { webhook } });
  assert.deepEqual([...registered.keys()].filter((name) => name.startsWith('ProjectHook')).sort(), [
    'ProjectHook both.git',
    'ProjectHook refuse.git',
    'ProjectHook warn.git',
  ]);
  const { inputs } = resource('ProjectHook both.git');
  assert.match(String(inputs['url']), /^https:\/\/old\.test:8443\/hooks\/both-[0-9a-f]{10}$/);
  assert.deepEqual(
    [plain(inputs['token']), inputs['pushEvents'], inputs['tagPushEvents'], inputs['enableSslVerification']],
    ['hush', true, true, false],
  );
  await declare(repositories);
  assert.equal(
    [...registered.keys()].some((name) => name.startsWith('ProjectHook')),
    false,
  );
});

test('a webhook stands in no order with the phase and the access, so that it holds up neither', async () => {
  await declare(
    { 'a.git': { phase: 'both' }, 'b.git': { phase: 'refuse' } },
    { agent: { webhook }, protections: { branches: [{ name: 'main' }], tags: [] } },
  );
  for (const name of ['a.git', 'b.git']) {
    assert.deepEqual([...resource(`ProjectHook ${name}`).dependsOn].sort(), [`Project ${name}`, 'Server server']);
    const others = [...registered.keys()].filter(
      (other) => other !== 'Guard guard' && !other.startsWith('ProjectHook'),
    );
    for (const other of others) assert.equal(waitsFor(other, `ProjectHook ${name}`), false, other);
    assert.ok(waitsFor('Guard guard', `ProjectHook ${name}`));
  }
});

test('the secret of webhooks is a secret in the state', async () => {
  await declare({ 'a.git': { phase: 'both' } }, { agent: { webhook } });
  assert.deepEqual(resource('Server server').secretOutputs, ['webhookSecret']);
  assert.notEqual(resource('ProjectHook a.git').inputs['token'], 'hush');
});

test('the guard stands behind everything, so that it is asked before anything is deleted', async () => {
  await declare(
    { 'a.git': { phase: 'both' }, 'b.git': { phase: 'retired' } },
    { protections: { branches: [{ name: 'main' }], tags: [] } },
  );
  const others = [...registered.keys()].filter((name) => !/^(Guard|Stack|handover|gitlab|Group) /.test(name));
  assert.ok(others.length > 10);
  for (const name of others) assert.ok(waitsFor('Guard guard', name), name);
  assert.deepEqual(resource('Guard guard').inputs['repositories'], ['/srv/git/a.git', '/srv/git/b.git']);
});

test('all repositories are looked at in one call, with the phase that each is to have', async () => {
  await declare({ 'a.git': { phase: 'both' }, 'b.git': {} }, { phase: 'mirror' });
  assert.equal(asked.length, 1);
  assert.deepEqual(
    asked[0]?.questions.map(({ config, to }) => [config.path, to]),
    [
      ['/srv/git/a.git', 'both'],
      ['/srv/git/b.git', 'mirror'],
    ],
  );
  assert.deepEqual(asked[0]?.groups, ['developers']);
});

test('without a token there is one clear sentence', async () => {
  const config = {
    'git-handover:server': JSON.stringify({ host: 'old', user: 'git', hostKeys: [hostKey], root: '/srv/git' }),
    'git-handover:gitlab': JSON.stringify({
      url: 'https://gitlab.test',
      sshHostKeys: [hostKey],
      group: { path: 'code' },
    }),
    'git-handover:repositories': '{}',
  };
  await assert.rejects(declareStack(config, {}), /neither `gitlab:token` nor GITLAB_TOKEN is set/);
});

/** How many stack traces are mapped to their sources while this runs, as ts-node does it. */
async function tracesMapped(work: () => Promise<void>): Promise<number> {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- kept to be put back, never called
  const { prepareStackTrace } = Error;
  let count = 0;
  const map: NonNullable<typeof prepareStackTrace> = (error) => `${String(error)} ${(count += 1)}`;
  Object.assign(Error, { prepareStackTrace: map });
  try {
    await work();
  } finally {
    Object.assign(Error, { prepareStackTrace });
  }
  return count;
}

test('a repository costs no stack trace for each of its properties', async () => {
  const one = await tracesMapped(() => declare({ 'app.git': {} }));
  const many = await tracesMapped(() =>
    declare(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`app-${index}.git`, {}]))),
  );
  const each = (many - one) / 10;
  assert.ok(each < 100, `${each} traces for each repository; its project alone has more than 100 properties`);
});

test('what is declared without traces leaves errors as they were, also where it throws', async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- compared, never called
  const now = () => [Error.stackTraceLimit, Error.prepareStackTrace];
  const before = now();
  assert.equal(
    withoutTraces(() => new Error('short').stack),
    'Error: short',
  );
  assert.throws(() => withoutTraces(() => assert.fail('thrown')), /thrown/);
  assert.deepEqual(now(), before);
  assert.match(new Error('whole').stack ?? '', /stacks-program/);
});
