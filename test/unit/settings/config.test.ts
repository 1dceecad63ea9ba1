import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { HandoverError } from '../../../agent/contract/errors';
import { readConfig, valuesOf } from '../../../stacks/config';
import { schema } from '../../../stacks/settings/schema';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

function written(
  repositories: Record<string, unknown> = { 'team/app.git': {} },
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    server: { host: 'git.example.com', user: 'git', hostKeys: [key], root: '/srv/git' },
    gitlab: { url: 'https://gitlab.example.com', sshHostKeys: [key], group: { path: 'code' } },
    repositories,
    ...more,
  };
}

function mistakesIn(values: unknown): string[] {
  try {
    readConfig(values);
  } catch (thrown) {
    if (!(thrown instanceof HandoverError)) throw thrown;
    return thrown.fault.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

test('a small configuration is complete: the agent gets absolute paths, addresses and all limits', () => {
  const settings = readConfig(written());
  const [app] = settings.repositories;
  assert.equal(app?.config.path, '/srv/git/team/app.git');
  assert.equal(app?.config.project, 'code/team/app');
  assert.equal(app?.config.gitlabUrl, 'ssh://git@gitlab.example.com:22/code/team/app.git');
  assert.equal(app?.config.peopleUrl, 'git@gitlab.example.com:code/team/app.git');
  assert.equal(app?.phase, 'old');
  assert.equal(settings.agent.limits.longestGitlabPushMs, 90_000);
  assert.deepEqual(settings.subgroups, ['code/team']);
});

test('a host key that was pasted in part, or is of another type than it says, is a mistake', () => {
  for (const bad of [
    key.slice(0, -8),
    key.replace('ssh-ed25519', 'ssh-rsa'),
    'ssh-ed25519 hello',
    'ssh-ed25519 AAAA',
  ]) {
    const [mistake = ''] = mistakesIn({
      ...written(),
      gitlab: { url: 'https://gitlab.example.com', sshHostKeys: [bad], group: { path: 'code' } },
    });
    assert.match(mistake, /^git-handover:gitlab\.sshHostKeys\[0\]: expected /, bad);
  }
});

test('all mistakes are reported at once, each with the path of its setting', () => {
  const values = written(
    { 'team/app.git': { phase: 'bth', abandn: true } },
    { phse: 'old', longestPushSeconds: '90', agent: { timer: 'at' } },
  );
  assert.deepEqual(mistakesIn(values).sort(), [
    'git-handover: unknown setting "phse" (did you mean "phase"?)',
    'git-handover:agent.timer: expected one of auto, systemd, cron, none, got "at" (did you mean "auto"?)',
    'git-handover:longestPushSeconds: expected a number, got "90"',
    'git-handover:repositories["team/app.git"].phase: expected one of old, mirror, both, warn, refuse, retired, got "bth" (did you mean "both"?)',
    'git-handover:repositories["team/app.git"]: unknown setting "abandn" (did you mean "abandon"?)',
  ]);
});

test('what is required and missing is named', () => {
  assert.deepEqual(mistakesIn({ server: { host: 'h', user: 'git', root: '/srv/git' }, gitlab: {}, repositories: {} }), [
    'git-handover:server.hostKeys: missing (expected a list)',
    'git-handover:gitlab.url: missing (expected a text)',
    'git-handover:gitlab.sshHostKeys: missing (expected a list)',
    'git-handover:gitlab.group: missing (expected a map of settings)',
  ]);
});

test('two entries for one repository, or two repositories for one project, are mistakes', () => {
  const found = mistakesIn(
    written({ 'app.git': {}, '/srv/git/app.git/': { project: 'other' }, 'a b.git': {}, 'a-b.git': {} }),
  );
  assert.equal(found.length, 2);
  assert.match(
    found.join('\n'),
    /repositories\["\/srv\/git\/app.git\/"\]: expected one entry .* same path on the old server as repositories\["app.git"\]/,
  );
  assert.match(
    found.join('\n'),
    /repositories\["a-b.git"\]: expected one entry .* same GitLab project as repositories\["a b.git"\]/,
  );
});

test('odd names of repositories get a project that GitLab takes, or ask for one', () => {
  const names: Record<string, string> = {
    'my app.git': 'my-app',
    'it\'s "odd".git': 'it-s-odd',
    '-dash.git': 'dash',
    'größe.git': 'gro-e',
    '$(reboot).git': 'reboot',
    'a..b.git': 'a-b',
  };
  for (const [name, project] of Object.entries(names)) {
    const [one] = readConfig(written({ [name]: {} })).repositories;
    assert.equal(one?.config.project, `code/${project}`, name);
    assert.equal(one?.config.path, `/srv/git/${name}`);
  }
  assert.deepEqual(mistakesIn(written({ '日本.git': {} })), [
    'git-handover:repositories["日本.git"].project: missing, and the name of the repository leaves nothing that GitLab takes as a path',
  ]);
  assert.deepEqual(mistakesIn(written({ '日本.git': { project: 'nihon' } })), []);
});

test('a project path that GitLab refuses is a mistake', () => {
  for (const project of ['-a', 'a.git', 'a//b', 'tree', 'a b', 'x/..'])
    assert.equal(mistakesIn(written({ 'a.git': { project } })).length, 1, project);
});

test('a repository cannot lie outside of the root by a trick', () => {
  for (const path of ['../x.git', 'a/../../x.git', '.', 'a\nb.git'])
    assert.match(mistakesIn(written({ [path]: {} })).join(), /expected a path below server.root/, path);
});

test('a space at the end of a path is seen behind a slash too: the state file would lose it', () => {
  for (const path of ['a.git ', 'a.git /', ' /', '/srv/b.git\t//'])
    assert.match(mistakesIn(written({ [path]: {} })).join(), /and spaces at the end/, JSON.stringify(path));
});

test('the token of the service user is never printed', () => {
  const values = written({}, {});
  const found = mistakesIn({ ...values, gitlab: { ...(values['gitlab'] as object), keyToken: 12345678 } });
  assert.deepEqual(found, ['git-handover:gitlab.keyToken: expected a text, got something else']);
});

test('people are named once, and by one of path and id', () => {
  const people = {
    groups: [{ path: 'dev' }, { path: 'dev' }, { id: 3, path: 'x' }],
    users: [{ access: 'owner', id: 4 }],
  };
  assert.equal(mistakesIn(written({}, { people })).length, 2);
  assert.match(
    mistakesIn(written({}, { people: { groups: [{ path: 'dev' }, { path: 'dev' }] } })).join(),
    /people.groups\[1\]: expected each only once: dev/,
  );
});

function withWebhook(webhook: Record<string, unknown>): Record<string, unknown> {
  return written({ 'a.git': {} }, { agent: { webhook } });
}

test('a webhook is an address to listen on and one by which GitLab comes; the agent is told the first', () => {
  const plain = readConfig(withWebhook({ listen: '0.0.0.0:8443', url: 'https://hooks.example.com/old/' }));
  assert.deepEqual(plain.agent.webhook, { host: '0.0.0.0', port: 8443, tls: null, allow: [] });
  assert.deepEqual([plain.webhook?.url, plain.webhook?.verifyCertificate], ['https://hooks.example.com/old', true]);
  const allow = ['192.0.2.10', '192.0.2.0/24', '::1', '2001:db8::/32'];
  const own = readConfig(
    withWebhook({
      listen: '[::]:8443',
      url: 'https://git.example.com:8443',
      certificate: '/etc/ssl/git.pem',
      key: '/etc/ssl/git.key',
      allow,
      verifyCertificate: false,
    }),
  );
  assert.deepEqual(own.agent.webhook, {
    host: '::',
    port: 8443,
    tls: { certificate: '/etc/ssl/git.pem', key: '/etc/ssl/git.key' },
    allow,
  });
  assert.equal(own.webhook?.verifyCertificate, false);
  const none = readConfig(written());
  assert.deepEqual(['webhook' in none.agent, none.webhook], [false, null]);
});

test('mistakes in a webhook are reported together, each with the path of its setting', () => {
  assert.deepEqual(
    mistakesIn(
      withWebhook({
        listen: ':8443',
        url: 'http://git.example.com',
        certificate: '/c.pem',
        allow: ['10.0.0.0/8', 'gitlab', '10.0.0.0/33'],
        verify: true,
      }),
    ).sort(),
    [
      'git-handover:agent.webhook.allow[1]: expected an address or a range of addresses such as "192.0.2.10", "192.0.2.0/24" or "2001:db8::/32"',
      'git-handover:agent.webhook.allow[2]: expected an address or a range of addresses such as "192.0.2.10", "192.0.2.0/24" or "2001:db8::/32"',
      'git-handover:agent.webhook.key: missing (a certificate needs its key)',
      'git-handover:agent.webhook.listen: expected an address and a port such as "0.0.0.0:8443" or "[::]:8443"',
      'git-handover:agent.webhook.url: expected https://, as the agent has a certificate',
      'git-handover:agent.webhook: unknown setting "verify" (known: listen, url, certificate, key, allow, verifyCertificate, renewSecret)',
    ],
  );
  assert.deepEqual(mistakesIn(withWebhook({ key: 'k.pem' })), [
    'git-handover:agent.webhook.listen: missing (expected a text)',
    'git-handover:agent.webhook.url: missing (expected a text)',
    'git-handover:agent.webhook.key: expected an absolute path, got "k.pem"',
    'git-handover:agent.webhook.certificate: missing (a key needs its certificate)',
  ]);
});

test('what is no address to listen on, and no address of a web server, is a mistake', () => {
  const good = { listen: '127.0.0.1:80', url: 'http://h' };
  const listens = [
    '8443',
    '0.0.0.0',
    '0.0.0.0:0',
    '0.0.0.0:65536',
    '256.0.0.1:80',
    '::1:80',
    '[127.0.0.1]:80',
    'git.example.com:8443',
    '[::1]',
    ' 127.0.0.1:80',
  ];
  for (const listen of listens)
    assert.match(
      mistakesIn(withWebhook({ ...good, listen })).join(),
      /^git-handover:agent\.webhook\.listen: expected an address and a port/,
      listen,
    );
  for (const url of [
    'git.example.com',
    'ftp://h',
    'https://',
    'https://user@h',
    'https://h/?a',
    'https://h/#a',
    'https://h:x',
    'https://h/a b',
  ])
    assert.match(
      mistakesIn(withWebhook({ ...good, url })).join(),
      /^git-handover:agent\.webhook\.url: expected the address by which GitLab/,
      url,
    );
  assert.deepEqual(mistakesIn(withWebhook(good)), []);
});

test('what Pulumi hands over as texts becomes plain values', () => {
  assert.deepEqual(
    valuesOf({
      'git-handover:phase': 'both',
      'git-handover:longestPushSeconds': '30',
      'git-handover:people': '{"users":[]}',
      'gitlab:token': 'x',
    }),
    {
      phase: 'both',
      longestPushSeconds: 30,
      people: { users: [] },
    },
  );
});

function example(): Record<string, unknown> {
  const text = readFileSync(join(__dirname, '../../../stacks/Pulumi.example.yaml'), 'utf8');
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name.replace('git-handover:', ''), value]));
}

interface Described {
  readonly def: {
    readonly type: string;
    readonly innerType?: Described;
    readonly element?: Described;
    readonly valueType?: Described;
    readonly in?: Described;
    readonly out?: Described;
    readonly shape?: Record<string, Described>;
  };
}

/** Every setting of the schema that the example does not mention. */
function unmentioned({ def }: Described, values: readonly unknown[], path: string): string[] {
  if (values.length === 0) return [path];
  if (def.shape !== undefined)
    return Object.entries(def.shape).flatMap(([name, inner]) =>
      unmentioned(
        inner,
        values.flatMap((value) => present((value as Record<string, unknown>)[name])),
        `${path}.${name}`,
      ),
    );
  if (def.type === 'record' && def.valueType !== undefined)
    return unmentioned(
      def.valueType,
      values.flatMap((value) => Object.values(value as object)),
      `${path}[…]`,
    );
  if (def.type === 'array' && def.element?.def.shape !== undefined)
    return unmentioned(def.element, values.flat(), `${path}[]`);
  const inner = def.innerType ?? (def.in?.def.type === 'transform' ? def.out : def.in);
  return inner === undefined ? [] : unmentioned(inner, values, path);
}

function present(value: unknown): unknown[] {
  return value === undefined ? [] : [value];
}

test('the example shows every setting, and all of it is valid', () => {
  assert.deepEqual(mistakesIn(example()), []);
  assert.deepEqual(unmentioned(schema as unknown as Described, [example()], ''), []);
});

test('an example that lacks a setting would be noticed', () => {
  const { agent: _, ...rest } = example();
  assert.deepEqual(unmentioned(schema as unknown as Described, [rest], ''), ['.agent']);
  const server = { ...(rest['server'] as Record<string, unknown>) };
  delete server['node'];
  assert.deepEqual(unmentioned(schema as unknown as Described, [{ ...example(), server }], ''), ['.server.node']);
});

test("a text that names what nobody can fill in is a mistake, not a pusher's riddle", () => {
  const agent = { texts: { warn: 'Push to {url} instead.', refuse: 'See {wiki} and {Url}.' } };
  const [mistake = '', ...others] = mistakesIn(written(undefined, { agent }));
  assert.match(
    mistake,
    /^git-handover:agent\.texts\.refuse: expected only \{url\}, .* in braces: \{wiki\}, \{Url\} is nothing that can be filled in$/,
  );
  assert.deepEqual(others, []);
});
