import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeFixture } from '../fixture';
import type { Fixture } from '../fixture';
import { callsOf, rest } from '../restclient';

let lab: Fixture;
const { call, status } = callsOf(() => lab.gitlab);

describe('REST: who may do what', () => {
  before(async () => {
    lab = await makeFixture();
  });
  after(() => lab.close());

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

  test('an access token has a bot, a member that works with it; revoked it stays listed; too low a role is 401', async () => {
    const { id } = await lab.project('tokened');
    const tokens = `/projects/${id}/access_tokens`;
    const made = await rest(lab.gitlab, `POST ${tokens}`, { name: 'ci', scopes: ['api'], access_level: 30 });
    const members = async (): Promise<unknown[]> =>
      ((await call('GET', `/projects/${id}/members`)).body as { username: string; access_level: number }[]).map(
        ({ username, access_level }) => [username.replace(/_[0-9a-f]+$/, ''), access_level],
      );
    assert.deepEqual(await members(), [[`project_${id}_bot`, 30]]);
    assert.equal(await status('GET', `/projects/${id}/repository/branches`, undefined, String(made['token'])), 200);
    assert.equal(await status('GET', tokens, undefined, lab.people.developer.token), 401);
    assert.equal(await status('GET', `/groups/${lab.groupId}/access_tokens`, undefined, lab.owner.token), 401);
    assert.equal(await status('DELETE', `${tokens}/${Number(made['id'])}`), 204);
    const [listed] = (await call('GET', tokens)).body as { active: boolean; revoked: boolean }[];
    assert.deepEqual([listed?.active, listed?.revoked, await members()], [false, true, []]);
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
});
