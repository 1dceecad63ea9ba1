/** One table for the keys of users and deploy keys. */
import { createHash } from 'node:crypto';
import type { Key, User } from '../model';
import type { World } from '../world';
import type { Instance } from '../instance';
import { badRequest } from './refusal';
import type { Call } from './router';

/** Type and base64 of a public key; the comment does not count. */
export function parseKey(text: string): { key: string; fingerprint: string } {
  const [type = '', blob = ''] = text.trim().split(/\s+/);
  const bytes = Buffer.from(blob, 'base64');
  const named = bytes.length > 4 ? bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0)) : '';
  if (type === '' || named !== type) throw badRequest({ key: ['is invalid'], fingerprint: ['cannot be generated'] });
  return {
    key: `${type} ${blob}`,
    fingerprint: `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`,
  };
}

export function findKey(world: World, fingerprint: string): Key | undefined {
  return [...world.keys.values()].find((key) => key.fingerprint === fingerprint);
}

/** Adds the key that the call brings; taken keys are refused. */
export function addKey({ fields, instance }: Call, kind: Key['kind'], owner: User): Key {
  const text = fields.needText('key');
  return storeKey(instance, {
    kind,
    text,
    ownerId: owner.id,
    title: fields.needText('title'),
    expiresAt: fields.text('expires_at') ?? null,
  });
}

export function storeKey(
  instance: Instance,
  { text, ...rest }: Pick<Key, 'kind' | 'ownerId' | 'title' | 'expiresAt'> & { text: string },
): Key {
  const parsed = parseKey(text);
  if (findKey(instance.world, parsed.fingerprint) !== undefined)
    throw badRequest({ fingerprint_sha256: ['has already been taken'] });
  const key: Key = { ...rest, ...parsed, id: instance.world.nextId(), createdAt: new Date().toISOString() };
  instance.world.keys.set(key.id, key);
  instance.keysChanged();
  return key;
}

export function keyBody(key: Key): Record<string, unknown> {
  return {
    id: key.id,
    title: key.title,
    key: key.key,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    usage_type: 'auth_and_signing',
  };
}
