/** gitlab:index/user:User and gitlab:index/userSshKey:UserSshKey */
import { halves, joined, until, type Kind } from '../kind';
import { fromApi, toApi, type Translation } from '../names';
import { nullWhenMissing, path, type Rest } from '../rest';
import { resourceSpec } from '../schema';
import type { Props } from '../wire';
import { sameKey } from './deployKeys';

const userSpec = resourceSpec('gitlab:index/user:User');
const keySpec = resourceSpec('gitlab:index/userSshKey:UserSshKey');
const written: Translation = { renamed: { isAdmin: 'admin', isExternal: 'external' }, own: ['state', 'namespaceId'] };
const read: Translation = {
  renamed: { isExternal: 'external' },
  own: ['password', 'resetPassword', 'forceRandomPassword', 'skipConfirmation'],
};
/** What to call for a state, by the state before. */
const STATES: Readonly<Record<string, string>> = {
  'active>blocked': 'block',
  'active>deactivated': 'deactivate',
  'blocked>active': 'unblock',
  'deactivated>active': 'activate',
  'deactivated>blocked': 'block',
};

export const user: Kind = {
  named: true,

  async create(rest, inputs) {
    const answer = await rest.call('POST', '/users', toApi(inputs, userSpec.inputs, written));
    return String(answer['id']);
  },

  async settle(rest, id, inputs) {
    await enter(rest, id, 'active', inputs['state']);
  },

  async read(rest, id, known) {
    const answer = await rest.find(path`/users/${id}`);
    return answer && fromApi(answer, known, userSpec.outputs, read);
  },

  async update(rest, id, { changed, state }) {
    const fields = toApi(changed, userSpec.inputs, written);
    if (Object.keys(fields).length > 0) await rest.call('PUT', path`/users/${id}`, fields);
    if (changed['state'] !== undefined) await enter(rest, id, String(state['state']), changed['state']);
  },

  async delete(rest, id) {
    await rest.remove(path`/users/${id}`);
    await until(
      rest,
      { what: 'the deletion of the user', timeoutMs: 300_000 },
      async () => (await rest.find(path`/users/${id}`)) === null,
    );
  },
};

export const userSshKey: Kind = {
  async create(rest, inputs) {
    const { userId, ...key } = inputs;
    const owner = userId ?? (await rest.call('GET', '/user'))['id'];
    const answer = await rest.call('POST', keysOf(userId), toApi(key, keySpec.inputs, {}));
    return joined(owner, answer['id']);
  },

  async read(rest, id, known) {
    const [owner, keyId] = halves(id);
    const answer = await listedKey(rest, owner, keyId).catch(nullWhenMissing);
    if (answer === null) return null;
    const outputs = fromApi(answer, known, keySpec.outputs, {});
    return { ...outputs, userId: Number(owner), keyId: Number(keyId), key: sameKey(known['key'], outputs['key']) };
  },

  async delete(rest, id) {
    const [owner, keyId] = halves(id);
    await rest.remove(path`/users/${owner}/keys/${keyId}`);
  },
};

function keysOf(userId: unknown): string {
  return userId === undefined ? '/user/keys' : path`/users/${String(userId as string | number)}/keys`;
}

async function listedKey(rest: Rest, owner: string, keyId: string): Promise<Props | null> {
  let page: number | null = 1;
  while (page !== null) {
    const { rows, next } = await rest.page(keysOf(owner), page);
    const found = rows.find((row) => String(row['id']) === keyId);
    if (found) return found;
    page = next;
  }
  return null;
}

async function enter(rest: Rest, id: string, before: string, after: unknown): Promise<void> {
  const verb = STATES[`${before}>${(after as string | undefined) ?? 'active'}`];
  if (verb !== undefined) await rest.call('POST', `${path`/users/${id}`}/${verb}`);
}
