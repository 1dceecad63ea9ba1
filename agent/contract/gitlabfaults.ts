/** What is wrong with GitLab, its settings or its answers. */
import { environment, ended, isOrAre, mistake } from './fault';

const project = 'code/app';

export const gitlabFaults = {
  noToken: mistake('no-token', () => [
    'Cannot use GitLab without a token: neither `gitlab:token` nor GITLAB_TOKEN is set.',
    'Run `pulumi config set --secret gitlab:token`.',
  ]),
  gitlabToken: mistake(
    'gitlab-token',
    ({ url }: { url: string }) => [
      `Cannot ask GitLab at ${url}: it does not accept the token, it answered 401.`,
      'Set a valid one: `pulumi config set --secret gitlab:token`.',
    ],
    { url: 'https://gitlab.example.org' },
  ),
  gitlabElsewhere: mistake(
    'gitlab-elsewhere',
    ({ url, before }: { url: string; before: string }) => [
      `Cannot give the token to ${url}: so far this stack's GitLab is at ${before}.`,
      `If GitLab has moved there, say so with \`gitlab.movedFrom: ${before}\`; else correct \`gitlab.url\`.`,
    ],
    { url: 'https://gitlab.example.net', before: 'https://gitlab.example.org' },
  ),
  gitlabRights: mistake(
    'gitlab-rights',
    ({ what, words }: { what: string; words: string }) => [
      ended(`Cannot ask GitLab (${what}): the token's user lacks the right: 403 ${words}`),
      'Give the user of `gitlab:token` the Maintainer role in the group, and the token the scope `api`.',
    ],
    { what: 'GET /groups/code', words: '{"message":"403 Forbidden"}' },
  ),
  gitlabApiUnreachable: environment(
    'gitlab-api-unreachable',
    ({ url, words }: { url: string; words: string }) => [
      ended(`Cannot ask GitLab: ${url} does not answer: ${words}`),
      'Check `gitlab.url` and that GitLab is up, then run it again.',
    ],
    { url: 'https://gitlab.example.org', words: 'ECONNREFUSED' },
  ),
  gitlabStatus: environment(
    'gitlab-status',
    ({ what, status, words }: { what: string; status: number; words: string }) => [
      ended(`Cannot ask GitLab (${what}): it answered ${status} ${words}`),
      'Look at GitLab, then run it again.',
    ],
    { what: 'GET /groups/code', status: 400, words: 'Bad Request' },
  ),
  gitlabFailing: environment(
    'gitlab-failing',
    ({ what, status, words }: { what: string; status: number; words: string }) => [
      ended(`Cannot ask GitLab (${what}): it keeps answering ${status} ${words}`),
      'Wait until GitLab is well again, then run it again.',
    ],
    { what: 'GET /groups/code', status: 502, words: 'Bad Gateway' },
  ),
  gitlabAnswer: environment(
    'gitlab-answer',
    ({ path, what }: { path: string; what: string }) => [
      `Cannot use GitLab's answer to ${path}: ${what}.`,
      'Check that `gitlab.url` leads to GitLab itself, not to a login page before it; look at GitLab and at what lies between, then run it again.',
    ],
    { path: '/groups/code/members', what: 'it is no JSON' },
  ),
  gitlabMissing: mistake(
    'gitlab-missing',
    ({ what, missing }: { what: string; missing: readonly string[] }) => [
      `Cannot find the ${what} ${missing.join(', ')}: GitLab does not know it, or does not show it to the token's user.`,
      'Correct the name in the configuration, or make it on GitLab first.',
    ],
    { what: 'group', missing: ['code'] },
  ),
  gitlabHostKey: mistake(
    'gitlab-host-key',
    ({ place }: { place: string }) => [
      `Cannot trust GitLab at ${place}: the host key that it shows to the old server is none of those pinned.`,
      'Read the keys on GitLab itself with `cat /etc/ssh/ssh_host_*_key.pub`, and correct `gitlab.sshHostKeys`.',
    ],
    { place: 'gitlab.example.org:22' },
  ),
  defaultProtection: mistake(
    'default-protection',
    ({ group }: { group: string }) => [
      `Cannot copy repositories into the group ${group}: GitLab protects their default branches by itself.`,
      'In the group under Settings, Repository, Default branch: choose "Fully unprotected"; put it back when all repositories are refuse or retired.',
    ],
    { group: 'code' },
  ),
  protectedRefs: mistake(
    'protected-refs',
    ({ project: path, refs }: { project: string; refs: readonly string[] }) => [
      `Cannot copy refs to ${path}: ${refs.join(', ')} ${isOrAre(refs)} protected, and none may be while they are copied.`,
      'Unprotect them under Settings, Repository of the project; `git-handover:protections` makes them again in the phase refuse.',
    ],
    { project, refs: ['branch main'] },
  ),
  projectGone: mistake(
    'project-gone',
    ({ project: path }: { project: string }) => [
      `Cannot push to ${path}: GitLab does not know the project, or does not show it to the token's user.`,
      'Look on GitLab for where it went, and bring it back or correct `gitlab.group` and the namespace.',
    ],
    { project },
  ),
  archived: mistake(
    'archived',
    ({ project: path }: { project: string }) => [
      `Cannot push to ${path}: the project is archived, GitLab refuses every push.`,
      'Unarchive it under Settings, General, Advanced of the project.',
    ],
    { project },
  ),
  deployKey: mistake(
    'deploy-key',
    ({ project: path, why }: { project: string; why: string }) => [
      `Cannot push to ${path}: the key of the old server ${why}, GitLab refuses every push.`,
      'Run `pulumi up --refresh`, which makes it anew; or let it write under Settings, Repository, Deploy keys of the project.',
    ],
    { project, why: 'may not write there' },
  ),
  foreignWriters: mistake(
    'foreign-writers',
    ({ project: path, writers }: { project: string; writers: readonly string[] }) => [
      `Cannot close ${path}: ${writers.join(', ')} can still push to it.`,
      'On GitLab, in Settings of the project: take the right to write from such a deploy key (Repository), revoke such a token (Access tokens); then run it again.',
    ],
    { project, writers: ['the deploy key CI', 'the access token bot (maintainer)'] },
  ),
  openProject: mistake(
    'open-project',
    ({ project: path, writers }: { project: string; writers: string }) => [
      `Cannot close ${path}: ${writers} can still push to it.`,
      "Lower them to Reporter in the project's members, then run it again.",
    ],
    { project, writers: 'grace' },
  ),
};
