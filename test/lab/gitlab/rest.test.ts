import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { rest, restAnswer } from './restclient';

let lab: Fixture;

function call(method: string, path: string, fields?: unknown, token?: string): ReturnType<typeof restAnswer> {
  return restAnswer(lab.gitlab, { method, path, fields, token });
}

async function status(method: string, path: string, fields?: unknown, token?: string): Promise<number> {
  return (await call(method, path, fields, token)).status;
}

describe('REST', () => {
  before(async () => {
    lab = await makeFixture();
  });
  after(() => lab.close());

  test('both headers carry the token; a wrong one is 401, an unknown route and a thing one may not see are 404, too low a role is 403', async () => {
    const { id } = await lab.project('auth');
    const response = await fetch(`${lab.gitlab.url}/api/v4/user`, {
      headers: { 'PRIVATE-TOKEN': lab.gitlab.adminToken },
    });
    assert.equal(((await response.json()) as { is_admin: boolean }).is_admin, true);
    const stranger = await lab.gitlab.addUser({ username: 'stranger' });
    assert.deepEqual((await call('GET', '/user', undefined, 'wrong')).body, { message: '401 Unauthorized' });
    assert.deepEqual((await call('GET', '/nothing')).body, { error: '404 Not Found' });
    assert.deepEqual((await call('GET', `/projects/${id}`, undefined, stranger.token)).body, {
      message: '404 Project Not Found',
    });
    assert.equal(await status('GET', `/projects/${id}/deploy_keys`, undefined, lab.people.developer.token), 403);
    assert.equal(await status('PUT', '/application/settings', {}, lab.owner.token), 403);
    assert.equal(await status('GET', `/projects/${id}/push_rule`), 404);
  });

  test('version, metadata and the GraphQL query of the provider', async () => {
    const metadata = await rest(lab.gitlab, 'GET /metadata');
    assert.deepEqual([metadata['version'], metadata['enterprise']], ['18.10.1', false]);
    const response = await fetch(`${lab.gitlab.url}/api/graphql`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${lab.owner.token}` },
      body: '{"query":"query {currentUser {name}}"}',
    });
    const { data } = (await response.json()) as { data: { currentUser: { id: string; username: string } } };
    assert.deepEqual(
      [data.currentUser.id, data.currentUser.username],
      [`gid://gitlab/User/${lab.owner.id}`, 'handover'],
    );
  });

  test('paths are decoded after routing, dots and stars too', async () => {
    const { id } = await lab.project('dotted.name');
    assert.equal((await rest(lab.gitlab, 'GET /projects/team%2Fdotted%2Ename'))['id'], id);
    await rest(lab.gitlab, `POST /projects/${id}/protected_branches`, { name: 'release/1.*' });
    assert.equal(
      (await rest(lab.gitlab, `GET /projects/${id}/protected_branches/release%2F1%2E%2A`))['name'],
      'release/1.*',
    );
  });

  test('lists come in pages', async () => {
    const { id } = await lab.project('paged');
    for (const name of ['a', 'b', 'c']) await rest(lab.gitlab, `POST /projects/${id}/protected_tags`, { name });
    const { body, headers } = await call('GET', `/projects/${id}/protected_tags?page=2&per_page=2`);
    assert.deepEqual(
      (body as { name: string }[]).map(({ name }) => name),
      ['c'],
    );
    assert.deepEqual(
      ['x-total', 'x-total-pages', 'x-next-page', 'x-prev-page'].map((name) => headers.get(name)),
      ['3', '2', '', '1'],
    );
  });

  test('a group keeps its protection defaults, as an object or as the older number', async () => {
    const open = {
      allowed_to_push: [{ access_level: 30 }],
      allowed_to_merge: [{ access_level: 30 }],
      allow_force_push: true,
      developer_can_initial_push: false,
    };
    const made = await rest(lab.gitlab, 'POST /groups', {
      name: 'Free',
      path: 'free',
      default_branch_protection_defaults: open,
      no_such_field: 1,
    });
    assert.deepEqual(
      [made['default_branch_protection'], made['default_branch_protection_defaults'], made['parent_id']],
      [0, open, null],
    );
    await rest(lab.gitlab, `PUT /groups/${Number(made['id'])}`, { default_branch_protection: 2, name: 'Closed' });
    const changed = await rest(lab.gitlab, 'GET /groups/free');
    assert.deepEqual([changed['name'], changed['default_branch_protection']], ['Closed', 2]);
    assert.equal(await status('POST', '/groups', { name: 'Free', path: 'free' }), 400);
  });

  test('a project is deleted in two steps, the first of which renames it and frees its path', async () => {
    const { id } = await lab.project('short-lived');
    assert.deepEqual((await call('POST', '/projects', { name: 'short-lived', namespace_id: lab.groupId })).body, {
      message: { name: ['has already been taken'], path: ['has already been taken'] },
    });
    assert.equal(await status('DELETE', `/projects/${id}?permanently_remove=true&full_path=team/short-lived`), 400);
    assert.equal(await status('DELETE', `/projects/${id}`), 202);
    const marked = await rest(lab.gitlab, `GET /projects/${id}`);
    assert.equal(marked['path_with_namespace'], `team/short-lived-deletion_scheduled-${id}`);
    assert.notEqual(marked['marked_for_deletion_on'], null);
    assert.equal(
      await status(
        'DELETE',
        `/projects/${id}?permanently_remove=true&full_path=${encodeURIComponent(String(marked['path_with_namespace']))}`,
      ),
      202,
    );
    assert.equal(await status('GET', `/projects/${id}`), 404);
    await lab.project('short-lived');
  });

  test('a deploy key is one key in many projects, keeps what it first had, and dies with its last project', async () => {
    const [one, two] = [await lab.project('key-one'), await lab.project('key-two')];
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1Wv0YmOeuX2vS1oRkRr3m1yqkTz9kKx0q4bq3h0n1B';
    const make = (title: string): Promise<Record<string, unknown>> =>
      rest(lab.gitlab, `POST /projects/${one.id}/deploy_keys`, {
        title,
        key: `${other} comment`,
        can_push: title === 'first',
      });
    const [first, second] = [await make('first'), await make('second')];
    assert.deepEqual([second['id'], second['title'], second['can_push']], [first['id'], 'first', true]);
    const key = Number(first['id']);
    assert.equal((await rest(lab.gitlab, `POST /projects/${two.id}/deploy_keys/${key}/enable`))['can_push'], false);
    assert.equal(
      (await rest(lab.gitlab, `PUT /projects/${two.id}/deploy_keys/${key}`, { can_push: true }))['can_push'],
      true,
    );
    assert.equal(await status('POST', `/users/${lab.owner.id}/keys`, { title: 'taken', key: other }), 400);
    assert.deepEqual(
      [
        await status('DELETE', `/projects/${one.id}/deploy_keys/${key}`),
        await status('GET', `/projects/${one.id}/deploy_keys/${key}`),
      ],
      [204, 404],
    );
    assert.equal(await status('DELETE', `/projects/${two.id}/deploy_keys/${key}`), 204);
    assert.equal(await status('POST', `/projects/${two.id}/deploy_keys/${key}/enable`), 404);
  });

  test('members: direct ones by id, everybody with the highest level in members/all, shares capped by their level', async () => {
    const { id } = await lab.project('shared');
    const eve = await lab.gitlab.addUser({ username: 'eve' });
    const people = await lab.gitlab.addGroup({ path: 'people', members: [{ userId: eve.id, accessLevel: 40 }] });
    const levelOf = async (): Promise<unknown> => (await call('GET', `/projects/${id}/members/all/${eve.id}`)).body;
    await rest(lab.gitlab, `POST /groups/${lab.groupId}/share`, { group_id: people.id, group_access: 20 });
    assert.equal(((await levelOf()) as { access_level: number }).access_level, 20);
    await rest(lab.gitlab, `POST /projects/${id}/share`, { group_id: people.id, group_access: 30 });
    assert.equal(((await levelOf()) as { access_level: number }).access_level, 30);
    const shares = (await rest(lab.gitlab, `GET /projects/${id}`))['shared_with_groups'] as {
      group_id: number;
      group_access_level: number;
    }[];
    assert.deepEqual(
      shares.map(({ group_id, group_access_level }) => [group_id, group_access_level]),
      [[people.id, 30]],
    );
    assert.equal(await status('GET', `/projects/${id}/members/${eve.id}`), 404);
    assert.equal(await status('DELETE', `/projects/${id}/share/${people.id}`), 204);
    assert.equal(
      await status('POST', `/projects/${id}/members`, { user_id: eve.id, access_level: 30, expires_at: null }),
      201,
    );
    assert.equal(await status('POST', `/projects/${id}/members`, { user_id: eve.id, access_level: 30 }), 409);
    assert.equal(
      (await rest(lab.gitlab, `PUT /projects/${id}/members/${eve.id}`, { access_level: 40 }))['access_level'],
      40,
    );
    assert.equal(
      await status('POST', `/projects/${id}/members`, { user_id: lab.people.developer.id, access_level: 20 }),
      400,
    );
    assert.deepEqual(
      [
        await status('DELETE', `/projects/${id}/members/${eve.id}`),
        await status('GET', `/projects/${id}/members/${eve.id}`),
      ],
      [204, 404],
    );
  });

  test('branches and tags through the API: created, listed, deleted although protected, and the default branch is kept', async () => {
    const { id, first } = await lab.filled('api-refs');
    const base = `/projects/${id}/repository`;
    assert.equal(
      ((await rest(lab.gitlab, `POST ${base}/branches`, { branch: 'rel/1', ref: 'main' }))['commit'] as { id: string })
        .id,
      first,
    );
    await rest(lab.gitlab, `POST ${base}/tags`, { tag_name: 'v1', ref: 'main', message: 'one' });
    for (const [kind, name] of [
      ['branches', 'rel/*'],
      ['tags', 'v*'],
    ])
      await rest(lab.gitlab, `POST /projects/${id}/protected_${kind}`, { name });
    assert.equal((await rest(lab.gitlab, `GET ${base}/branches/rel%2F1`))['protected'], true);
    assert.equal(await status('DELETE', `${base}/branches/rel%2F1`, undefined, lab.people.developer.token), 403);
    assert.deepEqual(
      [
        await status('DELETE', `${base}/branches/rel%2F1`),
        await status('DELETE', `${base}/tags/v1`),
        await status('DELETE', `${base}/branches/main`),
      ],
      [204, 204, 403],
    );
    assert.equal(await status('PUT', `/projects/${id}`, { default_branch: 'missing' }), 400);
  });

  test('protections: a second one of the same name is 409, CE changes only the force flag and drops users silently', async () => {
    const { id } = await lab.project('rules');
    const base = `/projects/${id}/protected_branches`;
    const made = await rest(lab.gitlab, `POST ${base}`, {
      name: 'main',
      push_access_level: 30,
      allowed_to_push: [{ user_id: 1 }],
    });
    assert.deepEqual(
      (made['push_access_levels'] as { access_level: number }[]).map((row) => row.access_level),
      [30],
    );
    assert.deepEqual((await call('POST', base, { name: 'main' })).body, {
      message: "Protected branch 'main' already exists",
    });
    const changed = await rest(lab.gitlab, `PATCH ${base}/main`, { allow_force_push: true, push_access_level: 40 });
    assert.deepEqual(
      [changed['allow_force_push'], (changed['push_access_levels'] as { access_level: number }[])[0]?.access_level],
      [true, 30],
    );
    assert.deepEqual(
      [
        await status('DELETE', `${base}/main`, undefined, lab.people.developer.token),
        await status('DELETE', `${base}/main`),
        await status('DELETE', `${base}/main`),
      ],
      [403, 204, 404],
    );
  });

  test('a webhook to a local address is refused with 422 until the instance allows it, and never answers its token', async () => {
    const { id } = await lab.project('hooked');
    const hook = { url: 'http://127.0.0.1:9/x', token: 'secret', tag_push_events: true };
    assert.deepEqual((await call('POST', `/projects/${id}/hooks`, hook)).body, { error: 'Invalid url given' });
    await rest(lab.gitlab, 'PUT /application/settings', { allow_local_requests_from_web_hooks_and_services: true });
    const made = await rest(lab.gitlab, `POST /projects/${id}/hooks`, hook);
    assert.deepEqual([made['tag_push_events'], made['push_events'], made['token']], [true, true, undefined]);
    assert.deepEqual(
      [
        await status('DELETE', `/projects/${id}/hooks/${Number(made['id'])}`),
        await status('GET', `/projects/${id}/hooks/${Number(made['id'])}`),
      ],
      [204, 404],
    );
  });

  test('users and their keys', async () => {
    const user = { email: 'zoe@lab.invalid', username: 'zoe', name: 'Zoe', force_random_password: true };
    const { id } = await rest(lab.gitlab, 'POST /users', user);
    assert.equal(await status('POST', '/users', { ...user, email: 'other@lab.invalid' }), 409);
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB7QnqQmPbL8K0k0R5mVYH9lF2oYF0tq1n8cXgk6c0aa';
    const added = await rest(lab.gitlab, `POST /users/${Number(id)}/keys`, { title: 'laptop', key });
    assert.deepEqual(
      ((await call('GET', `/users/${Number(id)}/keys?page=1&per_page=20`)).body as { id: number }[]).map(
        (each) => each.id,
      ),
      [added['id']],
    );
    assert.deepEqual(
      [
        await status('DELETE', `/users/${Number(id)}/keys/${Number(added['id'])}`),
        await status('DELETE', `/users/${Number(id)}`),
        await status('GET', `/users/${Number(id)}`),
      ],
      [204, 204, 404],
    );
  });

  test('the audit lists each call with its status', async () => {
    lab.gitlab.audit.length = 0;
    await call('GET', '/projects/0');
    assert.deepEqual(lab.gitlab.audit, [
      { kind: 'rest', method: 'GET', path: '/api/v4/projects/0', status: 404, user: 'root' },
    ]);
  });
});
