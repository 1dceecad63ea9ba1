/** The data sources: getProject, getCurrentUser, getMetadata. */
import { emptyOf, fromApi } from './names';
import { path, type Rest } from './rest';
import { functionSpec } from './schema';
import { isObject, type Props } from './wire';

type Source = (rest: Rest, token: string, args: Props) => Promise<Props>;

/** The provider asks for this in one line; GitLab's answer names global ids. */
const CURRENT_USER = 'query {currentUser {name, bot, groupCount, id, namespace{id}, publicEmail, username}}';

const sources: Readonly<Record<string, Source>> = {
  'gitlab:index/getProject:getProject': getProject,
  'gitlab:index/getCurrentUser:getCurrentUser': getCurrentUser,
  'gitlab:index/getMetadata:getMetadata': getMetadata,
};

export async function callFunction(rest: Rest, token: string, args: Props): Promise<Props> {
  const source = sources[token];
  if (source === undefined)
    throw new Error(`Cannot serve ${token}: the stand-in for the GitLab provider has no such function.`);
  return source(rest, token, args);
}

async function getProject(rest: Rest, token: string, { id, pathWithNamespace }: Props): Promise<Props> {
  const name = (id ?? pathWithNamespace) as string | number | undefined;
  if (name === undefined) throw new Error('Cannot find a project as neither id nor pathWithNamespace is given.');
  const answer = await rest.call('GET', path`/projects/${String(name)}`);
  await rest.find(path`/projects/${String(answer['id'])}/push_rule`);
  const { namespace, permissions, shared_with_groups: shares } = answer;
  const outputs = fromApi(answer, {}, functionSpec(token).outputs, {
    renamed: {
      tagLists: 'tag_list',
      licenses: 'license',
      visibilityLevel: 'visibility',
      links: '_links',
      publicBuilds: 'public_jobs',
    },
    own: ['permissions', 'licenses'],
  });
  return {
    ...outputs,
    ...(isObject(namespace) && { namespaceId: namespace['id'], namespaces: [namespaceRow(namespace)] }),
    permissions: isObject(permissions) ? [permissionRow(permissions)] : [],
    sharedWithGroups: Array.isArray(shares) ? shares.filter(isObject).map(shareRow) : [],
    markedForDeletion: typeof answer['marked_for_deletion_on'] === 'string',
  };
}

function namespaceRow(namespace: Props): Props {
  const { id, name, path: place, kind, full_path: fullPath } = namespace;
  return { id, name: name ?? '', path: place ?? '', kind: kind ?? '', fullPath: fullPath ?? '' };
}

function permissionRow(permissions: Props): Props {
  const access = (told: unknown): Props =>
    isObject(told) ? Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === 'number')) : {};
  return { projectAccess: access(permissions['project_access']), groupAccess: access(permissions['group_access']) };
}

function shareRow(share: Props): Props {
  return {
    groupId: share['group_id'],
    groupName: share['group_name'] ?? emptyOf('string'),
    groupFullPath: share['group_full_path'] ?? emptyOf('string'),
    groupAccessLevel: share['group_access_level'],
    groupAccessLevelName: '',
  };
}

async function getMetadata(rest: Rest): Promise<Props> {
  const { version, revision, kas, enterprise } = await rest.call('GET', '/metadata');
  const told = isObject(kas) ? kas : {};
  return {
    id: '1',
    version,
    revision,
    enterprise: enterprise === true,
    kas: {
      enabled: told['enabled'] === true,
      externalUrl: told['externalUrl'] ?? '',
      externalK8sProxyUrl: told['externalK8sProxyUrl'] ?? '',
      version: told['version'] ?? '',
    },
  };
}

async function getCurrentUser(rest: Rest): Promise<Props> {
  const { currentUser: user } = await rest.graphql(CURRENT_USER);
  if (!isObject(user) || !isObject(user['namespace']))
    throw new Error('Cannot tell the current user as GitLab names none with a namespace. Check gitlab:token.');
  const { id, name, username, bot, groupCount, publicEmail, namespace } = user;
  return {
    id: lastPart(id),
    globalId: id,
    globalNamespaceId: namespace['id'],
    namespaceId: lastPart(namespace['id']),
    name,
    username,
    bot: bot === true,
    groupCount: groupCount ?? 0,
    publicEmail: publicEmail ?? '',
  };
}

function lastPart(globalId: unknown): string {
  return String(globalId).replace(/^.*\//, '');
}
