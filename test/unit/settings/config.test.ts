import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, valuesOf } from '../../../stacks/config';
import { key, mistakesIn, written } from './written';

test('a small configuration is complete: the agent gets absolute paths, addresses and all limits', () => {
  const settings = readConfig(written());
  const [app] = settings.repositories;
  assert.equal(app?.config.path, '/srv/git/team/app.git');
  assert.equal(app?.config.project, 'code/team/app');
  assert.equal(app?.config.gitlabUrl, 'ssh://git@gitlab.example.com:22/code/team/app.git');
  assert.equal(app?.config.peopleUrl, 'git@gitlab.example.com:code/team/app.git');
  assert.equal(app?.phase, 'old');
  assert.equal(settings.server.node, 'auto');
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

test('the fence waits a minute for a replica, and mirror takes pushes after a restart, unless the operator says otherwise', () => {
  const limits = (agent: Record<string, unknown>): unknown[] => {
    const { lagMs, mirrorAfterRestart } = readConfig(written({}, { agent })).agent.limits;
    return [lagMs, mirrorAfterRestart];
  };
  assert.deepEqual(limits({}), [60_000, 'take']);
  assert.deepEqual(limits({ lagSeconds: 0, mirrorAfterRestart: 'refuse' }), [0, 'refuse']);
  assert.deepEqual(mistakesIn(written({}, { agent: { lagSeconds: 601, mirrorAfterRestart: 'wait' } })).sort(), [
    'git-handover:agent.lagSeconds: expected at most 600, got 601',
    'git-handover:agent.mirrorAfterRestart: expected one of take, refuse, got "wait" (known: take, refuse)',
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

test("a text that names what nobody can fill in is a mistake, not a pusher's riddle", () => {
  const agent = { texts: { warn: 'Push to {url} instead.', refuse: 'See {wiki} and {Url}.' } };
  const [mistake = '', ...others] = mistakesIn(written(undefined, { agent }));
  assert.match(
    mistake,
    /^git-handover:agent\.texts\.refuse: expected only \{url\}, .* in braces: \{wiki\}, \{Url\} is nothing that can be filled in$/,
  );
  assert.deepEqual(others, []);
});

test('an address of GitLab that would show the token to whoever listens is a mistake', () => {
  const said = (gitlab: Record<string, unknown>): string[] =>
    mistakesIn({ ...written(), gitlab: { sshHostKeys: [key], group: { path: 'code' }, ...gitlab } });
  for (const url of ['https://gitlab.example.com', 'http://127.0.0.1:8080', 'http://localhost:3000', 'http://[::1]:80'])
    assert.deepEqual(said({ url }), [], url);
  assert.deepEqual(said({ url: 'http://gitlab.example.com', plainHttp: true }), []);
  for (const url of ['http://gitlab.example.com', 'http://127.0.0.1.example.com', 'http://localhost.example.com'])
    assert.match(said({ url }).join(), /gitlab\.url: expected https:\/\/, or plainHttp: true/, url);
  for (const url of ['https://oauth2:glpat-x@gitlab.example.com', 'https://glpat-x@gitlab.example.com']) {
    assert.match(said({ url }).join(), /gitlab\.url: expected no user, password or token in the address/);
    assert.doesNotMatch(said({ url }).join(), /glpat-x/);
  }
  assert.match(
    said({ url: 'https://gitlab.example.com/?private_token=x' }).join(),
    /gitlab\.url: expected nothing behind/,
  );
});
