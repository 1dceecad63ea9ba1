/** A project as the API answers it. */
import { groupPath, levelIn, namespacePath, projectPath } from '../access';
import { sshUrl, webUrl } from '../instance';
import type { Instance } from '../instance';
import type { Project, User } from '../model';
import { sharedGroups } from './shares';

const defaults = {
  lfs_enabled: true,
  merge_method: 'merge',
  printing_merge_request_link_enabled: true,
  topics: [],
  issues_access_level: 'enabled',
  merge_requests_access_level: 'enabled',
  repository_access_level: 'enabled',
  builds_access_level: 'enabled',
  wiki_access_level: 'enabled',
  snippets_access_level: 'enabled',
  request_access_enabled: true,
  issues_enabled: true,
  merge_requests_enabled: true,
  wiki_enabled: true,
  snippets_enabled: true,
  jobs_enabled: true,
  packages_enabled: true,
  shared_runners_enabled: true,
  only_allow_merge_if_pipeline_succeeds: false,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  squash_option: 'default_off',
};

export function projectBody(instance: Instance, project: Project, viewer: User): Record<string, unknown> {
  const { world } = instance;
  const path = projectPath(world, project);
  const ownLevel = levelIn(world, project, viewer);
  return {
    ...defaults,
    ...(viewer.admin ? { repository_storage: 'default' } : {}),
    ...Object.fromEntries(project.settings),
    id: project.id,
    name: project.name,
    path: project.path,
    path_with_namespace: path,
    name_with_namespace: path.split('/').join(' / '),
    description: project.description,
    default_branch: project.defaultBranch,
    visibility: project.visibility,
    ssh_url_to_repo: sshUrl(instance, project),
    http_url_to_repo: `${webUrl(instance, project)}.git`,
    web_url: webUrl(instance, project),
    empty_repo: !project.hasBranches,
    archived: project.archived,
    import_status: 'none',
    creator_id: project.creatorId,
    namespace: namespaceBody(instance, project),
    permissions: { project_access: ownLevel === 0 ? null : { access_level: ownLevel }, group_access: null },
    created_at: project.createdAt,
    last_activity_at: project.createdAt,
    runners_token: null,
    marked_for_deletion_on: project.markedForDeletionOn,
    marked_for_deletion_at: project.markedForDeletionOn,
    shared_with_groups: sharedGroups(world, { kind: 'project', id: project.id }),
  };
}

function namespaceBody({ world }: Instance, project: Project): Record<string, unknown> {
  const group = world.groups.get(project.namespaceId);
  const path = namespacePath(world, project);
  if (group === undefined)
    return { id: project.namespaceId, kind: 'user', name: path, path, full_path: path, parent_id: null };
  return {
    id: group.id,
    kind: 'group',
    name: group.name,
    path: group.path,
    full_path: groupPath(world, group),
    parent_id: group.parentId,
  };
}
