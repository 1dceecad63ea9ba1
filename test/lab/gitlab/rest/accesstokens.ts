/**
 * Access tokens of projects and groups. Each has a bot of its own, a member with the token's level, which works as any
 * user's token does. They stay listed, revoked, when their bot is gone.
 */
import { randomBytes } from 'node:crypto';
import { level } from '../model';
import type { AccessToken, Source } from '../model';
import { removeWhere, sameSource } from '../world';
import { created, gone, ok, paged } from './router';
import { badRequest, notFound, Refusal, unauthorized } from './refusal';
import type { Answer, Call, Routes } from './router';
import { source } from './scope';

export const accessTokenRoutes: Routes = { ...routesOf('project'), ...routesOf('group') };

const scopes = ['api', 'read_api', 'read_repository', 'write_repository', 'read_registry', 'write_registry'];

function routesOf(kind: Source['kind']): Routes {
  const base = `${kind}s/:/access_tokens`;
  return {
    [`GET ${base}`]: (call) => {
      const of = tokensSource(kind, call);
      return paged(call, call.instance.world.accessTokens.filter((token) => sameSource(token.source, of)).map(body));
    },
    [`POST ${base}`]: (call) => add(call, tokensSource(kind, call)),
    [`GET ${base}/:`]: (call) => ok(body(tokenOf(call, tokensSource(kind, call)))),
    [`DELETE ${base}/:`]: (call) => revoke(call, tokenOf(call, tokensSource(kind, call))),
  };
}

/** A group's tokens are its owners' to see. Too low a role is 401 here, not 403 (resource_access_tokens.rb). */
function tokensSource(kind: Source['kind'], call: Call): Source {
  try {
    return source(kind, call, kind === 'group' ? level.owner : level.maintainer);
  } catch (error) {
    throw error instanceof Refusal && error.status === 403 ? unauthorized() : error;
  }
}

function add(call: Call, to: Source): Answer {
  const {
    fields,
    instance: { world },
  } = call;
  const name = fields.needText('name');
  const wanted = (fields.raw('scopes') ?? []) as readonly string[];
  if (wanted.length === 0 || wanted.some((scope) => !scopes.includes(scope)))
    throw badRequest('400 Bad request - Scopes can only contain available scopes');
  const username = `${to.kind}_${to.id}_bot_${randomBytes(16).toString('hex')}`;
  const bot = world.addUser({ username, name, email: `${username}@noreply.gitlab.invalid`, admin: false });
  const token: AccessToken = {
    id: world.nextId(),
    source: to,
    userId: bot.id,
    name,
    scopes: wanted,
    accessLevel: fields.integer('access_level') ?? level.maintainer,
    expiresAt: fields.text('expires_at') ?? null,
    revoked: false,
    createdAt: new Date().toISOString(),
  };
  world.accessTokens.push(token);
  world.setMember(to, bot.id, token.accessLevel);
  return created({ ...body(token), token: bot.token });
}

function revoke({ instance: { world } }: Call, token: AccessToken): Answer {
  token.revoked = true;
  world.removeMember(token.source, token.userId);
  world.users.delete(token.userId);
  removeWhere(world.members, ({ userId }) => userId === token.userId);
  return gone();
}

function tokenOf({ instance: { world }, params }: Call, of: Source): AccessToken {
  const token = world.accessTokens.find((each) => each.id === Number(params[1]) && sameSource(each.source, of));
  if (token === undefined) throw notFound();
  return token;
}

function body(token: AccessToken): Record<string, unknown> {
  const today = new Date().toISOString().slice(0, 10);
  return {
    id: token.id,
    name: token.name,
    description: null,
    revoked: token.revoked,
    created_at: token.createdAt,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: null,
    active: !token.revoked && (token.expiresAt === null || token.expiresAt > today),
    expires_at: token.expiresAt,
    access_level: token.accessLevel,
  };
}
