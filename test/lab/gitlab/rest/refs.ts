/** Branches and tags through the API: the same rules as over git, with protocol `web`. */
import { level, zeros } from '../model';
import type { Project } from '../model';
import { branchName, matchesPattern, tagName } from '../refnames';
import { isProtectedBranch } from '../rules';
import { defaultProtectionOf } from '../instance';
import { editRef } from '../webedit';
import { created, gone, ok, paged } from './router';
import { badRequest, forbidden, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { project } from './scope';

export const refRoutes: Routes = {
  'GET projects/:/repository/branches': async (call) => {
    const found = project(call);
    const refs = await call.instance.repositories.refs(found.id, 'refs/heads/');
    return paged(
      call,
      [...refs].map(([ref, oid]) => branchBody(call, found, { name: branchName(ref) ?? ref, oid })),
    );
  },
  'POST projects/:/repository/branches': createBranch,
  'GET projects/:/repository/branches/:': async (call) => {
    const found = project(call);
    return ok(branchBody(call, found, await named(call, found, 'heads')));
  },
  'DELETE projects/:/repository/branches/:': (call) => remove(call, 'heads'),
  'GET projects/:/repository/tags': async (call) => {
    const found = project(call);
    const refs = await call.instance.repositories.refs(found.id, 'refs/tags/');
    return paged(
      call,
      [...refs].map(([ref, oid]) => tagBody(call, found, { name: tagName(ref) ?? ref, oid })),
    );
  },
  'POST projects/:/repository/tags': createTag,
  'GET projects/:/repository/tags/:': async (call) => {
    const found = project(call);
    return ok(tagBody(call, found, await named(call, found, 'tags')));
  },
  'DELETE projects/:/repository/tags/:': (call) => remove(call, 'tags'),
};

interface Named {
  readonly name: string;
  readonly oid: string;
}

async function named(call: Call, found: Project, kind: 'heads' | 'tags'): Promise<Named> {
  const name = call.params[1] ?? '';
  const oid = await call.instance.repositories.value(found.id, `refs/${kind}/${name}`);
  if (oid === null) throw notFound(kind === 'heads' ? 'Branch' : 'Tag');
  return { name, oid };
}

async function createBranch(call: Call): Promise<Answer> {
  const found = project(call, level.developer);
  const name = call.fields.needText('branch');
  const oid = await call.instance.repositories.resolve(found.id, call.fields.needText('ref'));
  if (oid === null) throw badRequest('Invalid reference name');
  if (!(await call.instance.repositories.isBranchName(name))) throw badRequest('Branch name is invalid');
  if ((await call.instance.repositories.value(found.id, `refs/heads/${name}`)) !== null)
    throw badRequest('Branch already exists');
  await edit(call, found, { ref: `refs/heads/${name}`, before: zeros, after: oid });
  return created(branchBody(call, found, { name, oid }));
}

async function createTag(call: Call): Promise<Answer> {
  const found = project(call, level.developer);
  const { repositories } = call.instance;
  const name = call.fields.needText('tag_name');
  const commit = await repositories.resolve(found.id, call.fields.needText('ref'));
  if (commit === null) throw badRequest('Target ' + call.fields.needText('ref') + ' is invalid');
  if ((await repositories.value(found.id, `refs/tags/${name}`)) !== null)
    throw badRequest(`Tag ${name} already exists`);
  const message = call.fields.text('message');
  const oid = message === undefined ? commit : await repositories.annotate(found.id, { tag: name, commit, message });
  await edit(call, found, { ref: `refs/tags/${name}`, before: zeros, after: oid });
  return created(tagBody(call, found, { name, oid }));
}

async function remove(call: Call, kind: 'heads' | 'tags'): Promise<Answer> {
  const found = project(call, level.developer);
  const { name, oid } = await named(call, found, kind);
  await edit(call, found, { ref: `refs/${kind}/${name}`, before: oid, after: zeros });
  return gone();
}

async function edit(call: Call, found: Project, update: { ref: string; before: string; after: string }): Promise<void> {
  const refusal = await editRef(call.instance, { project: found, user: call.user, update });
  if (refusal === null) return;
  throw update.after === zeros ? forbidden(refusal) : badRequest(refusal);
}

function branchBody(
  { instance: { world, addresses } }: Call,
  found: Project,
  { name, oid }: Named,
): Record<string, unknown> {
  const access = {
    directory: world,
    project: found,
    empty: false,
    defaultProtection: defaultProtectionOf(world, found),
  };
  const rules = world.protectedBranches.filter(
    (rule) => rule.projectId === found.id && matchesPattern(rule.name, name),
  );
  const developers = (kind: 'push' | 'merge'): boolean =>
    rules.some((rule) => rule[kind].some((row) => row.accessLevel === level.developer));
  return {
    name,
    commit: { id: oid, short_id: oid.slice(0, 8) },
    merged: false,
    default: found.defaultBranch === name,
    protected: isProtectedBranch(access, name),
    developers_can_push: developers('push'),
    developers_can_merge: developers('merge'),
    web_url: `${addresses.url}/-/tree/${name}`,
  };
}

function tagBody({ instance: { world } }: Call, found: Project, { name, oid }: Named): Record<string, unknown> {
  const isProtected = world.protectedTags.some(
    (rule) => rule.projectId === found.id && matchesPattern(rule.name, name),
  );
  return { name, target: oid, message: '', commit: { id: oid }, release: null, protected: isProtected };
}
