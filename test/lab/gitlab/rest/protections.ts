/** Protected branches and tags. */
import { level } from '../model';
import type { AccessRow, ProtectedBranch, ProtectedTag } from '../model';
import { removeWhere, versionAtLeast } from '../world';
import { created, gone, ok, paged } from './router';
import { conflict, notFound, Refusal } from './refusal';
import type { Answer, Call, Routes } from './router';
import { project } from './scope';

export const protectionRoutes: Routes = {
  'GET projects/:/protected_branches': (call) => {
    const { id } = project(call, level.developer);
    return paged(
      call,
      call.instance.world.protectedBranches
        .filter((rule) => rule.projectId === id)
        .map((rule) => branchBody(call, rule)),
    );
  },
  'POST projects/:/protected_branches': protectBranch,
  'GET projects/:/protected_branches/:': (call) => ok(branchBody(call, branchRule(call, level.developer))),
  'PATCH projects/:/protected_branches/:': (call) => {
    const rule = branchRule(call, level.maintainer);
    rule.allowForcePush = call.fields.flag('allow_force_push') ?? rule.allowForcePush;
    return ok(branchBody(call, rule));
  },
  'DELETE projects/:/protected_branches/:': (call) => {
    const rule = branchRule(call, level.maintainer);
    removeWhere(call.instance.world.protectedBranches, (each) => each === rule);
    return gone();
  },
  'GET projects/:/protected_tags': (call) => {
    const { id } = project(call, level.developer);
    return paged(
      call,
      call.instance.world.protectedTags.filter((rule) => rule.projectId === id).map((rule) => tagBody(call, rule)),
    );
  },
  'POST projects/:/protected_tags': protectTag,
  'GET projects/:/protected_tags/:': (call) => ok(tagBody(call, tagRule(call, level.developer))),
  'DELETE projects/:/protected_tags/:': (call) => {
    const rule = tagRule(call, level.maintainer);
    removeWhere(call.instance.world.protectedTags, (each) => each === rule);
    return gone();
  },
};

function protectBranch(call: Call): Answer {
  const { id: projectId } = project(call, level.maintainer);
  const {
    fields,
    instance: { world },
  } = call;
  const name = fields.needText('name');
  if (world.protectedBranches.some((rule) => rule.projectId === projectId && rule.name === name))
    throw conflict(`Protected branch '${name}' already exists`);
  const rule: ProtectedBranch = {
    id: world.nextId(),
    projectId,
    name,
    push: rows(call, 'push_access_level', 'allowed_to_push'),
    merge: rows(call, 'merge_access_level', 'allowed_to_merge'),
    allowForcePush: fields.flag('allow_force_push') ?? false,
  };
  world.protectedBranches.push(rule);
  return created(branchBody(call, rule));
}

function protectTag(call: Call): Answer {
  const { id: projectId } = project(call, level.maintainer);
  const { world } = call.instance;
  const name = call.fields.needText('name');
  if (world.protectedTags.some((rule) => rule.projectId === projectId && rule.name === name))
    throw conflict(`Protected tag '${name}' already exists`);
  const rule: ProtectedTag = { projectId, name, create: rows(call, 'create_access_level', 'allowed_to_create') };
  world.protectedTags.push(rule);
  return created(tagBody(call, rule));
}

/** CE reads the role level and, from 18.10, rows of deploy keys; users and groups are dropped without an error. */
function rows(call: Call, levelField: string, listField: string): AccessRow[] {
  const {
    fields,
    instance: { world, options },
  } = call;
  const role = fields.integer(levelField);
  const keyIds = versionAtLeast(options.version, 18, 10)
    ? fields.list(listField).flatMap((row) => row.integer('deploy_key_id') ?? [])
    : [];
  if (
    role !== undefined &&
    ![level.none, level.developer, level.maintainer, level.admin].some((known) => known === role)
  ) {
    throw new Refusal(400, { error: `${levelField} does not have a valid value` });
  }
  const roles = role === undefined && keyIds.length > 0 ? [] : [role ?? level.maintainer];
  const made = roles.map((accessLevel) => ({ id: world.nextId(), accessLevel, deployKeyId: null }));
  return [...made, ...keyIds.map((deployKeyId) => keyRow(call, deployKeyId))];
}

function keyRow({ instance: { world } }: Call, deployKeyId: number): AccessRow {
  if (world.keys.get(deployKeyId)?.kind !== 'deploy')
    throw new Refusal(422, { message: ['Push access levels deploy key is not enabled for this project'] });
  return { id: world.nextId(), accessLevel: level.maintainer, deployKeyId };
}

function branchRule(call: Call, needed: number): ProtectedBranch {
  const { id } = project(call, needed);
  const rule = call.instance.world.protectedBranches.find(
    (each) => each.projectId === id && each.name === call.params[1],
  );
  if (rule === undefined) throw notFound();
  return rule;
}

function tagRule(call: Call, needed: number): ProtectedTag {
  const { id } = project(call, needed);
  const rule = call.instance.world.protectedTags.find((each) => each.projectId === id && each.name === call.params[1]);
  if (rule === undefined) throw notFound();
  return rule;
}

function branchBody(call: Call, rule: ProtectedBranch): Record<string, unknown> {
  return {
    id: rule.id,
    name: rule.name,
    push_access_levels: rowBodies(call, rule.push),
    merge_access_levels: rowBodies(call, rule.merge),
    allow_force_push: rule.allowForcePush,
  };
}

function tagBody(call: Call, rule: ProtectedTag): Record<string, unknown> {
  return { name: rule.name, create_access_levels: rowBodies(call, rule.create) };
}

const levelNames: Readonly<Record<number, string>> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Admins',
};

function rowBodies({ instance: { world } }: Call, list: readonly AccessRow[]): unknown[] {
  return list.map(({ id, accessLevel, deployKeyId }) => {
    const title = deployKeyId === null ? undefined : world.keys.get(deployKeyId)?.title;
    return {
      id,
      access_level: accessLevel,
      access_level_description: title ?? levelNames[accessLevel],
      deploy_key_id: deployKeyId,
    };
  });
}
