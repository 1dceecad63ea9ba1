import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as gitlab from '@pulumi/gitlab';
import * as pulumi from '@pulumi/pulumi';
import { getCurrentUserShape } from '../../sdks/gitlab/getCurrentUser';
import { getMetadataShape } from '../../sdks/gitlab/getMetadata';
import { getProjectShape } from '../../sdks/gitlab/getProject';
import { markOf, type Properties, type Property, type Shape } from '../../sdks/gitlab/shape';
import { resourceSpec, schema, type PropertySpec, type PropertySpecs } from '../lab/gitlab-provider/schema';

const classes = [
  gitlab.BranchProtection,
  gitlab.DeployKey,
  gitlab.DeployKeyEnable,
  gitlab.Group,
  gitlab.GroupMembership,
  gitlab.GroupShareGroup,
  gitlab.Project,
  gitlab.ProjectHook,
  gitlab.ProjectMembership,
  gitlab.ProjectShareGroup,
  gitlab.TagProtection,
  gitlab.User,
  gitlab.UserSshKey,
];
const functions: readonly [string, Properties][] = [
  ['gitlab:index/getCurrentUser:getCurrentUser', getCurrentUserShape],
  ['gitlab:index/getMetadata:getMetadata', getMetadataShape],
  ['gitlab:index/getProject:getProject', getProjectShape],
];

interface Registered {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const registered: Registered[] = [];
const called: { token: string; args: unknown }[] = [];
void pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs, id }: Registered & { name: string; id?: string }) => {
    registered.push({ type, inputs });
    return { id: id ?? `${name}-id`, state: { ...inputs, deployKeyId: 7 } };
  },
  call: ({ token, inputs }) => {
    called.push({ token, args: inputs as unknown });
    return { username: 'ann', pathWithNamespace: 'team/app' };
  },
});

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** A property's type with those of its inner properties, so that both notations can be compared. */
function flat(property: Property): unknown {
  if (typeof property === 'string') return property.replace(/[!*]$/, '');
  const inner = Object.entries(property.of).map(([name, each]): [string, unknown] => [
    name,
    [flat(each), markOf(each) === '!'],
  ]);
  return { list: property.list, of: Object.fromEntries(inner.sort()) };
}

function flatSpec({ type }: PropertySpec): unknown {
  const nested = schema.types[type.replace(/\[\]$/, '')];
  if (nested === undefined) return type;
  const inner = Object.entries(nested).map(([name, each]): [string, unknown] => [
    name,
    [flatSpec(each), each.required === true],
  ]);
  return { list: type.endsWith('[]'), of: Object.fromEntries(inner.sort()) };
}

function inputs(shape: Shape): unknown {
  return Object.entries(shape.inputs)
    .map(([name, property]) => [name, flat(property), markOf(property) === '!'])
    .sort();
}

function outputs(shape: Shape): unknown {
  return Object.entries({ ...shape.inputs, ...shape.outputs })
    .map(([name, property]) => [name, flat(property), markOf(property) !== ''])
    .sort();
}

function specified(specs: PropertySpecs): unknown {
  return Object.entries(specs)
    .map(([name, spec]) => [name, flatSpec(spec), spec.required === true])
    .sort();
}

test('every resource of the schema has a class, and no class is without one', () => {
  assert.deepEqual(classes.map(({ __pulumiType }) => __pulumiType).sort(), Object.keys(schema.resources).sort());
});

for (const { shape } of classes) {
  test(`${shape.type} has the inputs, outputs, required properties and secrets of the schema`, () => {
    const spec = resourceSpec(shape.type);
    assert.deepEqual(inputs(shape), specified(spec.inputs));
    assert.deepEqual(outputs(shape), specified(spec.outputs));
    assert.deepEqual(
      [...shape.secrets].sort(),
      Object.keys(spec.outputs)
        .filter((name) => spec.outputs[name]?.secret === true)
        .sort(),
    );
  });
}

test('the comparison sees a property that is no longer required, and one of another type within a list', () => {
  const { shape } = gitlab.DeployKey;
  const spec = resourceSpec(shape.type);
  assert.notDeepEqual(inputs({ ...shape, inputs: { ...shape.inputs, title: 'string' } }), specified(spec.inputs));
  const hook = gitlab.ProjectHook.shape;
  const altered = {
    ...hook.inputs,
    customHeaders: { of: { key: 'string!', value: 'integer!' }, list: true, mark: '' },
  } as const;
  assert.notDeepEqual(inputs({ ...hook, inputs: altered }), specified(resourceSpec(hook.type).inputs));
});

for (const [token, shape] of functions) {
  test(`${token} answers what the schema says`, () => {
    assert.deepEqual(
      Object.entries(shape)
        .map(([name, property]) => [name, flat(property), markOf(property) === '!'])
        .sort(),
      specified(schema.functions[token]?.outputs ?? {}),
    );
  });
}

test('the package has the name, version and plugin of the official one', () => {
  const packageJson = JSON.parse(readFileSync(require.resolve('@pulumi/gitlab/package.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >;
  assert.equal(packageJson['name'], '@pulumi/gitlab');
  assert.equal(packageJson['version'], schema.version);
  assert.deepEqual(packageJson['pulumi'], { resource: true, name: 'gitlab', version: schema.version });
});

test('what GitLab answers becomes an output; what nobody gave is undefined', async () => {
  const key = new gitlab.DeployKey('key', { project: '1', title: 'agent', key: 'ssh-ed25519 AAAA' });
  assert.equal(await known(key.deployKeyId), 7);
  assert.equal(await known(key.title), 'agent');
  assert.equal(await known(key.expiresAt), undefined);
  assert.equal(gitlab.DeployKey.isInstance(key), true);
  assert.equal(gitlab.Project.isInstance(key), false);
});

test('an argument that is required and missing is named', () => {
  const given = { project: '1', title: 'agent' } as unknown as gitlab.DeployKeyArgs;
  assert.throws(() => new gitlab.DeployKey('incomplete', given), { message: "Missing required property 'key'" });
});

test('a project needs no arguments', async () => {
  await known(new gitlab.Project('bare').urn);
  assert.ok(
    registered.some(
      ({ type, inputs: sent }) =>
        type === 'gitlab:index/project:Project' && Object.values(sent).every((value) => value === undefined),
    ),
  );
});

test('a token given in plain is secret from there on', async () => {
  const hook = new gitlab.ProjectHook('hook', { project: '1', url: 'https://example.invalid', token: 'plain' });
  assert.equal(await pulumi.isSecret(hook.token), true);
  assert.equal(await pulumi.isSecret(hook.url), false);
});

test('a resource read by its id needs no arguments and takes the id along', async () => {
  const group = gitlab.Group.get('existing', '42');
  assert.equal(await known(group.id), '42');
});

test('a provider sends texts plain, everything else as JSON, and its token as a secret', async () => {
  const provider = new gitlab.Provider('second', {
    baseUrl: 'http://127.0.0.1:1',
    token: 'plain',
    earlyAuthCheck: false,
    retries: 2,
  });
  await known(provider.urn);
  const sent = registered.find(({ type }) => type === 'pulumi:providers:gitlab')?.inputs;
  assert.deepEqual(
    { ...sent, token: undefined },
    { baseUrl: 'http://127.0.0.1:1', earlyAuthCheck: 'false', retries: '2', token: undefined },
  );
  assert.equal(await pulumi.isSecret(provider.token), true);
});

test('functions are called by their official tokens, with plain arguments and with outputs', async () => {
  assert.equal((await gitlab.getProject({ id: '1' })).pathWithNamespace, 'team/app');
  assert.equal(await known(gitlab.getCurrentUserOutput().username), 'ann');
  await known(gitlab.getProjectOutput({ pathWithNamespace: pulumi.output('team/app') }).pathWithNamespace);
  assert.deepEqual(called, [
    { token: 'gitlab:index/getProject:getProject', args: { id: '1' } },
    { token: 'gitlab:index/getCurrentUser:getCurrentUser', args: {} },
    { token: 'gitlab:index/getProject:getProject', args: { pathWithNamespace: 'team/app' } },
  ]);
});
