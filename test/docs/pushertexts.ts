/** What pushers read unless `agent.texts` says otherwise. */
import type { RepositoryConfig } from '../../agent/contract/configs';
import { text, textNames } from '../../agent/rules/texts';
import { table } from './page';

const repository: RepositoryConfig = {
  path: '/srv/git/app.git',
  project: 'code/app',
  gitlabUrl: 'ssh://git@gitlab.example.org:22/code/app.git',
  peopleUrl: 'git@gitlab.example.org:code/app.git',
  namespaces: [],
  waivedNamespaces: [],
  hooksAfterPass: true,
  ciSkip: true,
  brownouts: [],
};

export function pusherTexts(): string[] {
  const rows = textNames.map((name) => [`\`${name}\``, text({ texts: {} }, name, repository)]);
  return table(['`agent.texts.…`', 'what it says'], rows);
}
