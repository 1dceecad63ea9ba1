/** Projects. */
import { findGroup, groupPath, namespacePath, projectPath, canSee } from '../access';
import { level } from '../model';
import type { Project, Visibility } from '../model';
import { deleteInSteps, restore } from './deletion';
import type { Fields } from './fields';
import { projectBody } from './projectbody';
import { created, ok, paged } from './router';
import { badRequest, forbidden, notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { groupNamed, isAdmin, project } from './scope';

const visibilities: readonly Visibility[] = ['private', 'internal', 'public'];

/** Fields that are kept and answered as they came. */
const keptSettings = [
  'lfs_enabled',
  'merge_method',
  'printing_merge_request_link_enabled',
  'repository_storage',
  'topics',
  'issues_access_level',
  'merge_requests_access_level',
  'repository_access_level',
  'builds_access_level',
  'wiki_access_level',
  'snippets_access_level',
  'container_registry_access_level',
  'forking_access_level',
  'issues_enabled',
  'merge_requests_enabled',
  'wiki_enabled',
  'snippets_enabled',
  'jobs_enabled',
  'packages_enabled',
  'request_access_enabled',
  'shared_runners_enabled',
  'only_allow_merge_if_pipeline_succeeds',
  'only_allow_merge_if_all_discussions_are_resolved',
  'remove_source_branch_after_merge',
  'squash_option',
  'auto_devops_enabled',
  'keep_latest_artifact',
  'ci_config_path',
  'ci_default_git_depth',
  'emails_enabled',
  'autoclose_referenced_issues',
] as const;

export const projectRoutes: Routes = {
  'POST projects': createProject,
  'GET projects': (call) =>
    paged(
      call,
      visible(call).map((each) => projectBody(call.instance, each, call.user)),
    ),
  'GET projects/:': (call) => ok(projectBody(call.instance, project(call), call.user)),
  'PUT projects/:': updateProject,
  'DELETE projects/:': removeProject,
  'POST projects/:/restore': (call) => {
    const found = project(call, level.owner);
    restore(found);
    return created(projectBody(call.instance, found, call.user));
  },
  'POST projects/:/archive': (call) => setArchived(call, true),
  'POST projects/:/unarchive': (call) => setArchived(call, false),
  'PUT projects/:/transfer': transfer,
  'GET projects/:/import': (call) => ok({ id: project(call).id, import_status: 'none' }),
  'GET groups/:/projects': (call) => {
    const inside = groupNamed(call, call.params[0] ?? '', level.guest);
    return paged(
      call,
      visible(call)
        .filter((each) => each.namespaceId === inside.id)
        .map((each) => projectBody(call.instance, each, call.user)),
    );
  },
};

function visible({ instance: { world }, user }: Call): Project[] {
  return [...world.projects.values()].filter((each) => canSee(world, each, user));
}

async function createProject(call: Call): Promise<Answer> {
  const { fields, instance, user } = call;
  const name = fields.text('name') ?? fields.text('path');
  if (name === undefined) throw badRequest('name, path are missing, at least one parameter must be provided');
  const path = fields.text('path') ?? name.trim().replace(/[^A-Za-z0-9_.-]+/g, '-');
  const namespaceId = fields.integer('namespace_id') ?? user.namespaceId;
  needRoom(call, namespaceId, path);
  const { world } = instance;
  const made: Project = {
    id: world.nextId(),
    name,
    path,
    namespaceId,
    visibility: fields.choice('visibility', visibilities) ?? 'private',
    description: fields.text('description') ?? '',
    defaultBranch:
      world.groups.get(namespaceId)?.defaultBranch ??
      (world.settings.get('default_branch_name') as string | undefined) ??
      'main',
    archived: false,
    markedForDeletionOn: null,
    hasBranches: false,
    settings: new Map(),
    createdAt: new Date().toISOString(),
    creatorId: user.id,
  };
  keepSettings(made, fields);
  await instance.repositories.create(made.id, made.defaultBranch);
  world.projects.set(made.id, made);
  return created(projectBody(instance, made, user));
}

function needRoom(call: Call, namespaceId: number, path: string): void {
  const {
    instance: { world },
    user,
  } = call;
  if (namespaceId !== user.namespaceId) {
    const group = findGroup(world, String(namespaceId));
    if (group === null) throw badRequest({ namespace: ['is not valid'] });
    const creation = group.projectCreationLevel === 'maintainer' ? level.maintainer : level.developer;
    groupNamed(call, String(namespaceId), creation);
  }
  if (!/^[A-Za-z0-9_.-]+$/.test(path) || /^-|\.(git|atom)$|\.$/.test(path))
    throw badRequest({ path: ["can contain only letters, digits, '_', '-' and '.'."] });
  if (isTaken(call, namespaceId, path))
    throw badRequest({ name: ['has already been taken'], path: ['has already been taken'] });
}

function isTaken({ instance: { world } }: Call, namespaceId: number, path: string): boolean {
  const same = (other: string): boolean => other.toLowerCase() === path.toLowerCase();
  return (
    [...world.projects.values()].some((each) => each.namespaceId === namespaceId && same(each.path)) ||
    [...world.groups.values()].some((each) => each.parentId === namespaceId && same(each.path))
  );
}

async function updateProject(call: Call): Promise<Answer> {
  const found = project(call, level.maintainer);
  const { fields, instance, user } = call;
  const branch = fields.text('default_branch');
  if (branch !== undefined && branch !== found.defaultBranch) await setDefaultBranch(call, found, branch);
  const path = fields.text('path');
  if (path !== undefined && path !== found.path) needRoom(call, found.namespaceId, path);
  found.path = path ?? found.path;
  found.name = fields.text('name') ?? found.name;
  found.visibility = fields.choice('visibility', visibilities) ?? found.visibility;
  found.description = fields.has('description') ? (fields.text('description') ?? '') : found.description;
  keepSettings(found, fields);
  return ok(projectBody(instance, found, user));
}

async function setDefaultBranch({ instance: { repositories } }: Call, found: Project, branch: string): Promise<void> {
  const exists = (await repositories.value(found.id, `refs/heads/${branch}`)) !== null;
  if (!exists && (found.hasBranches || (await repositories.hasBranches(found.id))))
    throw badRequest({
      base: ["Could not set the default branch. Do you have a branch named '" + branch + "' in your repository?"],
    });
  await repositories.setHead(found.id, branch);
  found.defaultBranch = branch;
}

function keepSettings(found: Project, fields: Fields): void {
  for (const name of keptSettings.filter((each) => fields.has(each))) found.settings.set(name, fields.raw(name));
}

function removeProject(call: Call): Promise<Answer> {
  const found = project(call, level.owner);
  const { world, repositories } = call.instance;
  const remove = async (): Promise<void> => {
    world.removeProject(found.id);
    call.instance.keysChanged();
    await repositories.remove(found.id);
  };
  return deleteInSteps(call, { entry: found, fullPath: projectPath(world, found), remove });
}

function setArchived(call: Call, archived: boolean): Answer {
  const found = project(call, level.owner);
  found.archived = archived;
  return created(projectBody(call.instance, found, call.user));
}

function transfer(call: Call): Answer {
  const found = project(call, level.owner);
  const { world } = call.instance;
  const target = findGroup(world, call.fields.needText('namespace'));
  if (target === null) throw notFound('Namespace');
  if (!isAdmin(call.user) && groupPath(world, target) === namespacePath(world, found)) throw forbidden();
  needRoom(call, target.id, found.path);
  found.namespaceId = target.id;
  return ok(projectBody(call.instance, found, call.user));
}
