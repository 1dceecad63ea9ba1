/** Direct members of projects and groups, and the list of everybody with their effective level. */
import { directMember, groupGrants, highest, levelOfUserAbove, projectGrants } from '../access';
import type { Grant } from '../access';
import { level } from '../model';
import type { Member, Source } from '../model';
import { sameSource } from '../world';
import { created, gone, ok, paged } from './router';
import { badRequest, conflict, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { group, project, source } from './scope';

export const memberRoutes: Routes = { ...routesOf('project'), ...routesOf('group') };

function routesOf(kind: Source['kind']): Routes {
  const base = `${kind}s/:/members`;
  // A group's members are its owners' to change, a project's its Maintainers'.
  const needed = kind === 'group' ? level.owner : level.maintainer;
  return {
    [`GET ${base}`]: (call) => {
      const from = source(kind, call, level.guest);
      return paged(
        call,
        call.instance.world.members
          .filter((member) => sameSource(member.source, from))
          .map((member) => body(call, member)),
      );
    },
    [`GET ${base}/all`]: (call) =>
      paged(
        call,
        highest(grants(kind, call)).map((grant) => body(call, grant)),
      ),
    [`GET ${base}/all/:`]: (call) => {
      const found = highest(grants(kind, call)).find((grant) => grant.userId === Number(call.params[1]));
      if (found === undefined) throw notFound();
      return ok(body(call, found));
    },
    [`POST ${base}`]: (call) => add(call, source(kind, call, needed)),
    [`GET ${base}/:`]: (call) => ok(body(call, memberOf(call, source(kind, call, level.guest)))),
    [`PUT ${base}/:`]: (call) => update(call, source(kind, call, needed)),
    [`DELETE ${base}/:`]: (call) => remove(call, source(kind, call, needed)),
  };
}

function grants(kind: Source['kind'], call: Call): Grant[] {
  const { world } = call.instance;
  return kind === 'project' ? projectGrants(world, project(call)) : groupGrants(world, group(call));
}

function add(call: Call, to: Source): Answer {
  const {
    fields,
    instance: { world },
  } = call;
  const [userId, accessLevel] = [fields.needInteger('user_id'), levelFrom(call, to)];
  if (!world.users.has(userId)) throw notFound('User');
  if (directMember(world, to, userId) !== null) throw conflict('Member already exists');
  needAtLeastInherited(call, to, { userId, accessLevel });
  accessChanges(call);
  return created(body(call, world.setMember(to, userId, accessLevel, fields.text('expires_at') ?? null)));
}

function update(call: Call, to: Source): Answer {
  const member = memberOf(call, to);
  const accessLevel = levelFrom(call, to);
  needAtLeastInherited(call, to, { userId: member.userId, accessLevel });
  accessChanges(call);
  member.accessLevel = accessLevel;
  if (call.fields.has('expires_at')) member.expiresAt = call.fields.text('expires_at') ?? null;
  return ok(body(call, member));
}

function remove(call: Call, from: Source): Answer {
  const member = memberOf(call, from);
  accessChanges(call);
  call.instance.world.removeMember(from, member.userId);
  return gone();
}

function levelFrom(call: Call, to: Source): number {
  const wanted = call.fields.needInteger('access_level');
  const known: readonly number[] = [
    level.minimal,
    level.guest,
    level.planner,
    level.reporter,
    level.developer,
    level.maintainer,
    level.owner,
  ];
  if (!known.includes(wanted)) throw badRequest({ access_level: ['is not included in the list'] });
  if (wanted === level.owner) source(to.kind, call, level.owner);
  return wanted;
}

function needAtLeastInherited(
  { instance: { world } }: Call,
  to: Source,
  { userId, accessLevel }: { userId: number; accessLevel: number },
): void {
  const inherited = levelOfUserAbove(world, to, userId);
  if (accessLevel < inherited)
    throw badRequest({
      access_level: [`should be greater than or equal to ${inherited} inherited membership from group`],
    });
}

function accessChanges({ instance: { world, faults } }: Call): void {
  world.keepLateView(faults.revocationDelayMs());
}

function memberOf({ instance: { world }, params }: Call, from: Source): Member {
  const member = directMember(world, from, Number(params[1]));
  if (member === null) throw notFound();
  return member;
}

function body({ instance: { world, addresses } }: Call, grant: Grant): Record<string, unknown> {
  const user = world.users.get(grant.userId);
  return {
    id: grant.userId,
    username: user?.username,
    name: user?.name,
    state: user?.state,
    access_level: grant.accessLevel,
    expires_at: grant.expiresAt,
    created_at: grant.createdAt,
    web_url: `${addresses.url}/${user?.username ?? ''}`,
    membership_state: 'active',
  };
}
