/** Users and their keys, as the provider asks GitLab for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from './kinds';
import { scripted } from './scripted';

const USER = 'gitlab:index/user:User';
const USER_KEY = 'gitlab:index/userSshKey:UserSshKey';

test('a user is blocked by a call of its own, and keeps the password that GitLab never shows', async (t) => {
  const { rest, asked } = await scripted(t, {
    'POST /users': [{ id: 3 }],
    'POST /users/3/block': [{}],
    'GET /users/3': [
      { id: 3, username: 'ann', email: 'a@b.invalid', name: 'Ann', state: 'blocked', is_admin: false, namespace_id: 8 },
    ],
  });
  const inputs = { username: 'ann', email: 'a@b.invalid', name: 'Ann', password: 'hush', state: 'blocked' };
  const id = await kindOf(USER).create(rest, inputs);
  await kindOf(USER).settle?.(rest, id, inputs);
  const state = await kindOf(USER).read(rest, id, inputs);
  assert.deepEqual([state?.['password'], state?.['state'], state?.['namespaceId']], ['hush', 'blocked', 8]);
  assert.deepEqual(
    asked.map((line) => line.replace(/ \{.*/, '')),
    ['POST /users', 'POST /users/3/block', 'GET /users/3'],
  );
});

test('the key of a user stays the same key when GitLab drops its comment, and is gone with its user', async (t) => {
  const keys = [
    { id: 8, key: 'ssh-ed25519 BBBB' },
    { id: 9, title: 'laptop', key: 'ssh-ed25519 AAAA' },
  ];
  const { rest } = await scripted(t, { 'GET /users/3/keys?page=1&per_page=20': [keys] });
  const state = await kindOf(USER_KEY).read(rest, '3:9', { title: 'laptop', key: 'ssh-ed25519 AAAA ann@laptop' });
  assert.deepEqual([state?.['key'], state?.['userId'], state?.['keyId']], ['ssh-ed25519 AAAA ann@laptop', 3, 9]);
  assert.equal(await kindOf(USER_KEY).read(rest, '4:9', {}), null);
});
