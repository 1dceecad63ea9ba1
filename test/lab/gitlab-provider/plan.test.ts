import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check';
import { kindOf } from './kinds';
import { packageSpec } from './packageSpec';
import { GitlabProvider, parseUrn } from './provider';
import { resourceSpec, schema, type PropertySpec } from './schema';
import { checkSettings, settings } from './settings';
import { containsUnknown, fromStruct, toStruct, UNKNOWN, type Props } from './wire';

const SHARE = 'gitlab:index/projectShareGroup:ProjectShareGroup';
const MEMBER = 'gitlab:index/projectMembership:ProjectMembership';
const GROUP = 'gitlab:index/group:Group';
const provider = new GitlabProvider();
const urn = (type: string, name: string): string => `urn:pulumi:test::trial::${type}::${name}`;

/** A value of the property's type, with everything in it that a record may have. */
function sample({ type }: PropertySpec): unknown {
  if (type.endsWith('[]')) return [sample({ type: type.slice(0, -2) })];
  const nested = schema.types[type];
  if (nested !== undefined)
    return Object.fromEntries(Object.entries(nested).map(([name, spec]) => [name, sample(spec)]));
  const samples: Props = {
    string: 'text',
    integer: 3,
    boolean: true,
    'map<string>': { a: 'text' },
    'map<integer>': { a: 3 },
  };
  return samples[type];
}

function changes(type: string, before: Props, after: Props): string[] {
  const found = provider.diff(type, { state: before, oldInputs: before, news: after });
  return found.map(({ name, kind, replaces }) => `${kind}${replaces ? ' and replace' : ''} ${name}`);
}

for (const [type, { inputs }] of Object.entries(schema.resources)) {
  test(`${type} takes every input of the schema and no other`, () => {
    assert.ok(kindOf(type));
    const whole = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, sample(spec)]));
    assert.deepEqual(check(inputs, whole), []);
    assert.deepEqual(
      check(inputs, { ...whole, colour: 'red' }).map(({ property }) => property),
      ['colour'],
    );
    for (const [name, { required }] of Object.entries(inputs)) {
      const { [name]: left, ...without } = whole;
      assert.deepEqual(
        check(inputs, without).map(({ property }) => property),
        required === true ? [name] : [],
      );
    }
  });

  test(`${type} refuses values of another type`, () => {
    const wrong = Object.fromEntries(Object.keys(inputs).map((name) => [name, new Date(0).getTime() + 0.5]));
    assert.deepEqual(
      check(inputs, wrong)
        .map(({ property }) => property)
        .sort(),
      Object.keys(inputs).sort(),
    );
  });

  test(`${type} replaces for every property that the schema says replaces`, () => {
    for (const [name, spec] of Object.entries(inputs).filter(([, { replaces }]) => replaces)) {
      const required = Object.fromEntries(
        Object.entries(inputs)
          .filter(([, each]) => each.required === true)
          .map(([each, inner]) => [each, sample(inner)]),
      );
      assert.deepEqual(changes(type, { ...required, [name]: sample(spec) }, { ...required, [name]: UNKNOWN }), [
        `update and replace ${name}`,
      ]);
    }
  });
}

test('a mistake inside of a record is named by its path', () => {
  const { inputs } = resourceSpec(GROUP);
  const found = check(inputs, {
    path: 'team',
    defaultBranchProtectionDefaults: { allowedToPushes: ['developer', 30], allowForcePushes: true },
  });
  assert.deepEqual(
    found.map(({ property }) => property),
    ['defaultBranchProtectionDefaults.allowedToPushes[1]', 'defaultBranchProtectionDefaults.allowForcePushes'],
  );
});

test('what is not known yet passes the check', () => {
  assert.deepEqual(
    check(resourceSpec(SHARE).inputs, { project: UNKNOWN, groupId: UNKNOWN, groupAccess: 'reporter' }),
    [],
  );
});

test('another level replaces a share and updates a membership', () => {
  assert.deepEqual(
    changes(
      SHARE,
      { project: '1', groupId: 2, groupAccess: 'reporter' },
      { project: '1', groupId: 2, groupAccess: 'developer' },
    ),
    ['update and replace groupAccess'],
  );
  assert.deepEqual(
    changes(
      MEMBER,
      { project: '1', userId: 2, accessLevel: 'reporter' },
      { project: '1', userId: 2, accessLevel: 'developer' },
    ),
    ['update accessLevel'],
  );
});

test('what GitLab adds to a record, and lists in another order, are no change', () => {
  const before = {
    path: 'team',
    defaultBranchProtectionDefaults: {
      allowForcePush: true,
      developerCanInitialPush: false,
      allowedToPushes: ['developer', 'maintainer'],
    },
  };
  assert.deepEqual(
    changes(GROUP, before, {
      path: 'team',
      defaultBranchProtectionDefaults: { allowForcePush: true, allowedToPushes: ['maintainer', 'developer'] },
    }),
    [],
  );
  assert.deepEqual(
    changes(GROUP, before, {
      path: 'team',
      defaultBranchProtectionDefaults: { allowForcePush: true, allowedToPushes: ['maintainer'] },
    }),
    ['update defaultBranchProtectionDefaults'],
  );
});

test('a property taken out of the program is a change only where GitLab has no value of its own for it', () => {
  assert.deepEqual(
    changes(GROUP, { path: 'team', description: 'words', visibilityLevel: 'private' }, { path: 'team' }),
    ['delete description'],
  );
});

test('a made-up name stays until the program gives one', () => {
  const first = provider.check(parseUrn(urn(GROUP, 'people')), {}, { path: 'people' }, 'abc1234');
  assert.deepEqual(first, { inputs: { path: 'people', name: 'people-abc1234', __defaults: ['name'] }, failures: [] });
  const later = provider.check(parseUrn(urn(GROUP, 'people')), first.inputs, { path: 'people' }, 'fffffff');
  assert.deepEqual(later.inputs, first.inputs);
  assert.deepEqual(
    provider.check(parseUrn(urn(GROUP, 'people')), first.inputs, { path: 'people', name: 'chosen' }, 'fffffff').inputs,
    { path: 'people', name: 'chosen' },
  );
});

test('the type in an URN is the last one, whatever its parents and its name', () => {
  assert.deepEqual(parseUrn('urn:pulumi:s::p::my:mod:Component$gitlab:index/group:Group::a::b'), {
    type: GROUP,
    name: 'a::b',
  });
});

test('secrets of the provider settings arrive in plain, unknown ones are seen', () => {
  const secret = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', value: 'glpat' };
  assert.deepEqual(fromStruct(toStruct({ token: secret, left: undefined })), { token: 'glpat' });
  assert.equal(containsUnknown({ headers: { a: [UNKNOWN] } }), true);
  assert.equal(containsUnknown({ headers: { a: ['b'] } }), false);
});

test('settings come from the configuration first, then from the environment', () => {
  const { signal } = new AbortController();
  const environment = { GITLAB_TOKEN: 'from the environment', GITLAB_BASE_URL: 'http://environment' };
  assert.equal(settings({ token: 'given' }, environment, signal).token, 'given');
  const chosen = settings({ earlyAuthCheck: 'false', retries: '2' }, environment, signal);
  assert.deepEqual(
    [chosen.token, chosen.baseUrl, chosen.earlyAuthCheck, chosen.retriesMax],
    ['from the environment', 'http://environment', false, 2],
  );
  assert.throws(() => settings({}, {}, signal), /there is no token/);
});

test('settings that do not exist, or that only the official plugin has, are refused', () => {
  assert.deepEqual(checkSettings({ baseUrl: 'http://x', token: 't', version: '10.1.1' }), []);
  assert.deepEqual(
    checkSettings({ url: 'http://x', insecure: 'true' }).map(({ property }) => property),
    ['url', 'insecure'],
  );
});

test('every type that the published schema refers to is in it', () => {
  const spec = JSON.stringify(packageSpec());
  const types = Object.keys(packageSpec()['types'] as Props);
  const referred = [...spec.matchAll(/"\$ref":"#\/types\/([^"]+)"/g)].map((match) => match[1] ?? '');
  assert.ok(referred.length > 0);
  assert.deepEqual(
    referred.filter((type) => !types.includes(type)),
    [],
  );
});
