/** Users and their SSH keys. */
import type { User } from '../model';
import { created, gone, ok, paged } from './router';
import { badRequest, conflict, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { addKey, keyBody } from './keys';
import { needAdmin } from './scope';
import { removeWhere } from '../world';

export const userRoutes: Routes = {
  'POST users': createUser,
  'GET users': (call) =>
    paged(
      call,
      [...call.instance.world.users.values()]
        .filter((user) => [null, user.username].includes(call.query.get('username')))
        .map((user) => userBody(user, call.user)),
    ),
  'GET users/:': (call) => ok(userBody(userOf(call), call.user)),
  'PUT users/:': updateUser,
  'DELETE users/:': removeUser,
  'POST users/:/block': (call) => setState(call, 'blocked'),
  'POST users/:/unblock': (call) => setState(call, 'active'),
  'POST users/:/deactivate': (call) => setState(call, 'deactivated'),
  'POST users/:/activate': (call) => setState(call, 'active'),
  'GET users/:/keys': (call) => listKeys(call, userOf(call)),
  'POST users/:/keys': (call) => {
    needAdmin(call);
    return created(keyBody(addKey(call, 'user', userOf(call))));
  },
  'GET users/:/keys/:': (call) => ok(keyBody(ownKey(call, userOf(call), call.params[1]))),
  'DELETE users/:/keys/:': (call) => {
    needAdmin(call);
    return removeKey(call, userOf(call), call.params[1]);
  },
  'GET user/keys': (call) => listKeys(call, call.user),
  'POST user/keys': (call) => created(keyBody(addKey(call, 'user', call.user))),
  'GET user/keys/:': (call) => ok(keyBody(ownKey(call, call.user, call.params[0]))),
  'DELETE user/keys/:': (call) => removeKey(call, call.user, call.params[0]),
};

/** Administrators, and people about themselves, see more. */
export function userBody(user: User, viewer: User): Record<string, unknown> {
  const seen = {
    id: user.id,
    username: user.username,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: null,
    web_url: '',
    created_at: user.createdAt,
  };
  if (!viewer.admin && viewer !== user) return seen;
  return {
    ...seen,
    email: user.email,
    is_admin: user.admin,
    namespace_id: user.namespaceId,
    can_create_group: true,
    can_create_project: true,
    projects_limit: 100_000,
    external: false,
    note: '',
    two_factor_enabled: false,
  };
}

function createUser(call: Call): Answer {
  needAdmin(call);
  const { fields, instance } = call;
  const [email, username, name] = [fields.needText('email'), fields.needText('username'), fields.needText('name')];
  const hasPassword = ['password', 'reset_password', 'force_random_password'].some(
    (field) => fields.text(field) !== undefined,
  );
  if (!hasPassword)
    throw badRequest({
      error: 'password, reset_password, force_random_password are missing, at least one parameter must be provided',
    });
  const others = [...instance.world.users.values()];
  if (others.some((user) => user.email === email)) throw conflict('Email has already been taken');
  if (others.some((user) => user.username === username)) throw conflict('Username has already been taken');
  return created(
    userBody(instance.world.addUser({ username, name, email, admin: fields.flag('admin') ?? false }), call.user),
  );
}

function updateUser(call: Call): Answer {
  needAdmin(call);
  const user = userOf(call);
  user.name = call.fields.text('name') ?? user.name;
  user.username = call.fields.text('username') ?? user.username;
  user.email = call.fields.text('email') ?? user.email;
  user.admin = call.fields.flag('admin') ?? user.admin;
  return ok(userBody(user, call.user));
}

function removeUser(call: Call): Answer {
  needAdmin(call);
  const { world } = call.instance;
  const { id } = userOf(call);
  world.users.delete(id);
  removeWhere(world.members, (member) => member.userId === id);
  for (const key of [...world.keys.values()].filter((each) => each.ownerId === id && each.kind === 'user'))
    world.keys.delete(key.id);
  call.instance.keysChanged();
  return gone();
}

function setState(call: Call, state: User['state']): Answer {
  needAdmin(call);
  userOf(call).state = state;
  return { status: 201, body: true };
}

function userOf({ instance: { world }, params }: Call): User {
  const user = world.users.get(Number(params[0]));
  if (user === undefined) throw notFound('User');
  return user;
}

function listKeys(call: Call, user: User): Answer {
  return paged(
    call,
    [...call.instance.world.keys.values()].filter((key) => key.kind === 'user' && key.ownerId === user.id).map(keyBody),
  );
}

function ownKey({ instance: { world } }: Call, user: User, id: string | undefined) {
  const key = world.keys.get(Number(id));
  if (key === undefined || key.kind !== 'user' || key.ownerId !== user.id) throw notFound('Key');
  return key;
}

function removeKey(call: Call, user: User, id: string | undefined): Answer {
  call.instance.world.keys.delete(ownKey(call, user, id).id);
  call.instance.keysChanged();
  return gone();
}
