/** gitlab:index/branchProtection:BranchProtection and gitlab:index/tagProtection:TagProtection */
import { halves, joined, type Kind } from '../kind';
import { levelName, levelNumber, snake } from '../names';
import { path, RestError, type Rest } from '../rest';
import { isObject, type Props } from '../wire';

/** Lists of exceptions: property and the API's names for sending and for reading it. */
const LISTS = [
  ['allowedToPushes', 'allowed_to_push', 'push_access_levels'],
  ['allowedToMerges', 'allowed_to_merge', 'merge_access_levels'],
  ['allowedToUnprotects', 'allowed_to_unprotect', 'unprotect_access_levels'],
] as const;

export const branchProtection: Kind = {
  replaces: ['project', 'branch', 'pushAccessLevel', 'mergeAccessLevel'],

  async create(rest, inputs) {
    const { project, branch } = inputs;
    await takeOver(rest, String(project), String(branch));
    const levels = {
      ...levelOf('push_access_level', inputs['pushAccessLevel']),
      ...levelOf('merge_access_level', inputs['mergeAccessLevel']),
    };
    await rest.call('POST', path`/projects/${String(project)}/protected_branches`, {
      name: branch,
      ...levels,
      ...changeable(inputs),
    });
    return joined(project, branch);
  },

  async read(rest, id, known) {
    const [project, branch] = halves(id);
    const answer = await rest.find(path`/projects/${project}/protected_branches/${branch}`);
    if (answer === null) return null;
    const lists = LISTS.map(([property, , read]): [string, Props[]] => [property, exceptions(answer[read])]);
    return {
      ...known,
      project,
      branch,
      branchProtectionId: answer['id'],
      allowForcePush: answer['allow_force_push'] === true,
      codeOwnerApprovalRequired: answer['code_owner_approval_required'] === true,
      pushAccessLevel: roleLevel(answer['push_access_levels']),
      mergeAccessLevel: roleLevel(answer['merge_access_levels']),
      ...Object.fromEntries(lists),
    };
  },

  async update(rest, id, { changed }) {
    const [project, branch] = halves(id);
    await rest.call('PATCH', path`/projects/${project}/protected_branches/${branch}`, changeable(changed));
  },

  /** A rule that is gone already is an error: somebody opened the branch behind our back. */
  async delete(rest, id) {
    const [project, branch] = halves(id);
    await rest.call('DELETE', path`/projects/${project}/protected_branches/${branch}`);
  },
};

export const tagProtection: Kind = {
  replaces: ['project', 'tag', 'createAccessLevel', 'allowedToCreates'],

  async create(rest, inputs) {
    const project = String(inputs['project']);
    const rule = {
      name: inputs['tag'],
      create_access_level: levelNumber(inputs['createAccessLevel'] ?? 'maintainer'),
      ...(inputs['allowedToCreates'] !== undefined && { allowed_to_create: sentRows(inputs['allowedToCreates']) }),
    };
    const make = (): Promise<Props> => rest.call('POST', path`/projects/${project}/protected_tags`, rule);
    await make().catch(async (error: unknown) => {
      if (!(error instanceof RestError)) throw error;
      await rest.call('DELETE', path`/projects/${project}/protected_tags/${String(inputs['tag'])}`).catch(() => {
        throw error;
      });
      return make();
    });
    return joined(project, inputs['tag']);
  },

  async read(rest, id, known) {
    const [project, tag] = halves(id);
    const answer = await rest.find(path`/projects/${project}/protected_tags/${tag}`);
    if (answer === null) return null;
    const allowed = exceptions(answer['create_access_levels']);
    return {
      ...known,
      project,
      tag,
      createAccessLevel: roleLevel(answer['create_access_levels']),
      ...(allowed.length > 0 && { allowedToCreates: allowed }),
    };
  },

  async delete(rest, id) {
    const [project, tag] = halves(id);
    await rest.remove(path`/projects/${project}/protected_tags/${tag}`);
  },
};

/** The rule that GitLab made for the default branch by itself is replaced; any other one in the way is an error. */
async function takeOver(rest: Rest, project: string, branch: string): Promise<void> {
  const rule = path`/projects/${project}/protected_branches/${branch}`;
  if ((await rest.find(rule)) === null) return;
  const { default_branch: defaultBranch } = await rest.call('GET', path`/projects/${project}`);
  if (defaultBranch !== branch)
    throw new Error(`a protection of ${branch} already exists in project ${project}; import it with: pulumi import`);
  await rest.call('DELETE', rule);
}

function changeable(inputs: Props): Props {
  const flags = ['allowForcePush', 'codeOwnerApprovalRequired'].filter((name) => inputs[name] !== undefined);
  const lists = LISTS.filter(([property]) => inputs[property] !== undefined);
  return Object.fromEntries([
    ...flags.map((name) => [snake(name), inputs[name] ?? false] as const),
    ...lists.map(([property, sent]) => [sent, sentRows(inputs[property])] as const),
  ]);
}

function levelOf(name: string, level: unknown): Props {
  return level === undefined ? {} : { [name]: levelNumber(level) };
}

function sentRows(rows: unknown): Props[] {
  const list = Array.isArray(rows) ? rows.filter(isObject) : [];
  return list.map((row) => {
    const named = Object.entries(row).filter(([name]) => name !== 'accessLevelDescription');
    return Object.fromEntries(
      named.map(([name, value]) => [snake(name), name === 'accessLevel' ? levelNumber(value) : value]),
    );
  });
}

function roleLevel(rows: unknown): string {
  const role = listed(rows).find((row) => !isException(row));
  return levelName(role?.['access_level'] ?? 0);
}

function exceptions(rows: unknown): Props[] {
  return listed(rows)
    .filter(isException)
    .map((row) => ({
      accessLevel: levelName(row['access_level']),
      accessLevelDescription: row['access_level_description'] ?? '',
      ...idOf('userId', row['user_id']),
      ...idOf('groupId', row['group_id']),
      ...idOf('deployKeyId', row['deploy_key_id']),
    }));
}

function idOf(name: string, id: unknown): Props {
  return typeof id === 'number' ? { [name]: id } : {};
}

function isException(row: Props): boolean {
  return ['user_id', 'group_id', 'deploy_key_id'].some((name) => typeof row[name] === 'number');
}

function listed(rows: unknown): Props[] {
  return Array.isArray(rows) ? rows.filter(isObject) : [];
}
