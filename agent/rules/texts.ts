/** What people read. Defaults, which the configuration may replace; `{name}` is filled in. Pure. */
import type { AgentConfig, RepositoryConfig, TextName } from '../contract/configs';
import { printable } from '../contract/printable';

const defaults: Readonly<Record<TextName, string>> = {
  warn: 'This repository has moved to GitLab; soon this server takes no pushes.\nPlease switch now:\n  git remote set-url origin {url}',
  refuse:
    'This repository has moved to GitLab; this server takes no pushes.\nNothing was taken. Switch, then push again:\n  git remote set-url origin {url}\n  git push',
  brownout:
    'This repository has moved to GitLab; this is an announced rehearsal of\nthe day when this server takes no pushes. Switch, then push again:\n  git remote set-url origin {url}\n  git push',
  stale:
    'GitLab has newer commits on {refs}. They are here to be fetched.\nFetch, put yours on top, and push again:\n  git pull --rebase && git push',
  staleUnhealed:
    'GitLab has newer commits on {refs}, and this server could not be\nbrought level with it: {reason}\nNothing was taken. Switch to GitLab, and push again there:\n  git remote set-url origin {url}\n  git pull --rebase && git push',
  stopped:
    'GitLab no longer has commits that this server has: {reason}\nNothing was taken. Keep your commits, and ask the administrator: until\nthen pushes to {refs} are refused here.',
  unknown:
    'GitLab did not answer in time: whether it took {refs} is unknown.\nIt may still appear on both servers, never on one. In a minute, look:\n  git fetch',
  unreachable: 'GitLab cannot be reached: {reason}\nNothing was taken. Push again in a few minutes.',
  declined: 'GitLab declined this push; nothing was taken. GitLab says:\n{reason}',
  accepted: 'GitLab has {refs}.',
  damaged:
    'Cannot take this push: some objects that it needs are missing on this\nserver. Nothing was sent. Ask the administrator.',
  travelled:
    'Cannot take this push: this server and GitLab are not where they left\neach other, one of them was restored from a backup. Nothing was taken.\nAsk the administrator, then push again.',
  stateUnreadable:
    "Cannot take this push: git-handover's state cannot be read.\nNothing was taken. Ask the administrator, then push again.",
  retired: 'This repository has moved to GitLab and was retired here.\n  git remote set-url origin {url}',
};

export const textNames = Object.keys(defaults) as readonly TextName[];

/** The text with everything filled in. Control bytes never reach a terminal. */
export function text(
  config: Pick<AgentConfig, 'texts'>,
  name: TextName,
  repository: RepositoryConfig,
  fields: Readonly<Record<string, string>> = {},
): string {
  const all: Readonly<Record<string, string>> = {
    url: repository.peopleUrl,
    project: repository.project,
    repository: repository.path,
    push: `git push ${repository.peopleUrl}`,
    fetch: 'git fetch',
    ...fields,
  };
  const template = config.texts[name] ?? defaults[name];
  return printable(template.replace(/\{([a-z]+)\}/g, (whole, key: string) => all[key] ?? whole));
}
