import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks';
import { phases } from '../../agent/contract/phase';
import type { SurveyArgs } from '../../stacks/provider/survey';
import { declareStack } from '../../stacks/stack';
import { withoutTraces } from '../../stacks/traces';
import { until } from '../lab/processes';

/** One resource as the program asked for it. `dependsOn` names others as `Type name`. */
interface Registered {
  readonly label: string;
  readonly inputs: Record<string, unknown>;
  readonly dependsOn: readonly string[];
  readonly retained: boolean;
  readonly deletesFirst: boolean;
  readonly secretOutputs: readonly string[];
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
}

const registered = new Map<string, Registered>();
const asked: SurveyArgs[] = [];
const inputsOf = new Map<string, Record<string, unknown>>();

function label(type: string, name: string): string {
  return `${type.split(':').at(-1)} ${name}`;
}

function labelOfUrn(urn: string): string {
  const [, , type = '', name = ''] = urn.split('::');
  return label(type, name);
}

before(async () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its own this
  const register = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = async function (request: RegisterRequest, callback) {
    await register.call(this, request, callback);
    const own = label(request.getType(), request.getName());
    const dependsOn = request.getDependenciesList().map(labelOfUrn);
    registered.set(own, {
      label: own,
      inputs: inputsOf.get(own) ?? {},
      dependsOn,
      retained: request.getRetainondelete(),
      deletesFirst: request.getDeletebeforereplace(),
      secretOutputs: request.getAdditionalsecretoutputsList(),
    });
  };
  await pulumi.runtime.setMocks({
    call: ({ inputs }) => {
      const args = JSON.parse((inputs as { args: string }).args) as SurveyArgs;
      asked.push(args);
      return {
        groups: Object.fromEntries(args.groups.map((path, index) => [path, 70 + index])),
        users: Object.fromEntries(args.users.map((name, index) => [name, 80 + index])),
        keyOwner: 9,
      };
    },
    newResource: ({ type, name, inputs }: { type: string; name: string; inputs: Record<string, unknown> }) => {
      inputsOf.set(label(type, name), inputs);
      return {
        id: String(registered.size + 100),
        state:
          type === 'handover:index:Server'
            ? { ...inputs, publicKey: 'ssh-ed25519 AAAA', webhookSecret: 'hush', os: 'Debian', git: '2.39', node: '20' }
            : inputs,
      };
    },
  });
});

beforeEach(() => {
  registered.clear();
  inputsOf.clear();
  asked.length = 0;
});

const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

/** Runs the program and waits until everything is declared. */
async function declare(repositories: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<void> {
  registered.clear();
  const settings = {
    server: { host: 'old', user: 'git', hostKeys: [hostKey], root: '/srv/git' },
    gitlab: { url: 'https://gitlab.test', sshHostKeys: [hostKey], group: { path: 'code', create: true } },
    people: {
      groups: [{ path: 'developers', access: 'developer' }],
      users: [{ username: 'alice', access: 'maintainer' }],
    },
    repositories,
    ...more,
  };
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`git-handover:${key}`, JSON.stringify(value)]),
  );
  await declareStack({ ...config, 'gitlab:token': 'glpat-test' }, {});
  await until('the guard to be declared, which waits for everything', () => registered.has('Guard guard'));
}

function resource(name: string): Registered {
  const found = registered.get(name);
  assert.ok(found, `expected ${name} among ${[...registered.keys()].join(', ')}`);
  return found;
}

/** What a secret holds, as the engine carries it. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

/** Whether `later` waits for `earlier`, directly or through others. */
function waitsFor(later: string, earlier: string): boolean {
  const reached = new Set(resource(later).dependsOn);
  for (const name of reached) for (const next of resource(name).dependsOn) reached.add(next);
  return reached.has(earlier);
}

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
