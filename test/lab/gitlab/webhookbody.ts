/** What GitLab says in a webhook about one ref (lib/gitlab/data_builder/push.rb). */
import { projectPath } from './access';
import { sshUrl, webUrl } from './instance';
import type { Instance } from './instance';
import { zeros } from './model';
import type { Project, User } from './model';
import type { HookEvent } from './standin';

const commitsMax = 20;

interface Told {
  readonly project: Project;
  readonly user: User;
  readonly event: HookEvent;
}

export async function webhookBody(instance: Instance, told: Told): Promise<Record<string, unknown>> {
  const { project, user, event } = told;
  const { kind, ref, before, after, pushOptions } = event;
  const { repositories } = instance;
  const deleted = after === zeros;
  const { total, commits } = await commitsOf(instance, told);
  return {
    object_kind: kind,
    event_name: kind,
    before,
    after,
    ref,
    checkout_sha: deleted ? null : await repositories.resolve(project.id, after),
    message: deleted || kind === 'push' ? null : await repositories.tagMessage(project.id, after),
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: '',
    user_avatar: null,
    project_id: project.id,
    project: projectFacts(instance, project),
    commits,
    total_commits_count: total,
    push_options: optionTree(pushOptions),
    repository: {
      name: project.name,
      url: sshUrl(instance, project),
      description: project.description,
      homepage: webUrl(instance, project),
      git_http_url: `${webUrl(instance, project)}.git`,
      git_ssh_url: sshUrl(instance, project),
      visibility_level: visibilityLevel(project),
    },
  };
}

/**
 * Of a new branch those that the default branch does not have; of a tag and of a deleted branch none. What git does not
 * find any more is left out.
 */
async function commitsOf(
  instance: Instance,
  { project, event: { kind, before, after } }: Told,
): Promise<{ total: number; commits: Record<string, unknown>[] }> {
  if (kind === 'tag_push' || after === zeros) return { total: 0, commits: [] };
  const head = await instance.repositories.resolve(project.id, `refs/heads/${project.defaultBranch}`);
  const notIn = before !== zeros ? before : head === after ? null : head;
  const found = await instance.repositories
    .commits(project.id, { after, notIn, countMax: commitsMax })
    .catch(() => ({ total: 0, newest: [] }));
  return {
    total: found.total,
    commits: found.newest.map((commit) => ({
      ...commit,
      title: commit.message.split('\n')[0],
      url: `${webUrl(instance, project)}/-/commit/${commit.id}`,
    })),
  };
}

/** The path is the one at the time of sending. */
function projectFacts(instance: Instance, project: Project): Record<string, unknown> {
  const path = projectPath(instance.world, project);
  const url = webUrl(instance, project);
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: url,
    avatar_url: null,
    git_ssh_url: sshUrl(instance, project),
    git_http_url: `${url}.git`,
    namespace: path.split('/').at(-2) ?? '',
    visibility_level: visibilityLevel(project),
    path_with_namespace: path,
    default_branch: project.defaultBranch,
    homepage: url,
    url: sshUrl(instance, project),
    ssh_url: sshUrl(instance, project),
    http_url: `${url}.git`,
  };
}

function visibilityLevel({ visibility }: Project): number {
  return { private: 0, internal: 10, public: 20 }[visibility];
}

/** `ci.skip` → { ci: { skip: true } } */
function optionTree(options: readonly string[]): Record<string, Record<string, unknown>> {
  const tree: Record<string, Record<string, unknown>> = {};
  for (const option of options) {
    const [, group, name, value] = /^([^.=]+)\.([^=]+)(?:=(.*))?$/.exec(option) ?? [];
    if (group !== undefined && name !== undefined) tree[group] = { ...tree[group], [name]: value ?? true };
  }
  return tree;
}
