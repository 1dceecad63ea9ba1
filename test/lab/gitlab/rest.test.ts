import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFixture } from './fixture';
import type { Fixture } from './fixture';
import { callsOf, rest } from './restclient';

let lab: Fixture;
const { call, status } = callsOf(() => lab.gitlab);

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

  test('the audit lists each call with its status', async () => {
    lab.gitlab.audit.length = 0;
    await call('GET', '/projects/0');
    assert.deepEqual(lab.gitlab.audit, [
      { kind: 'rest', method: 'GET', path: '/api/v4/projects/0', status: 404, user: 'root' },
    ]);
  });
});
