/** gitlab:index/deployKey:DeployKey and gitlab:index/deployKeyEnable:DeployKeyEnable */
import { halves, joined, type Kind } from '../kind';
import { fromApi, toApi } from '../names';
import { path, type Rest } from '../rest';
import { resourceSpec } from '../schema';

const keySpec = resourceSpec('gitlab:index/deployKey:DeployKey');
const enableSpec = resourceSpec('gitlab:index/deployKeyEnable:DeployKeyEnable');

export const deployKey: Kind = {
  async create(rest, inputs) {
    const { project, key, ...others } = inputs;
    const sent = { ...toApi(others, keySpec.inputs, {}), key: String(key).trim() };
    const answer = await rest.call('POST', path`/projects/${String(project)}/deploy_keys`, sent);
    return joined(project, answer['id']);
  },

  async read(rest, id, known) {
    const [project, keyId] = halves(id);
    const answer = await rest.find(path`/projects/${project}/deploy_keys/${keyId}`);
    if (answer === null) return null;
    const outputs = fromApi(answer, { ...known, project }, keySpec.outputs, {});
    return { ...outputs, deployKeyId: Number(keyId), key: sameKey(known['key'], outputs['key']) };
  },

  delete: removeKey,
};

export const deployKeyEnable: Kind = {
  replaces: ['project', 'keyId'],

  async create(rest, { project, keyId }) {
    await rest.call('POST', path`/projects/${String(project)}/deploy_keys/${String(keyId)}/enable`);
    return joined(project, keyId);
  },

  async settle(rest, id, { canPush }) {
    if (canPush !== undefined) await setCanPush(rest, id, canPush);
  },

  async read(rest, id, known) {
    const [project, keyId] = halves(id);
    const answer = await rest.find(path`/projects/${project}/deploy_keys/${keyId}`);
    return answer && fromApi(answer, { ...known, project, keyId }, enableSpec.outputs, {});
  },

  async update(rest, id, { changed }) {
    await setCanPush(rest, id, changed['canPush'] ?? false);
  },

  delete: removeKey,
};

async function setCanPush(rest: Rest, id: string, canPush: unknown): Promise<void> {
  const [project, keyId] = halves(id);
  await rest.call('PUT', path`/projects/${project}/deploy_keys/${keyId}`, { can_push: canPush });
}

async function removeKey(rest: Rest, id: string): Promise<void> {
  const [project, keyId] = halves(id);
  await rest.remove(path`/projects/${project}/deploy_keys/${keyId}`);
}

/** GitLab may keep the key without the white space or the comment that it came with: that is no change. */
export function sameKey(known: unknown, told: unknown): unknown {
  const body = (key: unknown): string => String(key).trim().split(/\s+/).slice(0, 2).join(' ');
  return known !== undefined && body(known) === body(told) ? known : told;
}
