/** gitlab:index/project:Project */
import { until, type Kind } from '../kind';
import { fromApi, toApi, type Translation } from '../names';
import { path, type Rest } from '../rest';
import { resourceSpec } from '../schema';
import { isObject, type Props } from '../wire';
import { isGone, isMarked, removeForGood } from './group';

const spec = resourceSpec('gitlab:index/project:Project');
/** `pushRules` and `avatar` go other ways in GitLab; the stand-in refuses them. */
const UNSERVED = ['avatar', 'pushRules'];
const translation: Translation = {
  renamed: {
    visibilityLevel: 'visibility',
    publicJobs: 'public_jobs',
    containerExpirationPolicy: 'container_expiration_policy_attributes',
  },
  own: [
    'archiveOnDestroy',
    'permanentlyDeleteOnDestroy',
    'skipWaitForDefaultBranchProtection',
    'archived',
    'avatarHash',
    'importUrlUsername',
    'importUrlPassword',
    'pushRules',
    'importUrl',
  ],
};
/** Not taken by POST. */
const AFTER_CREATION = new Set([
  'issuesTemplate',
  'mergeRequestsTemplate',
  'mergePipelinesEnabled',
  'mergeTrainsEnabled',
  'mergeTrainsSkipTrainAllowed',
  'ciForwardDeploymentEnabled',
  'ciSeparatedCaches',
  'keepLatestArtifact',
]);

export const project: Kind = {
  named: true,

  async create(rest, inputs) {
    const first = Object.fromEntries(Object.entries(inputs).filter(([name]) => !AFTER_CREATION.has(name)));
    const answer = await rest.call('POST', '/projects', body(first));
    return String(answer['id']);
  },

  async settle(rest, id, inputs) {
    await importEnds(rest, id);
    if (inputs['archived'] === true) await rest.call('POST', path`/projects/${id}/archive`);
    if (inputs['skipWaitForDefaultBranchProtection'] !== true) await defaultBranchIsProtected(rest, id);
    const later = Object.fromEntries(Object.entries(inputs).filter(([name]) => AFTER_CREATION.has(name)));
    if (Object.keys(later).length > 0) await rest.call('PUT', path`/projects/${id}`, body(later));
  },

  async read(rest, id, known) {
    const answer = await rest.find(path`/projects/${id}`);
    if (answer === null || isMarked(answer)) return null;
    await rest.find(path`/projects/${id}/push_rule`);
    const namespace = answer['namespace'];
    const outputs = fromApi(answer, known, spec.outputs, translation);
    return {
      ...outputs,
      archived: answer['archived'] === true,
      ...(isObject(namespace) && { namespaceId: namespace['id'] }),
    };
  },

  async update(rest, id, { changed }) {
    const { namespaceId, archived, ...others } = changed;
    if (archived === false || archived === null) await rest.call('POST', path`/projects/${id}/unarchive`);
    if (namespaceId !== undefined && namespaceId !== null)
      await rest.call('PUT', path`/projects/${id}/transfer`, { namespace: namespaceId });
    const fields = body(others);
    if (Object.keys(fields).length > 0) await rest.call('PUT', path`/projects/${id}`, fields);
    if (archived === true) await rest.call('POST', path`/projects/${id}/archive`);
  },

  async delete(rest, id, state) {
    if (state['archiveOnDestroy'] === true) return void (await rest.call('POST', path`/projects/${id}/archive`));
    await rest.remove(path`/projects/${id}`);
    await until(rest, { what: 'the deletion of the project', timeoutMs: 600_000 }, () =>
      isGone(rest, path`/projects/${id}`),
    );
    if (state['permanentlyDeleteOnDestroy'] === true)
      await removeForGood(rest, path`/projects/${id}`, 'path_with_namespace');
  },
};

function body(inputs: Props): Props {
  const unserved = UNSERVED.find((name) => inputs[name] !== undefined);
  if (unserved !== undefined) throw new Error(`this stand-in cannot set ${unserved} of a project`);
  return { ...toApi(inputs, spec.inputs, translation), ...importFrom(inputs) };
}

function importFrom({ importUrl, importUrlUsername, importUrlPassword }: Props): Props {
  if (typeof importUrl !== 'string') return {};
  const url = new URL(importUrl);
  if (typeof importUrlUsername === 'string') url.username = importUrlUsername;
  if (typeof importUrlPassword === 'string') url.password = importUrlPassword;
  return { import_url: url.href };
}

async function importEnds(rest: Rest, id: string): Promise<void> {
  const made = await rest.call('GET', path`/projects/${id}`);
  if ((made['import_status'] ?? 'none') === 'none') return;
  await until(rest, { what: 'the import of the project', timeoutMs: 600_000 }, async () => {
    const answer = await rest.call('GET', path`/projects/${id}/import`);
    if (answer['import_status'] === 'failed') throw new Error(`the import failed: ${String(answer['import_error'])}`);
    return answer['import_status'] === 'finished';
  });
}

/**
 * GitLab protects the default branch in the background; a 404 means that there is no branch yet, so nothing to wait
 * for.
 */
async function defaultBranchIsProtected(rest: Rest, id: string): Promise<void> {
  const made = await rest.call('GET', path`/projects/${id}`);
  const branch = made['default_branch'];
  if (typeof branch !== 'string' || branch === '' || !(await isProtectionExpected(rest, made))) return;
  await until(rest, { what: `the protection of the default branch ${branch}`, timeoutMs: 120_000 }, async () => {
    const answer = await rest.find(path`/projects/${id}/repository/branches/${branch}`);
    return answer === null || answer['protected'] === true;
  });
}

async function isProtectionExpected(rest: Rest, made: Props): Promise<boolean> {
  const namespace = made['namespace'];
  if (isObject(namespace) && namespace['kind'] === 'group') {
    const group = await rest.call('GET', path`/groups/${Number(namespace['id'])}`);
    return group['default_branch_protection'] !== 0;
  }
  const user = await rest.call('GET', '/user');
  if (user['is_admin'] !== true) return true;
  const settings = await rest.call('GET', '/application/settings');
  return settings['default_branch_protection'] !== 0;
}
