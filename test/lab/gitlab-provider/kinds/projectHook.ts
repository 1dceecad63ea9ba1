/** gitlab:index/projectHook:ProjectHook */
import { halves, joined, type Kind } from '../kind';
import { fromApi, toApi, type Translation } from '../names';
import { path } from '../rest';
import { resourceSpec } from '../schema';

const spec = resourceSpec('gitlab:index/projectHook:ProjectHook');
/** GitLab never gives back the secrets, nor the values of headers and variables. */
const translation: Translation = { own: ['project', 'token', 'signingToken', 'customHeaders', 'urlVariables'] };

export const projectHook: Kind = {
  replaces: ['project', 'url'],

  async create(rest, inputs) {
    const { project, ...hook } = inputs;
    const answer = await rest.call('POST', path`/projects/${String(project)}/hooks`, toApi(hook, spec.inputs, {}));
    return joined(project, answer['id']);
  },

  async read(rest, id, known) {
    const [project, hookId] = halves(id);
    const answer = await rest.find(path`/projects/${project}/hooks/${hookId}`);
    if (answer === null) return null;
    const present = answer['signing_token_present'] ?? known['signingToken'] !== undefined;
    const outputs = fromApi(answer, { ...known, project }, spec.outputs, translation);
    return { ...outputs, hookId: Number(hookId), signingTokenPresent: present };
  },

  /** The URL goes along: GitLab wants it in each change of a hook. */
  async update(rest, id, { changed, news }) {
    const [project, hookId] = halves(id);
    await rest.call('PUT', path`/projects/${project}/hooks/${hookId}`, {
      url: news['url'],
      ...toApi(changed, spec.inputs, {}),
    });
  },

  async delete(rest, id) {
    const [project, hookId] = halves(id);
    await rest.remove(path`/projects/${project}/hooks/${hookId}`);
  },
};
